import { type Built, objectLeaf, type Part } from "./assemble.ts";
import type { Place, Value } from "./compiled.ts";
import type { ElementType } from "./element-types.ts";

/** Puts the compiled parts of an object together and tells what R4 does not allow of them: a required element left out, two of one `value[x]`. */
export function buildObjectOf(
  parts: readonly Part[],
  elements: ReadonlyMap<string, ElementType>,
  place: Place,
  wrong: (reason: string) => void,
): Built {
  const given = new Set(parts.map((part) => part.element.choice ?? part.name));
  const needed = new Set(
    [...elements.values()].filter((element) => element.required).map((element) => element.choice ?? element.name),
  );
  for (const name of needed) if (!given.has(name)) wrong(`${place.element}.${name} is required and nothing fills it`);
  checkChoices(parts, place, wrong);
  if (!parts.every((part) => "constant" in part.built)) return { build: objectLeaf(parts, needed, place) };
  const entries = parts
    .map((part) => [part.name, (part.built as { constant: Value }).constant])
    .filter(([, value]) => value !== undefined);
  return { constant: entries.length === 0 ? undefined : Object.freeze(Object.fromEntries(entries)) };
}

/** Of `valueQuantity` and `valueString` only one may come out; one that is always there leaves no room for another. */
function checkChoices(parts: readonly Part[], { element }: Place, wrong: (reason: string) => void): void {
  for (const part of parts) {
    const { choice } = part.element;
    if (choice === undefined || !("constant" in part.built) || part.built.constant === undefined) continue;
    const other = parts.find((one) => one !== part && one.element.choice === choice);
    if (other === undefined) continue;
    wrong(`${element} has one ${choice}: ${part.name} is always filled, so ${other.name} cannot be filled too`);
    return;
  }
}
