import type { DiagnosticReport, ImagingStudy } from "@medplum/fhirtypes";
import type { ResourceAddress } from "../fhir/reference.ts";
import type { ResourceId } from "../kernel/brand.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Study } from "./coded-things.ts";
import { type Found, kept, markOf, type Prior, performerIn, statusOf, wordsOf } from "./prior.ts";

/** One imaging examination: its report and its study; either may be missing from the export. */
export interface Examination {
  readonly report?: DiagnosticReport;
  readonly study?: ImagingStudy;
}

/** Puts reports and studies of one resident together by the report's literal reference; what has no partner stands alone. */
export function examinationsOf(reports: readonly DiagnosticReport[], studies: readonly ImagingStudy[]): Examination[] {
  const byReference = new Map(studies.map((study) => [`ImagingStudy/${study.id}`, study]));
  const taken = new Set<string>();
  const reported = reports.flatMap((report): Examination[] => {
    const references = (report.imagingStudy ?? []).map((one) => one.reference ?? "").filter((one) => byReference.has(one));
    for (const reference of references) taken.add(reference);
    return references.length === 0
      ? [{ report }]
      : references.map((reference) => ({ report, ...studyAt(byReference, reference) }));
  });
  const alone = [...byReference].filter(([reference]) => !taken.has(reference)).map(([, study]) => ({ study }));
  return [...reported, ...alone];
}

function studyAt(studies: ReadonlyMap<string, ImagingStudy>, reference: string): { study?: ImagingStudy } {
  const study = studies.get(reference);
  return study === undefined ? {} : { study };
}

/**
 * Reads an examination. What is recognised are the images, not the diagnosis (国卫医发〔2022〕6号 第二条), so no conclusion is read here;
 * without a report the examination is not final, without a study its images cannot be opened.
 */
export function priorOfExamination({ report, study }: Examination, found: Found, catalogue: Catalogue): Prior | undefined {
  const head = study ?? report;
  if (head === undefined) return undefined;
  const address: ResourceAddress = { tenant: found.source, type: head.resourceType, id: head.id as ResourceId };
  const facts = factsOf(report, study, catalogue);
  const codings = [...(study?.procedureCode ?? []), ...(report?.code === undefined ? [] : [report.code])].flatMap(
    (concept) => concept.coding ?? [],
  );
  const item = catalogue.itemOf(codings) ?? catalogue.imagingItemOf(facts);
  const performers = [...(report?.performer ?? []), ...(study?.series?.[0]?.performer ?? []).map((one) => one.actor)];
  const voided = study?.status === "entered-in-error" || study?.status === "cancelled";
  return {
    ...found,
    address,
    version: head.meta?.versionId ?? "",
    kind: "imaging",
    item: item?.id,
    status: voided ? "void" : statusOf(report?.status),
    ...performerIn(performers),
    mark: markOf(report) ?? markOf(study),
    collectedAt: undefined,
    performedAt: catalogue.instantOf(study?.started ?? report?.effectiveDateTime),
    reportedAt: catalogue.instantOf(report?.issued),
    value: undefined,
    unit: undefined,
    ucum: undefined,
    referenceRange: undefined,
    specimen: undefined,
    method: undefined,
    platform: undefined,
    origin: undefined,
    critical: false,
    study: facts,
    ...kept(head, item, catalogue),
  };
}

function factsOf(report: DiagnosticReport | undefined, study: ImagingStudy | undefined, catalogue: Catalogue): Study {
  const series = study?.series ?? [];
  const sites = series.flatMap((one) => [one.bodySite?.code, one.bodySite?.display]);
  const words = [...(study?.procedureCode ?? []).flatMap(wordsOf), ...wordsOf(report?.code)];
  const sides = new Set(series.flatMap((one) => sideOf(one.laterality?.code) ?? []));
  const modalities = [...(study?.modality ?? []), ...series.map((one) => one.modality)].flatMap((coding) => coding?.code ?? []);
  return {
    modalities: [...new Set(modalities)],
    site: firstOf([...sites, ...words], catalogue.siteOf),
    laterality: sides.size > 1 ? "both" : [...sides][0],
    contrast: firstOf(words, catalogue.contrastOf),
    images: (study?.identifier ?? []).some((one) => one.system === "urn:dicom:uid" && one.value !== undefined),
  };
}

function firstOf<T>(words: readonly (string | undefined)[], meaning: (word: string) => T | undefined): T | undefined {
  return words.map((word) => (word === undefined ? undefined : meaning(word))).find((found) => found !== undefined);
}

/** DICOM (L, R, B, U) and SNOMED CT codes of a side. */
function sideOf(code: string | undefined): "none" | "left" | "right" | "both" | undefined {
  const sides: Record<string, "none" | "left" | "right" | "both"> = {
    L: "left",
    R: "right",
    B: "both",
    U: "none",
    "7771000": "left",
    "24028007": "right",
    "51440002": "both",
  };
  return code === undefined ? undefined : sides[code];
}
