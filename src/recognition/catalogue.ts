import type { Coding } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";
import type {
  Basis,
  Entry,
  ImagingItem,
  Item,
  Kind,
  Policy,
  PolicyHead,
  SectionName,
  Setting,
  Window,
} from "./policy-schema.ts";
import { indexScopes, type Scopes } from "./scopes.ts";

/** LOINC, the code system of the catalogue's items. */
export const loincSystem = "http://loinc.org";

/** What an imaging examination was, in the policy's words; undefined parts are not told by the source. */
export interface Study {
  readonly modalities: readonly string[];
  readonly site: string | undefined;
  readonly laterality: "none" | "left" | "right" | "both" | undefined;
  readonly contrast: "none" | "with" | "both" | undefined;
  readonly images: boolean;
}

/** What a policy says on one day, ready to be asked. */
export interface Catalogue {
  readonly head: PolicyHead;
  /** The day (`YYYY-MM-DD` of the region) whose entries these are. */
  readonly day: string;
  readonly scopes: Scopes;
  readonly items: ReadonlyMap<string, Item>;
  /** The item a set of codings means: LOINC, the catalogue's own id, or a local code; undefined when none is known. */
  itemOf(codings: readonly Coding[]): Item | undefined;
  /** The one imaging item whose whole key (modality, site, side, contrast) the study has. */
  imagingItemOf(study: Study): ImagingItem | undefined;
  /** Every `system|code` under which results of an item are found. */
  codesOf(item: Item): readonly string[];
  windowOf(item: string, setting: Setting): Window | undefined;
  /** The bases of recognition in the order of the policy. */
  basesOf(kind: Kind): readonly Basis[];
  readonly publishedLists: readonly Entry<"publishedLists">[];
  /** Which rules are asked, in order, each with its clause. */
  readonly rules: readonly Entry<"rules">[];
  readonly notRecognisable: readonly Entry<"notRecognisable">[];
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
  const offsetMs = offsetOf(policy.head.utcOffset);
  const dayOf = (instant: Date) => new Date(instant.getTime() + offsetMs).toISOString().slice(0, 10);
  const day = dayOf(at);
  const inForce = <S extends SectionName>(section: S): Entry<S>[] =>
    policy.entries[section].filter((entry: Entry<S>) => holdsOn(entry, day));
  const items = new Map(inForce("items").map((item) => [item.id, item]));
  const codes = codeTable(items, inForce("localCodes"));
  const windows = inForce("windows");
  const bases = inForce("bases");
  const causes = new Map(inForce("causes").map((cause) => [cause.code, cause.text]));
  const contrasts = nameTable(inForce("contrasts"));
  return {
    head: policy.head,
    day,
    scopes: indexScopes(inForce("scopes"), inForce("relativeScopes")),
    items,
    itemOf: (codings) => firstOf(codings, (coding) => items.get(codes.get(`${coding.system}|${coding.code}`) ?? "")),
    imagingItemOf: (study) => [...items.values()].find((item) => isExactly(item, study)) as ImagingItem | undefined,
    codesOf: (item) => [...codes].filter(([, id]) => id === item.id).map(([code]) => code),
    windowOf: windowTable(windows),
    basesOf: (kind) => bases.filter((basis) => basis.kinds.includes(kind)),
    publishedLists: inForce("publishedLists"),
    rules: inForce("rules"),
    notRecognisable: inForce("notRecognisable"),
    unitOf: tableOf(nameTable(inForce("units").map(({ ucum, printed }) => ({ id: ucum, names: [ucum, ...printed] })))),
    specimenOf: tableOf(nameTable(inForce("specimens"))),
    siteOf: tableOf(nameTable(inForce("sites"))),
    contrastOf: (name) => contrasts.get(name.trim()),
    textOf: (cause, facts = {}) =>
      (causes.get(cause) ?? cause).replace(/\{(\w+)\}/g, (_all, name: string) => {
        const fact = String(facts[name] ?? "");
        return causes.get(fact) ?? fact;
      }),
    instantOf: (date) => instantOf(date, policy.head.utcOffset),
    dayOf,
  };
}

/** Whether an entry is in force on a day (both ends included). */
export function holdsOn(
  entry: { readonly effective: { readonly from: string; readonly to?: string | undefined } },
  day: string,
): boolean {
  return entry.effective.from <= day && (entry.effective.to === undefined || day <= entry.effective.to);
}

function codeTable(items: ReadonlyMap<string, Item>, local: readonly Entry<"localCodes">[]): Map<string, string> {
  const codes = new Map<string, string>();
  for (const item of items.values()) {
    for (const loinc of [item.loinc, ...item.alsoLoinc]) codes.set(`${loincSystem}|${loinc}`, item.id);
    codes.set(`${systems.recognitionItem}|${item.id}`, item.id);
  }
  for (const entry of local) codes.set(`${entry.system}|${entry.code}`, entry.item);
  return codes;
}

function windowTable(windows: readonly Window[]): Catalogue["windowOf"] {
  const table = new Map<string, Window>();
  for (const window of windows) {
    for (const item of window.items) {
      for (const setting of window.settings ?? ["*"]) table.set(`${item}|${setting}`, window);
    }
  }
  return (item, setting) => table.get(`${item}|${setting}`) ?? table.get(`${item}|*`);
}

function nameTable<V extends string>(
  entries: readonly { readonly id: V; readonly names: readonly string[] }[],
): Map<string, V> {
  return new Map(entries.flatMap((entry) => entry.names.map((name) => [name, entry.id] as const)));
}

function tableOf(names: ReadonlyMap<string, string>): (name: string) => string | undefined {
  return (name) => names.get(name.trim());
}

function isExactly(item: Item, study: Study): boolean {
  return (
    item.kind === "imaging" &&
    study.site === item.site &&
    study.contrast === item.contrast &&
    (study.laterality ?? "none") === item.laterality &&
    study.modalities.some((modality) => item.modalities.includes(modality))
  );
}

function firstOf<A, B>(values: readonly A[], meaning: (value: A) => B | undefined): B | undefined {
  for (const value of values) {
    const found = meaning(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function offsetOf(utcOffset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

function instantOf(date: string | undefined, utcOffset: string): Date | undefined {
  if (date === undefined) return undefined;
  const whole = date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date;
  const at = new Date(whole.length === 10 ? `${whole}T00:00:00${utcOffset}` : whole);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
