import { gapIn, later } from "./periods.ts";
import { type Placed, type PlacedEntries, type PolicyProblem, problemAt } from "./placed.ts";
import type { PolicyHead } from "./policy-schema.ts";

/** A panel names each member once, its core is among them, and all are items of one kind as long as the panel is in the catalogue. */
export function checkPanels(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const kinds = new Map(entries.items.map(({ entry }) => [entry.id, entry.kind]));
  return entries.panels.flatMap((placed) => {
    const { id, members, core = [], effective } = placed.entry;
    const found = new Set(members.flatMap((member) => kinds.get(member) ?? []));
    return [
      ...members
        .filter((member, at) => members.indexOf(member) !== at)
        .map((member) => problemAt(placed, `panel "${id}" names its member "${member}" twice`)),
      ...core
        .filter((member) => !members.includes(member))
        .map((member) => problemAt(placed, `panel "${id}": "${member}" is in its core but no member`)),
      ...(found.size > 1 ? [problemAt(placed, `panel "${id}" mixes laboratory items and examinations`)] : []),
      ...members.flatMap((member) => {
        const items = entries.items.filter(({ entry }) => entry.id === member).map(({ entry }) => entry);
        const gap = gapIn(items, later(effective.from, head.entry.effective.from), effective.to);
        return items.length === 0 || gap === undefined
          ? []
          : [problemAt(placed, `panel "${id}": its member "${member}" is not in the catalogue on ${gap}`)];
      }),
    ];
  });
}
