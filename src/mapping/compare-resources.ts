import type { Resource } from "@medplum/fhirtypes";
import { digitsOf } from "../kernel/exact-json.ts";

/** How one element of a resource differs between two mappings of one row; lists count as one element, so a path has no indexes. */
export interface ElementChange {
  /** `Observation.valueQuantity.unit`. */
  readonly element: string;
  readonly kind: "added" | "changed" | "lost";
  /** JSON of the first place where they differ; absent on the side that has none. Clear values: never stored, never logged. */
  readonly before?: string;
  readonly after?: string;
}

/** Every element in which two versions of a resource differ, each once; decimals are compared by their digits. */
export function compareResources(before: Resource, after: Resource): ElementChange[] {
  const changes = new Map<string, ElementChange>();
  compare(before.resourceType, before, after, (change) => {
    const key = `${change.kind} ${change.element}`;
    if (!changes.has(key)) changes.set(key, change);
  });
  return [...changes.values()];
}

function compare(element: string, before: unknown, after: unknown, tell: (change: ElementChange) => void): void {
  if (before === undefined || after === undefined) {
    if (after !== undefined) tell({ element, kind: "added", after: textOf(after) });
    if (before !== undefined) tell({ element, kind: "lost", before: textOf(before) });
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let at = 0; at < Math.max(before.length, after.length); at++) compare(element, before[at], after[at], tell);
  } else if (isBranch(before) && isBranch(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(`${element}.${name}`, before[name], after[name], tell);
  } else if (textOf(before) !== textOf(after)) tell({ element, kind: "changed", before: textOf(before), after: textOf(after) });
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !("rawJSON" in value);
}

function textOf(value: unknown): string {
  return typeof value === "object" && value !== null && "rawJSON" in value
    ? digitsOf(value as unknown as number)
    : (JSON.stringify(value) ?? "");
}
