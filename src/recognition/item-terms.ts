import { isDeepStrictEqual } from "node:util";
import { type Catalogue, catalogueOn } from "./catalogue.ts";
import type { Item, Setting, Window } from "./policy-schema.ts";
import type { PolicySide } from "./policy-side.ts";
import { instantIn } from "./region-time.ts";

const settings: readonly Setting[] = ["outpatient", "inpatient", "emergency"];
const levels = [3, 2, 1, 9] as const;

/** How long a result counts and from when. */
export interface WindowTerms {
  readonly days: number;
  readonly anchor: string;
  readonly provisional: boolean;
}

/** What a policy says of one item on one day, by name: `window`, or `window.inpatient` where settings differ; `price.3` in 分; ids of bases, panels, conditions. */
export interface ItemTerms {
  readonly name: string;
  readonly terms: Readonly<Record<string, WindowTerms | readonly string[] | string | number>>;
}

/** The terms of every item of a side. */
export function itemTerms(side: PolicySide): ReadonlyMap<string, ItemTerms> {
  const catalogue = catalogueOf(side);
  return new Map([...catalogue.items.values()].map((item) => [item.id, { name: item.name, terms: termsOf(item, catalogue) }]));
}

/** The catalogue of a side: its policy on its day. */
function catalogueOf({ policy, day }: PolicySide): Catalogue {
  return catalogueOn(policy, instantIn(policy.head.utcOffset, day) ?? new Date(Number.NaN));
}

type Term = ItemTerms["terms"][string];

function termsOf(item: Item, catalogue: Catalogue): Record<string, Term> {
  const excluded = catalogue.notRecognisable.find((one) => one.item === item.id);
  const panels = [...catalogue.panels.values()].filter((panel) => panel.members.includes(item.id));
  return {
    ...named("notRecognised", excluded?.reason),
    ...bySetting("window", (setting) => windowTerms(catalogue.windowOf(item.id, setting))),
    ...bySetting("ownWindow", (setting) => ownWindow(catalogue, item, setting)),
    ...bySetting("conditions", (setting) => idsOf(catalogue.conditionsOf(item, setting).map(({ entry }) => entry))),
    ...named("panels", idsOf(panels)),
    ...named("bases", idsOf(catalogue.basesOf(item.kind))),
    ...Object.assign({}, ...levels.map((ji) => named(`price.${ji}`, catalogue.priceOf(item.id, ji)))),
  };
}

/** One term where all settings say the same, one for each where they differ. */
function bySetting(name: string, termOf: (setting: Setting) => Term | undefined): Record<string, Term> {
  const terms = settings.map(termOf);
  if (terms.every((term) => isDeepStrictEqual(term, terms[0]))) return named(name, terms[0]);
  return Object.assign({}, ...settings.map((setting, index) => named(`${name}.${setting}`, terms[index])));
}

function windowTerms(window: Window | undefined): WindowTerms | undefined {
  return window && { days: window.days, anchor: window.anchor, provisional: window.provisional };
}

/** Told only where the institution's own results have a window of their own. */
function ownWindow(catalogue: Catalogue, item: Item, setting: Setting): WindowTerms | undefined {
  const own = catalogue.windowOf(item.id, setting, "own");
  return own?.results === "own" ? windowTerms(own) : undefined;
}

function idsOf(entries: readonly { readonly id: string }[]): string[] | undefined {
  return entries.length === 0 ? undefined : entries.map((entry) => entry.id);
}

function named(name: string, term: Term | undefined): Record<string, Term> {
  return term === undefined ? {} : { [name]: term };
}
