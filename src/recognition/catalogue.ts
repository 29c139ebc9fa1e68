import {
  conditionTable,
  nameTable,
  type Platforms,
  platformTable,
  priceTable,
  sentences,
  tableOf,
  windowTable,
} from "./catalogue-tables.ts";
import { type CodedThings, codedThings } from "./coded-things.ts";
import type { CompiledCondition } from "./conditions.ts";
import { holdsOn } from "./periods.ts";
import type { Basis, Entry, Item, Kind, Policy, PolicyHead, SectionName, Setting, Window } from "./policy-schema.ts";
import { dayIn, instantIn } from "./region-time.ts";
import { indexScopes, type Scopes } from "./scopes.ts";

/** What a policy says on one day, ready to be asked. */
export interface Catalogue extends CodedThings {
  readonly head: PolicyHead;
  /** Region and version, as every decision names them: `linhu 2026.1`. */
  readonly version: string;
  /** The day (`YYYY-MM-DD` of the region) whose entries these are. */
  readonly day: string;
  readonly scopes: Scopes;
  /** The window for results of others, or for the ordering institution's own (which has the others' where it has none for itself). */
  windowOf(item: string, setting: Setting, results?: Window["results"]): Window | undefined;
  /** What must hold of a result of the item beside the rules, in the order of the policy. */
  conditionsOf(item: Item, setting: Setting): readonly CompiledCondition[];
  /** Price in 分 of an item at an institution of a 级; undefined when the policy names none. */
  priceOf(item: string, ji: number): number | undefined;
  /** The reasons in use, in the order they are offered: the six of the law, and those the region added. */
  readonly declineReasons: readonly Entry<"declineReasons">[];
  /** The bases of recognition in the order of the policy. */
  basesOf(kind: Kind): readonly Basis[];
  readonly publishedLists: readonly Entry<"publishedLists">[];
  /** Which rules are asked, in order, each with its clause. */
  readonly rules: readonly Entry<"rules">[];
  readonly notRecognisable: readonly Entry<"notRecognisable">[];
  readonly platforms: Platforms;
  unitOf(printed: string): string | undefined;
  specimenOf(name: string): string | undefined;
  siteOf(name: string): string | undefined;
  contrastOf(name: string): "none" | "with" | "both" | undefined;
  /** The sentence for a cause, its `{facts}` filled in; a fact that is itself a cause stands in its own words. */
  textOf(cause: string, facts?: Readonly<Record<string, string | number>>): string;
  /** A FHIR date or dateTime as an instant; a bare day is its first moment in the region, so that it never looks fresher than it is. */
  instantOf(date: string | undefined): Date | undefined;
  /** The day of the region (`YYYY-MM-DD`) in which an instant lies. */
  dayOf(at: Date): string;
}

/** The catalogue in force at an instant: the policy's entries whose effective dates hold on that day of the region. */
export function catalogueOn(policy: Policy, at: Date): Catalogue {
  const dayOf = (instant: Date) => dayIn(policy.head.utcOffset, instant);
  const day = dayOf(at);
  const inForce = entriesOn(policy, day);
  const contrasts = nameTable(inForce.contrasts);
  return {
    head: policy.head,
    version: `${policy.head.region} ${policy.head.version}`,
    day,
    scopes: indexScopes(inForce.scopes, inForce.relativeScopes),
    ...codedThings(inForce),
    windowOf: windowTable(inForce.windows),
    basesOf: (kind) => inForce.bases.filter((basis) => basis.kinds.includes(kind)),
    publishedLists: inForce.publishedLists,
    rules: inForce.rules,
    notRecognisable: inForce.notRecognisable,
    platforms: platformTable(inForce.platforms),
    conditionsOf: conditionTable(inForce.conditions),
    priceOf: priceTable(inForce.prices),
    declineReasons: policy.head.reasonsInUse.flatMap((code) => inForce.declineReasons.find((one) => one.code === code) ?? []),
    unitOf: tableOf(nameTable(inForce.units.map(({ ucum, printed }) => ({ id: ucum, names: [ucum, ...printed] })))),
    specimenOf: tableOf(nameTable(inForce.specimens)),
    siteOf: tableOf(nameTable(inForce.sites)),
    contrastOf: (name) => contrasts.get(name.trim()),
    textOf: sentences(inForce.causes),
    instantOf: (date) => instantIn(policy.head.utcOffset, date),
    dayOf,
  };
}

/** A policy's entries that are in force on a day of the region. */
export function entriesOn(policy: Policy, day: string): Policy["entries"] {
  const all = Object.entries(policy.entries) as [SectionName, readonly Entry<SectionName>[]][];
  return Object.fromEntries(
    all.map(([section, entries]) => [section, entries.filter((entry) => holdsOn(entry, day))]),
  ) as unknown as Policy["entries"];
}
