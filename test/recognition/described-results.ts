import type { DiagnosticReport, Extension, ImagingStudy, Observation } from "@medplum/fhirtypes";
import { institutionReference } from "../../src/fhir/reference.ts";
import { extensions, systems } from "../../src/fhir/systems.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { priorOfExamination } from "../../src/recognition/imaging-prior.ts";
import { loincSystem } from "../../src/recognition/loinc.ts";
import type { Item } from "../../src/recognition/policy-schema.ts";
import { type Prior, priorOfObservation } from "../../src/recognition/prior.ts";
import { type Plain, plainOf } from "./laboratory.ts";

/** A laboratory result as a case describes it; what is not said is that of the region's plain one, `null` takes it away. */
export interface GivenResult {
  readonly item?: string;
  readonly source?: string;
  readonly laboratory?: string | null;
  readonly campus?: string;
  readonly link?: string;
  readonly status?: Observation["status"];
  /** Clock times of the region: `2026-11-19 10:00`. */
  readonly collected?: string | null;
  readonly reported?: string | null;
  readonly value?: string | null;
  readonly unit?: string | null;
  readonly range?: string;
  readonly specimen?: string | null;
  readonly method?: string | null;
  readonly platform?: string | null;
  readonly mark?: string | null;
  /** The item's name as printed, where it matters (★肌酐). */
  readonly name?: string;
  readonly origin?: string;
  readonly flag?: string;
  readonly note?: string;
  readonly id?: string;
}

/** An imaging examination as a case describes it. */
export interface GivenExamination {
  /** Item it was. */
  readonly examination: string;
  readonly source?: string;
  readonly laboratory?: string | null;
  readonly link?: string;
  readonly status?: DiagnosticReport["status"];
  readonly modality?: string;
  readonly site?: string;
  readonly words?: string;
  readonly side?: string;
  readonly performed?: string | null;
  readonly reported?: string;
  readonly mark?: string | null;
  readonly report?: boolean;
  readonly images?: boolean;
  /** Whether it carries the item's LOINC code, or only words. */
  readonly coded?: boolean;
  /** How many images the study holds; absent = the source does not count them. */
  readonly instances?: number;
  readonly id?: string;
}

const linhu = plainOf("linhu");
const timeOf = (clock: string): string => `${clock.replace(" ", "T")}:00+08:00`;

/** Parts of a resource that stand only where there is a value. */
const where = <T, R extends object>(value: T | null | undefined, part: (value: T) => R): Partial<R> =>
  value === null || value === undefined ? {} : part(value);

const performer = (code: string, campus?: string) => [institutionReference(campus === undefined ? code : `${code}/${campus}`)];

/** The FHIR Observation of a described result, as the mapping writes it. */
export function observationOf(given: GivenResult, catalogue: Catalogue, plain: Plain = linhu): Observation {
  const whole: GivenResult = { item: plain.order.item ?? "", ...plain.result, ...given };
  const item = catalogue.items.get(whole.item ?? "");
  const { unit = item?.kind === "lab" ? item.unit : null, specimen = specimenOf(item), laboratory = whole.source } = whole;
  const added: Extension[] = [
    ...(specimen === null ? [] : [{ url: extensions.specimenType, valueCodeableConcept: { text: specimen } }]),
    ...(whole.mark === null ? [] : [{ url: extensions.recognitionMark, valueString: whole.mark ?? "" }]),
  ];
  return {
    resourceType: "Observation",
    id: whole.id ?? "h1",
    meta: { versionId: "1", ...where(whole.origin, (code) => ({ tag: [{ system: systems.origin, code }] })) },
    status: whole.status ?? "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
    code: { coding: [{ system: loincSystem, code: item?.loinc ?? "0-0" }], ...where(whole.name, (text) => ({ text })) },
    ...where(whole.collected, (clock) => ({ effectiveDateTime: timeOf(clock) })),
    ...where(whole.reported, (clock) => ({ issued: timeOf(clock) })),
    ...where(whole.value, (printed) => printedValue(printed, unit)),
    ...where(whole.range, (text) => ({ referenceRange: [{ text }] })),
    ...where(whole.method, (text) => ({ method: { text } })),
    ...where(whole.platform, (display) => ({ device: { display } })),
    ...where(laboratory, (code) => ({ performer: performer(code, whole.campus) })),
    ...where(whole.flag, (code) => ({ interpretation: [{ coding: [{ code }] }] })),
    ...where(whole.note, (text) => ({ note: [{ text }] })),
    ...(added.length === 0 ? {} : { extension: added }),
  };
}

