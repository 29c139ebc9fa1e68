import type { MappingDifference } from "./diff-mappings.ts";

const zero = { same: 0, changed: 0, added: 0, lost: 0 };

/** The difference of no export at all. */
export const noDifference: MappingDifference = {
  exports: 0,
  sheets: zero,
  resources: {},
  elements: {},
  rows: { before: { mapped: 0, skipped: 0 }, after: { mapped: 0, skipped: 0 } },
  issues: { before: {}, after: {} },
  unpaired: 0,
};

/** The differences of several exports as one: every count is the sum of its counts. */
export function addDifferences(a: MappingDifference, b: MappingDifference): MappingDifference {
  return add(a, b) as unknown as MappingDifference;
}

type Counts = { readonly [name: string]: number | Counts };

/** Adds two trees of numbers; a branch or number that only one has is taken as it is. */
function add(a: unknown, b: unknown): number | Counts {
  if (typeof a === "number" || typeof b === "number") return Number(a ?? 0) + Number(b ?? 0);
  const [one, other] = [(a ?? {}) as Counts, (b ?? {}) as Counts];
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [name, add(one[name], other[name])]),
  );
}
