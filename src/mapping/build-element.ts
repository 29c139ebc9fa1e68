import type { Node, YAMLMap } from "yaml";
import { type Built, listOf, objectLeaf, type Part } from "./assemble.ts";
import { type Place, tell, type Value } from "./compiled.ts";
import { convertedLeaf, literalFor } from "./convert-value.ts";
import { type ElementType, elementsOf, isPrimitive } from "./element-types.ts";
import { compileExpression } from "./expression.ts";
import type { Environment } from "./expression-names.ts";
import { type IdentityRule, identityOf } from "./identity.ts";
import type { MappingProblem } from "./mapped.ts";
import { entriesOf, mapOf, scalarOf, seqOf, type YamlSource } from "./yaml-source.ts";

/** What is needed to compile the elements of one emitted resource. */
export interface ElementContext {
  readonly source: YamlSource;
  readonly mapping: string;
  readonly env: Environment;
  readonly rules: ReadonlyMap<string, IdentityRule>;
  /** The environment inside `$each: name`. */
  readonly each: (name: string) => Environment | undefined;
  readonly problems: MappingProblem[];
}

const nothing: Built = { constant: undefined };

/** The leaf of `{{ … }}`, or undefined when the text is a literal; a half-open pair of braces is a problem. */
export function expressionIn(text: string): string | undefined {
  return /^\{\{([\s\S]*)\}\}$/.exec(text.trim())?.[1]?.trim();
}

/** Compiles the fields of an object of `type` (a resource, data type or backbone element). `skip` names keys that are no elements. */
export function buildFields(
  map: YAMLMap,
  type: string,
  path: string,
  context: ElementContext,
  skip: ReadonlySet<string>,
): Built {
  const elements = elementsOf(type);
  const line = context.source.lineOf(map);
  const { problems, source } = context;
  if (elements === undefined) {
    problems.push({ file: source.file, line, reason: `${path}: mappings cannot fill the type ${type}` });
    return nothing;
  }
  const parts: Part[] = [];
  for (const { key, value, line: at } of entriesOf(source, map)) {
    if (skip.has(key)) continue;
    const element = elements.get(key);
    if (element === undefined) problems.push({ file: source.file, line: at, reason: `${type} has no element ${key}` });
    else parts.push({ name: key, element, built: buildElement(value, element, `${path}.${key}`, at, context) });
  }
  const names = new Set(parts.map((part) => part.element.choice ?? part.name));
  const needed = new Set(
    [...elements.values()].filter((element) => element.required).map((element) => element.choice ?? element.name),
  );
  for (const name of needed)
    if (!names.has(name))
      problems.push({ file: source.file, line, reason: `${path}.${name} is required and nothing fills it` });
  if (parts.every((part) => "constant" in part.built)) {
    const entries = parts
      .map((part) => [part.name, (part.built as { constant: Value }).constant])
      .filter(([, value]) => value !== undefined);
    return { constant: entries.length === 0 ? undefined : Object.freeze(Object.fromEntries(entries)) };
  }
  return { build: objectLeaf(parts, needed, { mapping: context.mapping, line, element: path }) };
}

function buildElement(node: Node | null, element: ElementType, path: string, line: number, context: ElementContext): Built {
  const wrong = (reason: string): Built => {
    context.problems.push({ file: context.source.file, line, reason: `${path} ${reason}` });
    return nothing;
  };
  const list = seqOf(node);
  if (list !== undefined) {
    if (!element.repeats) return wrong("may stand only once, so it takes no list");
    return listOf(list.items.map((item) => buildOne(item as Node, element, path, context.source.lineOf(item), context)));
  }
  const map = mapOf(node);
  const each = map === undefined ? undefined : entriesOf(context.source, map).find((entry) => entry.key === "$each");
  if (map !== undefined && each !== undefined) {
    if (!element.repeats) return wrong("may stand only once, so $each cannot fill it");
    return buildEach(map, String(scalarOf(each.value)?.value), element, path, context, wrong);
  }
  const one = buildOne(node, element, path, line, context);
  return element.repeats ? listOf([one]) : one;
}

