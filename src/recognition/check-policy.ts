import { holdsOn } from "./catalogue.ts";
import type { Placed, PlacedEntries, PolicyProblem } from "./placed.ts";
import type { PolicyHead, SectionName } from "./policy-schema.ts";
import { otherCauses, rules } from "./rules/all.ts";

type Dated = { readonly effective: { readonly from: string; readonly to?: string | undefined } };

/** What the entries of a policy say about each other: no name twice, every reference meets something, windows do not overlap, no required rule is left out. */
export function checkPolicy(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  return [
    ...twice(entries),
    ...unknownNames(entries),
    ...windowProblems(head, entries),
    ...itemProblems(entries),
    ...ruleProblems(head, entries),
    ...scopeCycles(entries),
  ];
}

const problemAt = ({ file, line }: Placed<unknown>, reason: string): PolicyProblem => ({ file, line, reason });

/** The keys under which an entry must be the only one on any day. */
const keysOf: { readonly [S in SectionName]?: (entry: never) => readonly string[] } = {
  items: ({ id, loinc, alsoLoinc }: { id: string; loinc: string; alsoLoinc: string[] }) => [id, loinc, ...alsoLoinc],
  windows: ({ id }: { id: string }) => [id],
  bases: ({ id }: { id: string }) => [id],
  publishedLists: ({ id }: { id: string }) => [id],
  scopes: ({ id, names }: { id: string; names: string[] }) => [`id ${id}`, ...names],
  relativeScopes: ({ names }: { names: string[] }) => names,
  rules: ({ id }: { id: string }) => [id],
  notRecognisable: ({ id }: { id: string }) => [id],
  units: ({ ucum, printed }: { ucum: string; printed: string[] }) => [...new Set([ucum, ...printed])],
  specimens: ({ id, names }: { id: string; names: string[] }) => [`id ${id}`, ...names],
  sites: ({ id, names }: { id: string; names: string[] }) => [`id ${id}`, ...names],
  contrasts: ({ id, names }: { id: string; names: string[] }) => [`id ${id}`, ...names],
  localCodes: ({ system, code }: { system: string; code: string }) => [`${system}|${code}`],
  causes: ({ code }: { code: string }) => [code],
  declineReasons: ({ code }: { code: string }) => [code],
};

function twice(entries: PlacedEntries): PolicyProblem[] {
  return Object.entries(keysOf).flatMap(([section, keys]) => {
    const seen = new Map<string, Placed<Dated>[]>();
    return (entries[section as SectionName] as Placed<Dated>[]).flatMap((placed) =>
      (keys as (entry: unknown) => readonly string[])(placed.entry).flatMap((key) => {
        const others = seen.get(key) ?? [];
        seen.set(key, [...others, placed]);
        const other = others.find((one) => overlap(one.entry, placed.entry));
        return other === undefined
          ? []
          : [problemAt(placed, `${section}: "${key}" stands already at ${other.file}:${other.line} for the same dates`)];
      }),
    );
  });
}

function overlap(a: Dated, b: Dated): boolean {
  const [endA, endB] = [a.effective.to ?? "9999", b.effective.to ?? "9999"];
  return a.effective.from <= endB && b.effective.from <= endA;
}

function unknownNames(entries: PlacedEntries): PolicyProblem[] {
  const ids = (section: "items" | "specimens" | "sites" | "scopes") => new Set(entries[section].map(({ entry }) => entry.id));
  const [items, specimens, sites, scopes] = [ids("items"), ids("specimens"), ids("sites"), ids("scopes")];
  const units = new Set(entries.units.map(({ entry }) => entry.ucum));
  const missing = (placed: Placed<unknown>, what: string, names: readonly string[], known: ReadonlySet<string>) =>
    names.filter((name) => !known.has(name)).map((name) => problemAt(placed, `there is no ${what} "${name}"`));
  return [
    ...entries.windows.flatMap((placed) => missing(placed, "item", placed.entry.items, items)),
    ...entries.publishedLists.flatMap((placed) => missing(placed, "item", placed.entry.items ?? [], items)),
    ...entries.localCodes.flatMap((placed) => missing(placed, "item", [placed.entry.item], items)),
    ...entries.notRecognisable.flatMap((placed) =>
      missing(placed, "item", placed.entry.item === undefined ? [] : [placed.entry.item], items),
    ),
    ...entries.scopes.flatMap((placed) => missing(placed, "scope", placed.entry.within, scopes)),
    ...entries.items.flatMap((placed) => {
      const { entry } = placed;
      if (entry.kind === "imaging") return missing(placed, "site", [entry.site], sites);
      const used = [...(entry.unit === undefined ? [] : [entry.unit]), ...Object.keys(entry.convertible)];
      return [...missing(placed, "specimen", entry.specimens, specimens), ...missing(placed, "unit", used, units)];
    }),
  ];
}

