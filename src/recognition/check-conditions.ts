import { compileCondition } from "./conditions.ts";
import { type PlacedEntries, type PolicyProblem, problemAt } from "./placed.ts";

/** Every condition compiles, and is about items it can be asked of. */
export function checkConditions(entries: PlacedEntries): PolicyProblem[] {
  const kinds = new Map(entries.items.map(({ entry }) => [entry.id, entry.kind]));
  return entries.conditions.flatMap((placed) => {
    const { entry } = placed;
    const compiled = compileCondition(entry);
    const strange = (entry.items ?? []).filter((item) => {
      const kind = kinds.get(item);
      return kind !== undefined && entry.kinds !== undefined && !entry.kinds.includes(kind);
    });
    return [
      ...("wrong" in compiled ? [problemAt(placed, `condition "${entry.id}" ${compiled.wrong}`)] : []),
      ...strange.map((item) => problemAt(placed, `condition "${entry.id}" is not about the kind of item "${item}"`)),
    ];
  });
}
