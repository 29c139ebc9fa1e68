import type { Node, YAMLMap } from "yaml";
import { type Built, type ListItem, listOf, type Part, valueIn } from "./assemble.ts";
import { buildEach, eachOf } from "./build-each.ts";
import { buildObjectOf } from "./build-object.ts";
import { buildReference } from "./build-reference.ts";
import { bindLets, compileCondition, compileLets } from "./compile-scope.ts";
import type { NamedTable, Place } from "./compiled.ts";
import { convertedLeaf, literalFor } from "./convert-value.ts";
import type { ElementContext } from "./element-context.ts";
import { type Binding, type ElementType, elementsOf, isPrimitive } from "./element-types.ts";
import { compileExpression, expressionIn } from "./expression.ts";
import { didYouMean } from "./suggest.ts";
import { entriesOf, mapOf, scalarOf, seqOf } from "./yaml-source.ts";

/** An object to be compiled: its FHIR type, where it stands, keys that are no elements, and the codes its CodeableConcept or Coding is bound to. */
export interface ObjectShape {
  readonly type: string;
  readonly path: string;
  readonly skip: ReadonlySet<string>;
  readonly binding?: Binding;
}

/** Where a value stands: its element with the path to it, and its line in the template. */
interface Spot {
  readonly element: ElementType;
  readonly path: string;
  readonly line: number;
}

const nothing: Built = { constant: undefined };
const directives = new Set(["$if", "$let", "$each", "$on", "$join", "$value", "$ref"]);
const onlyBesideEach = ["$on", "$join", "$value"];

/** Tells what is wrong with a value; nothing is built of it. */
function wrong({ path, line }: Spot, context: ElementContext, reason: string): Built {
  context.problems.push({ file: context.source.file, line, reason: `${path} ${reason}` });
  return nothing;
}

/** Compiles the fields of an object (a resource, data type or backbone element). */
export function buildFields(map: YAMLMap, shape: ObjectShape, context: ElementContext): Built {
  const { type, path, skip, binding } = shape;
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
    const known = elements.get(key);
    if (known === undefined) {
      const reason = `${type} has no element ${key}${didYouMean(key, elements.keys())}`;
      problems.push({ file: source.file, line: at, reason });
      continue;
    }
    const element = binding === undefined ? known : boundElement(known, binding, map);
    parts.push({ name: key, element, built: buildElement(value, { element, path: `${path}.${key}`, line: at }, context) });
  }
  return buildObjectOf(parts, elements, { mapping: context.mapping, line, element: path }, (reason) =>
    problems.push({ file: source.file, line, reason }),
  );
}

/** The binding of a CodeableConcept is that of its Codings; in a Coding of the bound system it is that of the code. Codings of other systems may stand beside. */
function boundElement(element: ElementType, binding: Binding, map: YAMLMap): ElementType {
  if (element.name === "coding") return { ...element, binding };
  const system = scalarOf(map.get("system", true))?.value;
  return element.name === "code" && system === binding.system ? { ...element, codes: binding.codes } : element;
}

function buildElement(node: Node | null, spot: Spot, context: ElementContext): Built {
  const list = seqOf(node);
  const { repeats } = spot.element;
  if (list === undefined) {
    const one = buildItem(node, spot, context);
    return repeats ? listOf([one]) : one.built;
  }
  if (!repeats) return wrong(spot, context, "may stand only once, so it takes no list");
  return listOf(list.items.map((item) => buildItem(item as Node, { ...spot, line: context.source.lineOf(item) }, context)));
}

/** One value, or with `$each` the values of all rows. */
function buildItem(node: Node | null, spot: Spot, context: ElementContext): ListItem {
  const map = mapOf(node);
  if (map === undefined || eachOf(map) === undefined) return { built: buildOne(node, spot, context), many: false };
  const built = buildEach(map, spot.element, context, (rows, inside) => buildOne(rows, spot, inside));
  if ("wrong" in built) return { built: wrong(spot, context, built.wrong), many: false };
  return { built, many: !map.has("$join") };
}