/** Joined rows become the values of a repeating element. */
function buildEach(
  map: YAMLMap,
  name: string,
  element: ElementType,
  path: string,
  context: ElementContext,
  wrong: (reason: string) => Built,
): Built {
  const env = context.each(name);
  if (env === undefined) return wrong(`repeats over ${name}, which is not in "with"`);
  const one = buildOne(map, element, path, context.source.lineOf(map), { ...context, env });
  return {
    build(scope) {
      const before = scope.row;
      const values: Value[] = [];
      for (const row of scope.sheet.joined.get(name) ?? []) {
        scope.row = row;
        const value = "constant" in one ? one.constant : one.build(scope);
        if (value !== undefined) values.push(value);
      }
      scope.row = before;
      return values.length === 0 ? undefined : values;
    },
  };
}

function buildOne(node: Node | null, element: ElementType, path: string, line: number, context: ElementContext): Built {
  const wrong = (reason: string): Built => {
    context.problems.push({ file: context.source.file, line, reason: `${path} ${reason}` });
    return nothing;
  };
  const map = mapOf(node);
  if (map !== undefined)
    return isPrimitive(element.type)
      ? wrong(`is a ${element.type}, not an object`)
      : buildObject(map, element, path, context, wrong);
  const scalar = scalarOf(node);
  if (scalar === undefined || scalar.value === null) return wrong("is empty");
  if (typeof scalar.value !== "string" || !/\{\{|\}\}/.test(scalar.value)) {
    const literal = literalFor(element, scalar.value, scalar.text);
    return "unsuitable" in literal ? wrong(literal.unsuitable) : { constant: literal.value };
  }
  const expression = expressionIn(scalar.value);
  if (expression === undefined) return wrong("mixes text and {{ }}; write one expression, joining with &");
  const place: Place = { mapping: context.mapping, line, element: path };
  const compiled = compileExpression(expression, context.env, place);
  if ("wrong" in compiled) return wrong(compiled.wrong);
  const placed = compiled.column === undefined ? place : { ...place, column: compiled.column };
  return { build: convertedLeaf(compiled.leaf, element, placed, compiled.column) };
}

const directives = new Set(["$if", "$each", "$ref"]);

function buildObject(
  map: YAMLMap,
  element: ElementType,
  path: string,
  context: ElementContext,
  wrong: (reason: string) => Built,
): Built {
  const entries = entriesOf(context.source, map);
  for (const { key } of entries)
    if (key.startsWith("$") && !directives.has(key)) return wrong(`has an unknown directive ${key}`);
  const of = (key: string) => entries.find((entry) => entry.key === key);
  const reference = of("$ref");
  const built =
    reference === undefined
      ? buildFields(map, element.type, path, context, directives)
      : buildReference(String(scalarOf(reference.value)?.value), element, path, context, wrong);
  const condition = of("$if");
  if (condition === undefined) return built;
  const text = String(scalarOf(condition.value)?.value ?? "");
  const test = compileExpression(expressionIn(text) ?? text, context.env, {
    mapping: context.mapping,
    line: condition.line,
    element: path,
  });
  if ("wrong" in test) return wrong(`$if ${test.wrong}`);
  return {
    build: (scope) => (test.leaf(scope) === true ? ("constant" in built ? built.constant : built.build(scope)) : undefined),
  };
}

function buildReference(
  type: string,
  element: ElementType,
  path: string,
  context: ElementContext,
  wrong: (reason: string) => Built,
): Built {
  const rule = context.rules.get(type);
  if (element.type !== "Reference") return wrong("is no Reference, so $ref cannot fill it");
  if (rule === undefined) return wrong(`refers to ${type}, which has no entry in ids`);
  const place: Place = { mapping: context.mapping, line: 0, element: path };
  return {
    build(scope) {
      const identity = identityOf(rule, scope);
      if (identity === undefined) {
        tell(
          scope,
          { severity: "error", code: "missing-key", reason: `no key of ${type} is complete, so ${path} cannot name it` },
          place,
        );
        return undefined;
      }
      scope.sheet.references.set(identity.id, {
        type: rule.type as "Patient",
        id: identity.id,
        kind: identity.kind,
        key: identity.key,
      });
      return { reference: `${rule.type}/${identity.id}` };
    },
  };
}