function windowProblems(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const { horizonDays } = head.entry;
  const tooLong = entries.windows
    .filter(({ entry }) => entry.days > horizonDays)
    .map((placed) => problemAt(placed, `the window of ${placed.entry.days} days is longer than the horizon of ${horizonDays}`));
  const overlaps = entries.windows.flatMap((placed, index) =>
    entries.windows.slice(0, index).flatMap((other) => {
      if (!overlap(other.entry, placed.entry) || !sameSetting(other.entry.settings, placed.entry.settings)) return [];
      const both = placed.entry.items.filter((item) => other.entry.items.includes(item));
      return both.map((item) =>
        problemAt(
          placed,
          `windows overlap: item "${item}" has one already at ${other.file}:${other.line} for the same dates and setting`,
        ),
      );
    }),
  );
  return [...tooLong, ...overlaps];
}

// A window for all settings and one for a single setting do not overlap: the narrower one is meant as the exception.
function sameSetting(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.some((setting) => b.includes(setting));
}

function itemProblems(entries: PlacedEntries): PolicyProblem[] {
  return entries.items.flatMap((placed) => {
    const { entry } = placed;
    const windowed = entries.windows.some(
      (window) => window.entry.items.includes(entry.id) && holdsOn(window.entry, entry.effective.from),
    );
    const excluded = entries.notRecognisable.some((one) => one.entry.item === entry.id);
    const bound = entry.kind === "lab" && entry.comparability === "method" && entry.methods.length === 0;
    return [
      ...(windowed || excluded ? [] : [problemAt(placed, `item "${entry.id}" has no window on ${entry.effective.from}`)]),
      ...(bound ? [problemAt(placed, `item "${entry.id}" is bound to its method but names none`)] : []),
    ];
  });
}

function ruleProblems(head: Placed<PolicyHead>, entries: PlacedEntries): PolicyProblem[] {
  const named = new Set(entries.rules.map(({ entry }) => entry.id));
  const told = new Set(entries.causes.map(({ entry }) => entry.code));
  const needed = [...otherCauses, ...[...rules.values()].flatMap((rule) => rule.causes)];
  return [
    ...entries.rules
      .filter(({ entry }) => !rules.has(entry.id))
      .map((placed) => problemAt(placed, `there is no rule "${placed.entry.id}"`)),
    ...[...rules.values()]
      .filter((rule) => rule.required && !named.has(rule.id))
      .map((rule) => problemAt(head, `the rule "${rule.id}" is left out`)),
    ...needed.filter((code) => !told.has(code)).map((code) => problemAt(head, `there is no sentence for the cause "${code}"`)),
    ...(entries.bases.length === 0 ? [problemAt(head, "there is no basis of recognition")] : []),
  ];
}

function scopeCycles(entries: PlacedEntries): PolicyProblem[] {
  const outer = new Map(entries.scopes.map(({ entry }) => [entry.id, entry.within]));
  const reaches = (from: string, goal: string, seen: ReadonlySet<string>): boolean =>
    (outer.get(from) ?? []).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, new Set([...seen, next]))));
  return entries.scopes
    .filter(({ entry }) => reaches(entry.id, entry.id, new Set()))
    .map((placed) => problemAt(placed, `scope "${placed.entry.id}" lies in itself`));
}
