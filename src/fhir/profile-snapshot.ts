import type { ElementDefinition, StructureDefinition } from "@medplum/fhirtypes";

/** The elements of a base type or data type by its name. */
export type ElementsOf = (type: string) => readonly ElementDefinition[] | undefined;

/**
 * All elements of a profile: those of its base with the differential laid over them. An element below a data type (`Observation.code.text`)
 * is added where the profile names it; extension slices tell their address. Throws when the differential names what the base does not have.
 */
export function snapshotOf(profile: StructureDefinition, elementsOf: ElementsOf): ElementDefinition[] {
  const base = elementsOf(profile.type ?? "");
  if (base === undefined) throw new Error(`${profile.url}: no base type ${profile.type}`);
  const elements = [...base];
  for (const change of profile.differential?.element ?? []) {
    const at = elements.findIndex((one) => one.id === change.id);
    if (at >= 0) elements[at] = overlay(elements[at] as ElementDefinition, change);
    else insert(elements, change, startOf(elements, change, elementsOf, profile));
  }
  return elements;
}

/** What an element says before the differential speaks: that of the sliced element, or of the data type it belongs to. */
function startOf(
  elements: readonly ElementDefinition[],
  { id = "", path = "", sliceName }: ElementDefinition,
  elementsOf: ElementsOf,
  profile: StructureDefinition,
): ElementDefinition {
  const same = elements.find((one) => one.path === path && one.sliceName === undefined);
  if (same !== undefined) {
    const { slicing: _, ...sliced } = same;
    return sliceName === undefined ? sliced : { ...sliced, min: 0 };
  }
  const name = path.slice(path.lastIndexOf(".") + 1);
  const parent = elements.find((one) => one.id === id.slice(0, id.lastIndexOf(".")));
  for (const type of parent?.type ?? []) {
    const found = elementsOf(type.code ?? "")?.find((one) => one.path === `${type.code}.${name}`);
    if (found !== undefined) return found;
  }
  // Slices of one extension inside another: `Extension.extension.value[x]`.
  const inner = elementsOf("Extension")?.find((one) => one.path === `Extension.${name}`);
  if (path.includes("extension.") && inner !== undefined) return inner;
  throw new Error(`${profile.url}: ${id} is no element of its base`);
}

function overlay(base: ElementDefinition, change: ElementDefinition): ElementDefinition {
  const constraint = [...(base.constraint ?? []), ...(change.constraint ?? [])];
  return { ...base, ...change, ...(constraint.length === 0 ? {} : { constraint }) };
}

/** Puts an element behind its parent or the element it slices, and behind all that belongs to them. */
function insert(elements: ElementDefinition[], change: ElementDefinition, start: ElementDefinition): void {
  const { id = "", path = "" } = change;
  const anchor = change.sliceName === undefined ? id.slice(0, id.lastIndexOf(".")) : id.slice(0, id.lastIndexOf(":"));
  const last = elements.findLastIndex(
    (one) => one.id === anchor || one.id?.startsWith(`${anchor}.`) || one.id?.startsWith(`${anchor}:`),
  );
  const made = [overlay(start, change)];
  const address = change.type?.find((one) => one.code === "Extension")?.profile?.[0];
  if (change.sliceName !== undefined && address !== undefined)
    made.push({ id: `${id}.url`, path: `${path}.url`, min: 1, max: "1", type: [{ code: "uri" }], fixedUri: address });
  elements.splice(last + 1, 0, ...made);
}
