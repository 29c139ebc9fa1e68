import { gapIn, later, overlap } from "./periods.ts";
import { type Placed, type PlacedEntries, type PolicyProblem, problemAt } from "./placed.ts";
import type { Entry, PolicyHead } from "./policy-schema.ts";

/** No item has two windows or two prices for one case, none is without a window, none outlasts the horizon, each counts from a time its items have. */
export function checkWindows(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  return [
    ...tooLong(head, entries),
    ...wrongAnchors(entries),
    ...overlaps(entries.windows, "windows overlap", ({ results, settings }) => ({ whose: results, cases: settings })),
    ...overlaps(entries.prices, "prices overlap", ({ ji }) => ({ whose: "", cases: ji?.map(String) })),
    ...withoutWindow(head, entries),
  ];
}

function tooLong(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const { horizonDays } = head.entry;
  return entries.windows
    .filter(({ entry }) => entry.days > horizonDays)
    .map((placed) => problemAt(placed, `the window of ${placed.entry.days} days is longer than the horizon of ${horizonDays}`));
}

/** A specimen is collected, an examination performed: the other anchor would leave every result undated. */
function wrongAnchors(entries: PlacedEntries): PolicyProblem[] {
  const kinds = new Map(entries.items.map(({ entry }) => [entry.id, entry.kind]));
  const wrong = { collected: "imaging", performed: "lab", reported: "" };
  return entries.windows.flatMap((placed) =>
    placed.entry.items
      .filter((item) => kinds.get(item) === wrong[placed.entry.anchor])
      .map((item) => problemAt(placed, `item "${item}" has no time "${placed.entry.anchor}"`)),
  );
}

/** Whose case an entry is for; `cases` absent = all of them, which a narrower entry may except. */
interface Case {
  readonly whose: string;
  readonly cases: readonly string[] | undefined;
}

function overlaps<E extends Entry<"windows"> | Entry<"prices">>(
  placed: readonly Placed<E>[],
  what: string,
  caseOf: (entry: E) => Case,
): PolicyProblem[] {
  return placed.flatMap((one, index) => {
    const within = one.entry.items.filter((item, at) => one.entry.items.indexOf(item) !== at);
    const others = placed.slice(0, index).flatMap((other) => {
      if (!overlap(other.entry, one.entry) || !sameCase(caseOf(other.entry), caseOf(one.entry))) return [];
      return one.entry.items.filter((item) => other.entry.items.includes(item)).map((item) => ({ item, other }));
    });
    return [
      ...within.map((item) => problemAt(one, `${what}: item "${item}" stands twice in one entry`)),
      ...others.map(({ item, other }) =>
        problemAt(one, `${what}: item "${item}" has one already at ${other.file}:${other.line} for the same dates and case`),
      ),
    ];
  });
}

function sameCase(a: Case, b: Case): boolean {
  if (a.whose !== b.whose) return false;
  if (a.cases === undefined || b.cases === undefined) return a.cases === b.cases;
  return a.cases.some((one) => b.cases?.includes(one));
}

/** Every item that may be recognised has a window for others' results on every day it is in the catalogue. */
function withoutWindow(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  return entries.items.flatMap((placed) => {
    const { id, effective } = placed.entry;
    const windows = entries.windows.filter(({ entry }) => entry.results === "others" && entry.items.includes(id));
    const excluded = entries.notRecognisable.filter(({ entry }) => entry.item === id);
    const told = [...windows, ...excluded].map(({ entry }) => entry);
    const gap = gapIn(told, later(effective.from, head.entry.effective.from), effective.to);
    return gap === undefined ? [] : [problemAt(placed, `item "${id}" has no window on ${gap}`)];
  });
}
