import type { YAMLMap } from "yaml";
import { buildFields, type ElementContext, expressionIn } from "./build-element.ts";
import type { Leaf } from "./compiled.ts";
import type { Emission } from "./compiled-template.ts";
import { compileExpression } from "./expression.ts";
import type { Environment } from "./expression-names.ts";
import type { IdentityRule } from "./identity.ts";
import { entriesOf, mapOf, scalarOf, seqOf, type YamlSource } from "./yaml-source.ts";

/** One entry of `emit` as written. */
export interface EmitNode {
  readonly map: YAMLMap;
  readonly type: string;
  readonly each: string | undefined;
}

/** The entries of `emit`, in order. */
export function emitNodes(source: YamlSource): EmitNode[] {
  const list = seqOf(source.root.get("emit", true))?.items ?? [];
  return list.flatMap((item) => {
    const map = mapOf(item);
    if (map === undefined) return [];
    const text = (key: string) => scalarOf(map.get(key, true))?.value;
    const each = text("$each");
    return [{ map, type: String(text("resourceType")), each: each === undefined ? undefined : String(each) }];
  });
}

const emissionDirectives = new Set(["resourceType", "$if", "$each", "$let"]);

/** Compiles one entry of `emit`: its `$let`s in order, `$if`, and the fields. */
export function compileEmission(emit: EmitNode, context: ElementContext): Emission {
  const { source, mapping, problems } = context;
  const lets = new Map<string, number>();
  const env: Environment = { ...context.env, lets };
  const inside = { ...context, env };
  const compiledLets: { slot: number; leaf: Leaf }[] = [];
  const letMap = mapOf(emit.map.get("$let", true));
  for (const { key, value, line } of letMap === undefined ? [] : entriesOf(source, letMap)) {
    const text = String(scalarOf(value)?.value ?? "");
    const compiled = compileExpression(expressionIn(text) ?? text, env, { mapping, line, element: `${emit.type} $let ${key}` });
    if ("wrong" in compiled) problems.push({ file: source.file, line, reason: `$let ${key} ${compiled.wrong}` });
    else compiledLets.push({ slot: lets.size, leaf: compiled.leaf });
    lets.set(key, lets.size);
  }
  const line = source.lineOf(emit.map);
  const condition = scalarOf(emit.map.get("$if", true));
  const test =
    condition === undefined
      ? undefined
      : compileExpression(expressionIn(String(condition.value)) ?? String(condition.value), env, {
          mapping,
          line,
          element: emit.type,
        });
  if (test !== undefined && "wrong" in test) problems.push({ file: source.file, line, reason: `$if ${test.wrong}` });
  return {
    type: emit.type,
    rule: context.rules.get(emit.type) as IdentityRule,
    ...(emit.each === undefined ? {} : { each: emit.each }),
    ...(test === undefined || "wrong" in test ? {} : { condition: test.leaf }),
    lets: compiledLets,
    fields: buildFields(emit.map, emit.type, emit.type, inside, emissionDirectives),
    place: { mapping, line, element: emit.type },
  };
}
