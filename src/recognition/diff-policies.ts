import { isDeepStrictEqual } from "node:util";
import { entriesOn } from "./catalogue.ts";
import { entryKeys } from "./entry-keys.ts";
import { type ItemTerms, itemTerms } from "./item-terms.ts";
import type { Entry, Policy, SectionName } from "./policy-schema.ts";
import type { PolicySide } from "./policy-side.ts";

/** One property that differs; undefined = it is not there on that side. */
export interface FieldChange {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** An entry that came, went or changed, by the section and key it stands under. */
export interface EntryChange {
  readonly section: SectionName;
  readonly key: string;
  readonly change: "added" | "removed" | "changed";
  readonly fields: readonly FieldChange[];
}

/** What differs for one item in what a doctor meets: its windows, prices, panels, conditions. */
export interface ItemChange {
  readonly item: string;
  readonly name: string;
  readonly change: EntryChange["change"];
  readonly fields: readonly FieldChange[];
}

/** Everything that differs between two sides; empty lists = they decide alike. */
export interface PolicyDifference {
  readonly head: readonly FieldChange[];
  readonly entries: readonly EntryChange[];
  readonly items: readonly ItemChange[];
}

/** Compares two versions, or one policy on two days. Dates, sources and clauses of an entry count as part of it; the order of entries does not. */
export function diffPolicies(before: PolicySide, after: PolicySide): PolicyDifference {
  const [old, fresh] = [entriesOn(before.policy, before.day), entriesOn(after.policy, after.day)];
  return {
    head: fieldsOf(before.policy.head, after.policy.head),
    entries: (Object.keys(entryKeys) as SectionName[]).flatMap((section) => entryChanges(section, old, fresh)),
    items: itemChanges(itemTerms(before), itemTerms(after)),
  };
}

function entryChanges(section: SectionName, old: Policy["entries"], fresh: Policy["entries"]): EntryChange[] {
  const keyed = (entries: readonly Entry<SectionName>[]) =>
    new Map(entries.map((entry) => [keyOf(section, entry), entry as object]));
  return pairs(keyed(old[section]), keyed(fresh[section])).map(([key, a, b]) => ({ section, key, ...changeOf(a, b) }));
}

function keyOf(section: SectionName, entry: Entry<SectionName>): string {
  return entryKeys[section](entry as never)[0]?.replace(/^id /, "") ?? "";
}

function itemChanges(old: ReadonlyMap<string, ItemTerms>, fresh: ReadonlyMap<string, ItemTerms>): ItemChange[] {
  return pairs(old, fresh).map(([item, a, b]) => {
    const { name = item } = b ?? a ?? {};
    return { item, name, ...changeOf(a?.terms, b?.terms) };
  });
}

/** Keys whose values differ, with both values: those of the old side first, then what is new. */
function pairs<T>(old: ReadonlyMap<string, T>, fresh: ReadonlyMap<string, T>): [string, T | undefined, T | undefined][] {
  const keys = [...new Set([...old.keys(), ...fresh.keys()])];
  return keys
    .map((key): [string, T | undefined, T | undefined] => [key, old.get(key), fresh.get(key)])
    .filter(([, a, b]) => !isDeepStrictEqual(a, b));
}

function changeOf(a: object | undefined, b: object | undefined): Pick<EntryChange, "change" | "fields"> {
  const change = a === undefined ? "added" : b === undefined ? "removed" : "changed";
  return { change, fields: fieldsOf(a ?? {}, b ?? {}) };
}

function fieldsOf(a: object, b: object): FieldChange[] {
  return pairs(new Map(Object.entries(a)), new Map(Object.entries(b))).map(([field, before, after]) => ({
    field,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }));
}
