import { entryKeys } from "./entry-keys.ts";
import { type Dated, overlap } from "./periods.ts";
import { type Placed, type PlacedEntries, type PolicyProblem, problemAt } from "./placed.ts";
import type { SectionName } from "./policy-schema.ts";

/** No name stands twice on one day, and every name an entry uses is that of another entry. */
export function checkNames(entries: PlacedEntries): PolicyProblem[] {
  return [...twice(entries), ...orderedTwice(entries), ...unknownNames(entries)];
}

function twice(entries: PlacedEntries): PolicyProblem[] {
  return (Object.keys(entryKeys) as SectionName[]).flatMap((section) =>
    clashes(entries[section] as Placed<Dated>[], (entry) => entryKeys[section](entry as never), section),
  );
}

/** An item and a panel are ordered alike: by their ids and LOINC codes. */
function orderedTwice(entries: PlacedEntries): PolicyProblem[] {
  const orderable = [...entries.items, ...entries.panels] as Placed<
    Dated & { id: string; loinc?: string; alsoLoinc: string[] }
  >[];
  const known = new Set(clashes(entries.items, entryKeys.items, "").map((one) => `${one.file}:${one.line}`));
  return clashes(
    orderable,
    ({ id, loinc, alsoLoinc }) => [id, ...(loinc === undefined ? [] : [loinc]), ...alsoLoinc],
    "items and panels",
  ).filter((one) => !known.has(`${one.file}:${one.line}`));
}

function clashes<T extends Dated>(
  placed: readonly Placed<T>[],
  keysOf: (entry: T) => readonly string[],
  section: string,
): PolicyProblem[] {
  const seen = new Map<string, Placed<T>[]>();
  return placed.flatMap((one) =>
    [...new Set(keysOf(one.entry))].flatMap((key) => {
      const others = seen.get(key) ?? [];
      seen.set(key, [...others, one]);
      const other = others.find((earlier) => overlap(earlier.entry, one.entry));
      return other === undefined
        ? []
        : [problemAt(one, `${section}: "${key}" stands already at ${other.file}:${other.line} for the same dates`)];
    }),
  );
}

function unknownNames(entries: PlacedEntries): PolicyProblem[] {
  const ids = (section: "items" | "panels" | "specimens" | "sites" | "scopes") =>
    new Set(entries[section].map(({ entry }) => entry.id));
  const [items, panels, specimens, sites, scopes] = [
    ids("items"),
    ids("panels"),
    ids("specimens"),
    ids("sites"),
    ids("scopes"),
  ];
  const units = new Set(entries.units.map(({ entry }) => entry.ucum));
  const missing = (placed: Placed<unknown>, what: string, names: readonly string[], known: ReadonlySet<string>) =>
    names.filter((name) => !known.has(name)).map((name) => problemAt(placed, `there is no ${what} "${name}"`));
  const itemsOf = (section: "windows" | "publishedLists" | "prices" | "conditions" | "platforms") =>
    entries[section].flatMap((placed) => missing(placed, "item", placed.entry.items ?? [], items));
  return [
    ...itemsOf("windows"),
    ...itemsOf("publishedLists"),
    ...itemsOf("prices"),
    ...itemsOf("conditions"),
    ...itemsOf("platforms"),
    ...entries.panels.flatMap((placed) => missing(placed, "item", placed.entry.members, items)),
    ...entries.localCodes.flatMap((placed) => [
      ...missing(placed, "item", listOf(placed.entry.item), items),
      ...missing(placed, "panel", listOf(placed.entry.panel), panels),
    ]),
    ...entries.notRecognisable.flatMap((placed) => missing(placed, "item", listOf(placed.entry.item), items)),
    ...entries.scopes.flatMap((placed) => missing(placed, "scope", placed.entry.within, scopes)),
    ...entries.items.flatMap((placed) => {
      const { entry } = placed;
      if (entry.kind === "imaging") return missing(placed, "site", [entry.site], sites);
      const used = [...listOf(entry.unit), ...Object.keys(entry.convertible)];
      return [...missing(placed, "specimen", entry.specimens, specimens), ...missing(placed, "unit", used, units)];
    }),
  ];
}

function listOf(name: string | undefined): string[] {
  return name === undefined ? [] : [name];
}
