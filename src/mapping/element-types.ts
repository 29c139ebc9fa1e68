import { readFileSync } from "node:fs";

/** What R4 says about one element that a mapping may fill. */
export interface ElementType {
  /** Name as in a resource: for a choice the concrete one, `valueQuantity`. */
  readonly name: string;
  readonly required: boolean;
  readonly repeats: boolean;
  /** `Quantity`, `dateTime`, `Observation.referenceRange`, … */
  readonly type: string;
  /** Codes of a required binding; undefined when any code is allowed. */
  readonly codes?: ReadonlySet<string>;
  /** The required binding of a Coding or CodeableConcept. */
  readonly binding?: Binding;
  /** `value[x]` when the element is one spelling of a choice. */
  readonly choice?: string;
}

/** Codes that a code of `system` must be one of. */
export interface Binding {
  readonly system: string;
  readonly codes: ReadonlySet<string>;
}

type Written = Readonly<Record<string, Readonly<Record<string, string>>>>;

let written: Written | undefined;
const known = new Map<string, ReadonlyMap<string, ElementType>>();

/** Elements of a resource or data type by name; undefined when mappings cannot fill that type. Source: R4 StructureDefinitions, reduced by scripts/make-element-types.ts. */
export function elementsOf(type: string): ReadonlyMap<string, ElementType> | undefined {
  const cached = known.get(type);
  if (cached !== undefined) return cached;
  written ??= JSON.parse(readFileSync(new URL("./element-types.json", import.meta.url), "utf8")) as Written;
  const lines = written[type];
  if (lines === undefined) return undefined;
  const elements = new Map(
    Object.entries(lines).flatMap(([name, line]) => spellings(name, line).map((one) => [one.name, one])),
  );
  known.set(type, elements);
  return elements;
}

/** Every type that mappings can fill, resources among them. */
export function fillableTypes(): readonly string[] {
  written ??= JSON.parse(readFileSync(new URL("./element-types.json", import.meta.url), "utf8")) as Written;
  return Object.keys(written);
}

/** Every resource type that mappings can make. */
export function resourceTypes(): readonly string[] {
  return fillableTypes().filter((type) => !type.includes(".") && elementsOf(type)?.has("meta") === true);
}

/** True for the R4 types that are a single JSON value. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

function spellings(name: string, line: string): ElementType[] {
  const [cardinality = "", types = "", codes, system] = line.split(" ");
  const bound = codes === undefined ? undefined : new Set(codes.split("|"));
  const shape = {
    required: cardinality.startsWith("1"),
    repeats: cardinality.endsWith("*"),
    ...(bound === undefined ? {} : system === undefined ? { codes: bound } : { binding: { system, codes: bound } }),
  };
  if (!name.endsWith("[x]")) return [{ name, type: types, ...shape }];
  const stem = name.slice(0, -3);
  return types
    .split("|")
    .map((type) => ({ name: stem + type.charAt(0).toUpperCase() + type.slice(1), type, choice: name, ...shape }));
}
