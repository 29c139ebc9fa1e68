import type { YAMLMap } from "yaml";
import { buildFields } from "./build-element.ts";
import { compileCondition, compileLets } from "./compile-scope.ts";
import type { Emission } from "./compiled-template.ts";
import type { ElementContext } from "./element-context.ts";
import type { IdentityRule } from "./identity.ts";
import { mapOf, scalarOf, seqOf, type YamlSource } from "./yaml-source.ts";

/** One entry of `emit` as written. */
export interface EmitNode {
  readonly map: YAMLMap;
  /** Its place in `emit`, from 0. */
  readonly index: number;
  readonly type: string;
  /** Its entry in `ids`: `$id`, or the type. */
  readonly id: string;
  readonly each: string | undefined;
}

/** The entries of `emit`, in order. */
export function emitNodes(source: YamlSource): EmitNode[] {
  const list = seqOf(source.root.get("emit", true))?.items ?? [];
  return list.flatMap((item, index) => {
    const map = mapOf(item);
    if (map === undefined) return [];
    const text = (key: string) => scalarOf(map.get(key, true))?.value;
    const each = text("$each");
    const type = String(text("resourceType"));
    return [{ map, index, type, id: String(text("$id") ?? type), each: each === undefined ? undefined : String(each) }];
  });
}

const emissionDirectives = new Set(["resourceType", "$id", "$if", "$each", "$let"]);

/** Compiles one entry of `emit`: its `$let`s in order, `$if`, and the fields. */
export function compileEmission(emit: EmitNode, context: ElementContext): Emission {
  const { source, mapping } = context;
  const { env, lets, checkUsed } = compileLets(emit.map, emit.type, context);
  const inside = { ...context, env };
  const condition = compileCondition(emit.map, emit.type, inside);
  const slot = emit.each === undefined ? undefined : env.around?.get(emit.each)?.slot;
  const fields = buildFields(emit.map, { type: emit.type, path: emit.type, skip: emissionDirectives }, inside);
  checkUsed();
  return {
    type: emit.type,
    rule: context.rules.get(emit.id) as IdentityRule,
    ...(emit.each === undefined ? {} : { each: emit.each }),
    ...(slot === undefined ? {} : { slot }),
    ...(condition === undefined ? {} : { condition }),
    lets,
    fields,
    place: { mapping, line: source.lineOf(emit.map), element: emit.type },
  };
}