function printedValue(printed: string, unit: string | null | undefined): Partial<Observation> {
  const [, comparator, digits] = /^([<>])?([\d.]+)$/.exec(printed) ?? [];
  if (digits === undefined) return { valueString: printed };
  return {
    valueQuantity: {
      ...where(comparator, (sign) => ({ comparator: sign as "<" | ">" })),
      value: exactNumber(digits),
      ...where(unit, (text) => ({ unit: text })),
    },
  };
}

function specimenOf(item: Item | undefined): string | null {
  return item?.kind === "lab" && item.specimens.includes("blood") ? "全血" : "血清";
}

/** The report and study of a described examination, as the mapping writes them. */
export function examinationOf(
  given: GivenExamination,
  catalogue: Catalogue,
  plain: Plain = linhu,
): { report?: DiagnosticReport; study?: ImagingStudy } {
  const whole: GivenExamination = { ...plain.examination, ...given };
  const { report = true, images = true } = whole;
  const item = catalogue.items.get(given.examination);
  const concept = {
    ...(whole.coded !== false && item ? { coding: [{ system: loincSystem, code: item.loinc }] } : {}),
    text: whole.words ?? "",
  };
  return {
    ...(report ? { report: reportOf(whole, concept, images) } : {}),
    ...(images ? { study: studyOf(whole, concept) } : {}),
  };
}

type Concept = NonNullable<DiagnosticReport["code"]>;

function studyOf(given: GivenExamination, concept: Concept): ImagingStudy {
  const modality = { code: given.modality ?? "CT" };
  const site = where(given.site, (display) => ({ bodySite: { display } }));
  const side = where(given.side, (code) => ({ laterality: { code } }));
  return {
    resourceType: "ImagingStudy",
    id: `${given.id ?? "h2"}s`,
    meta: { versionId: "1" },
    status: "available",
    subject: { reference: "Patient/h0" },
    identifier: [{ system: "urn:dicom:uid", value: "urn:oid:2.25.1" }],
    ...where(given.performed, (clock) => ({ started: timeOf(clock) })),
    ...where(given.instances, (numberOfInstances) => ({ numberOfInstances })),
    procedureCode: [concept],
    modality: [modality],
    series: [{ uid: "2.25.1.1", modality, ...site, ...side }],
  };
}

function reportOf(given: GivenExamination, concept: Concept, images: boolean): DiagnosticReport {
  const { laboratory = given.source } = given;
  return {
    resourceType: "DiagnosticReport",
    id: `${given.id ?? "h2"}r`,
    meta: { versionId: "1" },
    status: given.status ?? "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "RAD" }] }],
    code: concept,
    ...where(given.performed, (clock) => ({ effectiveDateTime: timeOf(clock) })),
    ...where(given.reported ?? given.performed, (clock) => ({ issued: timeOf(clock) })),
    ...where(laboratory, (code) => ({ performer: performer(code) })),
    ...where(given.mark, (valueString) => ({ extension: [{ url: extensions.recognitionMark, valueString }] })),
    ...(images ? { imagingStudy: [{ reference: `ImagingStudy/${given.id ?? "h2"}s` }] } : {}),
  };
}

/** The facts of a described result or examination, as they are read from FHIR. */
export function priorOf(given: GivenResult | GivenExamination, catalogue: Catalogue, plain: Plain = linhu): Prior {
  const source = (given.source ?? plain.result.source) as InstitutionCode;
  const found = { source, linkBasis: given.link ?? "number" };
  if (!("examination" in given)) return priorOfObservation(observationOf(given, catalogue, plain), found, catalogue);
  const prior = priorOfExamination(examinationOf(given, catalogue, plain), found, catalogue);
  if (prior === undefined) throw new Error("an examination needs a report or images");
  return prior;
}
