import type { Coding } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";
import { loincSystem } from "./loinc.ts";
import type { ImagingItem, Item, Panel, Policy } from "./policy-schema.ts";

/** What an imaging examination was, in the policy's words; undefined parts are not told by the source. */
export interface Study {
  readonly modalities: readonly string[];
  readonly site: string | undefined;
  readonly laterality: "none" | "left" | "right" | "both" | undefined;
  readonly contrast: "none" | "with" | "both" | undefined;
  readonly images: boolean;
}

/** Items and panels of a day, and the codes that mean them. */
export interface CodedThings {
  readonly items: ReadonlyMap<string, Item>;
  /** The item a set of codings means: LOINC, the catalogue's own id, or a local code; undefined when none is known. */
  itemOf(codings: readonly Coding[]): Item | undefined;
  /** The one imaging item whose whole key (modality, site, side, contrast) the study has. */
  imagingItemOf(study: Study): ImagingItem | undefined;
  /** Every `system|code` under which results of an item are found. */
  codesOf(item: Item): readonly string[];
  /** Every `system|code` by which an item or panel may be ordered; those that results are not found by are among them. */
  orderCodesOf(thing: Item | Panel): readonly string[];
  readonly panels: ReadonlyMap<string, Panel>;
  /** The panel a set of codings means: LOINC, the catalogue's own id, or a local code. */
  panelOf(codings: readonly Coding[]): Panel | undefined;
}

/** Builds the tables of what the codes of a day mean. */
export function codedThings(inForce: Policy["entries"]): CodedThings {
  const items = new Map(inForce.items.map((item) => [item.id, item]));
  const panels = new Map(inForce.panels.map((panel) => [panel.id, panel]));
  const itemCodes = codeTable(
    inForce.items.map((item) => ({ ...item, loincs: [item.loinc, ...item.alsoLoinc] })),
    inForce.localCodes.map(({ system, code, item }) => ({ system, code, id: item })),
  );
  const panelCodes = codeTable(
    inForce.panels.map((panel) => ({
      ...panel,
      loincs: [...(panel.loinc === undefined ? [] : [panel.loinc]), ...panel.alsoLoinc],
    })),
    inForce.localCodes.map(({ system, code, panel }) => ({ system, code, id: panel })),
  );
  const orderCodes = Map.groupBy(
    [...itemCodes, ...panelCodes].map(([code, id]) => ({ code, id })),
    ({ id }) => id,
  );
  const orderCodesOf = ({ id }: { readonly id: string }) => (orderCodes.get(id) ?? []).map(({ code }) => code);
  const unsearched = new Set(inForce.localCodes.filter((one) => !one.searched).map(({ system, code }) => `${system}|${code}`));
  const codesOfItem = new Map(
    inForce.items.map((item) => [item.id, orderCodesOf(item).filter((code) => !unsearched.has(code))]),
  );
  return {
    items,
    itemOf: (codings) => firstOf(codings, (coding) => items.get(itemCodes.get(`${coding.system}|${coding.code}`) ?? "")),
    imagingItemOf: (study) => [...items.values()].find((item) => isExactly(item, study)) as ImagingItem | undefined,
    codesOf: (item) => codesOfItem.get(item.id) ?? [],
    orderCodesOf,
    panels,
    panelOf: (codings) => firstOf(codings, (coding) => panels.get(panelCodes.get(`${coding.system}|${coding.code}`) ?? "")),
  };
}

function codeTable(
  things: readonly { readonly id: string; readonly loincs: readonly string[] }[],
  local: readonly { readonly system: string; readonly code: string; readonly id: string | undefined }[],
): Map<string, string> {
  const codes = new Map<string, string>();
  for (const { id, loincs } of things) {
    for (const loinc of loincs) codes.set(`${loincSystem}|${loinc}`, id);
    codes.set(`${systems.recognitionItem}|${id}`, id);
  }
  for (const { system, code, id } of local) if (id !== undefined) codes.set(`${system}|${code}`, id);
  return codes;
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
