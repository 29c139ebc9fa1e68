import { type CompiledCondition, compileCondition } from "./conditions.ts";
import type { Condition, Entry, Item, Setting, Window } from "./policy-schema.ts";

type FindWindow = (item: string, setting: Setting, results?: Window["results"]) => Window | undefined;
type FindConditions = (item: Item, setting: Setting) => readonly CompiledCondition[];
type FindPrice = (item: string, ji: number) => number | undefined;
type FindText = (cause: string, facts?: Readonly<Record<string, string | number>>) => string;

/** Windows by whose results, item and setting; one for a single setting goes before the one for all. */
export function windowTable(windows: readonly Window[]): FindWindow {
  const table = new Map<string, Window>();
  for (const window of windows) {
    for (const item of window.items) {
      for (const setting of window.settings ?? ["*"]) table.set(`${window.results}|${item}|${setting}`, window);
    }
  }
  const find = (results: string, item: string, setting: string) =>
    table.get(`${results}|${item}|${setting}`) ?? table.get(`${results}|${item}|*`);
  return (item, setting, results = "others") => find(results, item, setting) ?? find("others", item, setting);
}

/** The conditions of a policy that was checked when it was loaded: each of them compiles. */
export function conditionTable(conditions: readonly Condition[]): FindConditions {
  const compiled = conditions.map(compileCondition).flatMap((one) => ("wrong" in one ? [] : [one]));
  const kept = new Map<string, readonly CompiledCondition[]>();
  return (item, setting) => {
    const key = `${item.id}|${setting}`;
    const known = kept.get(key) ?? compiled.filter(({ entry }) => isAbout(entry, item, setting));
    kept.set(key, known);
    return known;
  };
}

function isAbout({ items, kinds, settings }: Condition, item: Item, setting: Setting): boolean {
  return (
    (items === undefined || items.includes(item.id)) &&
    (kinds === undefined || kinds.includes(item.kind)) &&
    (settings === undefined || settings.includes(setting))
  );
}

/** Prices by item and 级; one of the 级 goes before the one for all. */
export function priceTable(prices: readonly Entry<"prices">[]): FindPrice {
  const table = new Map<string, number>();
  for (const { items, ji, fen } of prices) {
    for (const item of items) for (const level of ji ?? ["*"]) table.set(`${item}|${level}`, fen);
  }
  return (item, ji) => table.get(`${item}|${ji}`) ?? table.get(`${item}|*`);
}

/** The sentences of causes, their `{facts}` filled in; a fact that is itself a cause stands in its own words. */
export function sentences(entries: readonly Entry<"causes">[]): FindText {
  const causes = new Map(entries.map((cause) => [cause.code, cause.text]));
  return (cause, facts = {}) =>
    (causes.get(cause) ?? cause).replace(/\{(\w+)\}/g, (_all, name: string) => {
      const fact = String(facts[name] ?? "");
      return causes.get(fact) ?? fact;
    });
}

/** Which platform a printed analyser is of, and on which the laboratory of an institution measures an item. Width, case and blanks are no difference. */
export interface Platforms {
  /** Id of the platform; of an analyser the policy does not hold its own name: then only the same analyser compares. */
  named(printed: string): string;
  at(institution: string, item: string): readonly string[];
}

/** Builds the lookup of platforms. */
export function platformTable(entries: readonly Entry<"platforms">[]): Platforms {
  const plain = (words: string) => words.normalize("NFKC").replace(/\s+/g, "").toLowerCase();
  const names = new Map(entries.flatMap(({ id, names }) => [id, ...names].map((name) => [plain(name), id] as const)));
  return {
    named: (printed) => names.get(plain(printed)) ?? plain(printed),
    at: (institution, item) =>
      entries.flatMap(({ id, institutions, items }) =>
        institutions.includes(institution) && (items === undefined || items.includes(item)) ? [id] : [],
      ),
  };
}

/** Names and the id each stands for. */
export function nameTable<V extends string>(
  entries: readonly { readonly id: V; readonly names: readonly string[] }[],
): Map<string, V> {
  return new Map(entries.flatMap((entry) => entry.names.map((name) => [name, entry.id] as const)));
}

/** A lookup by name, blanks around it left out. */
export function tableOf(names: ReadonlyMap<string, string>): (name: string) => string | undefined {
  return (name) => names.get(name.trim());
}