function buildOne(node: Node | null, spot: Spot, context: ElementContext): Built {
  const { element, path, line } = spot;
  const map = mapOf(node);
  if (map !== undefined) return buildObject(map, spot, context);
  const scalar = scalarOf(node);
  if (scalar === undefined || scalar.value === null) return wrong(spot, context, "is empty: give it a value or leave it out");
  if (typeof scalar.value !== "string" || !/\{\{|\}\}/.test(scalar.value)) {
    const literal = literalFor(element, scalar.value, scalar.text);
    return "unsuitable" in literal ? wrong(spot, context, literal.unsuitable) : { constant: literal.value };
  }
  const expression = expressionIn(scalar.value);
  if (expression === undefined) return wrong(spot, context, "mixes text and {{ }}; write one expression, joining with &");
  const place: Place = { mapping: context.mapping, line, element: path };
  const compiled = compileExpression(expression, context.env, place);
  if ("wrong" in compiled) return wrong(spot, context, compiled.wrong);
  const stray = strayCode(compiled.codesOf, element);
  if (stray !== undefined) return wrong(spot, context, stray);
  const placed = compiled.column === undefined ? place : { ...place, column: compiled.column };
  return { build: convertedLeaf(compiled.leaf, element, placed, compiled.column) };
}

/** A line of a code table that gives a code its element may not have: better told now than at the first row that has it. */
function strayCode(named: NamedTable | undefined, { codes }: ElementType): string | undefined {
  const stray = codes === undefined ? undefined : named?.table.codes.find(({ code }) => !codes.has(code));
  if (named === undefined || codes === undefined || stray === undefined) return undefined;
  return `takes codes of the table ${named.name}, whose line ${stray.line} gives ${stray.code}; it may be ${[...codes].join(", ")}`;
}

function buildObject(map: YAMLMap, spot: Spot, context: ElementContext): Built {
  const entries = entriesOf(context.source, map);
  const misplaced = directiveProblem(entries.map(({ key }) => key));
  if (misplaced !== undefined) return wrong(spot, context, misplaced);
  const { env, lets, checkUsed } = compileLets(map, spot.path, context);
  const inside = { ...context, env };
  const condition = compileCondition(map, spot.path, inside);
  const value = entries.find(({ key }) => key === "$value");
  const built =
    value === undefined ? buildContent(map, spot, inside) : buildOne(value.value, { ...spot, line: value.line }, inside);
  checkUsed();
  if (condition === undefined && lets.length === 0) return built;
  return {
    build(scope) {
      bindLets(lets, scope);
      if (condition !== undefined && condition(scope) !== true) return undefined;
      return valueIn(built, scope);
    },
  };
}

function directiveProblem(keys: readonly string[]): string | undefined {
  const unknown = keys.find((key) => key.startsWith("$") && !directives.has(key));
  if (unknown !== undefined) return `has an unknown directive ${unknown}${didYouMean(unknown, directives)}`;
  const alone = keys.includes("$each") ? undefined : keys.find((key) => onlyBesideEach.includes(key));
  return alone === undefined ? undefined : `has ${alone}, which means something only beside $each`;
}

/** The elements of an object and, with `$ref`, the reference beside them. */
function buildContent(map: YAMLMap, spot: Spot, context: ElementContext): Built {
  const { element, path } = spot;
  if (isPrimitive(element.type)) return wrong(spot, context, `is a ${element.type}, not an object`);
  const { binding } = element;
  const shape = { type: element.type, path, skip: directives, ...(binding === undefined ? {} : { binding }) };
  const name = scalarOf(map.get("$ref", true))?.value;
  if (name === undefined) return buildFields(map, shape, context);
  if (element.type !== "Reference") return wrong(spot, context, "is no Reference, so $ref cannot fill it");
  const place = { mapping: context.mapping, line: context.source.lineOf(map), element: path };
  const reference = buildReference(String(name), place, context);
  if ("wrong" in reference) return wrong(spot, context, reference.wrong);
  const besides = entriesOf(context.source, map).some(({ key }) => !directives.has(key));
  return besides ? withFields(reference, buildFields(map, shape, context)) : reference;
}

/** A reference with what stands beside it (`display`); without a reference the others remain. */
function withFields(reference: Built, fields: Built): Built {
  return {
    build(scope) {
      const target = valueIn(reference, scope);
      const others = valueIn(fields, scope);
      return target === undefined ? others : { ...(target as object), ...(others as object | undefined) };
    },
  };
}
