import r4 from "fhirpath/fhir-context/r4";

/** What the FHIRPath engine knows of R4: each element's type, the types of a choice, elements that are defined elsewhere, and what each type builds on. */
const model = r4 as unknown as {
  readonly path2Type: Readonly<Record<string, string>>;
  readonly choiceTypePaths: Readonly<Record<string, readonly string[]>>;
  readonly pathsDefinedElsewhere: Readonly<Record<string, string>>;
  readonly type2Parent: Readonly<Record<string, string>>;
  readonly availableTypes: ReadonlySet<string>;
};

/** Elements without a name of their own for their type: their path is it. */
const nameless = new Set(["BackboneElement", "Element"]);

/** Whether R4 has a type of this name. */
export function hasType(name: string): boolean {
  return model.availableTypes.has(name);
}

/** The types an element may have (`Observation.value`: several); a backbone element is its own type. Undefined when the type has no such element. */
export function elementTypes(type: string, name: string): readonly string[] | undefined {
  const direct = `${type}.${name}`;
  const path = model.pathsDefinedElsewhere[direct] ?? direct;
  const choice = model.choiceTypePaths[path];
  if (choice !== undefined) return choice.map(plainName);
  const found = model.path2Type[path];
  if (found !== undefined) return [nameless.has(found) ? path : found];
  const parent = type.includes(".") ? "BackboneElement" : model.type2Parent[type];
  return parent === undefined ? undefined : elementTypes(parent, name);
}

/** `DateTime` in the name of a choice is the type `dateTime`. */
function plainName(type: string): string {
  return hasType(type) ? type : `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
}
