import path from "node:path";
import type { DiagnosticReport, Extension, ImagingStudy, Observation } from "@medplum/fhirtypes";
import { institutionReference } from "../../src/fhir/reference.ts";
import { extensions, systems } from "../../src/fhir/systems.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { type Catalogue, catalogueOn, loincSystem } from "../../src/recognition/catalogue.ts";
import { type Certificate, type Certificates, indexCertificates } from "../../src/recognition/certificates.ts";
import { priorOfExamination } from "../../src/recognition/imaging-prior.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { type Prior, priorOfObservation } from "../../src/recognition/prior.ts";
import type { Order, Party } from "../../src/recognition/rules/rule.ts";

/** Folder of the shipped policies. */
export const policiesFolder = path.join(import.meta.dirname, "../../profiles/recognition");

/** The shipped policy of 临湖省; a mistake in it fails every test that asks for it. */
export async function linhuPolicy(): Promise<Policy> {
  const loaded = await loadCatalogue(policiesFolder, "linhu");
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  return loaded.policy;
}

const party = (code: string, region: Party["region"], more: Partial<Party> = {}): Party => ({
  code: code as InstitutionCode,
  name: code,
  region,
  level: { ji: 3, deng: "甲" },
  ownership: "public",
  alliances: [],
  ...more,
});
const weitang = { province: "临湖省", city: "临湖市", county: "苇塘县" };

/** Institutions of the cases: those of the sample region, and two from elsewhere. */
const parties: readonly Party[] = [
  party("a-provincial", { province: "临湖省", city: "临湖市" }),
  party("b-central", { province: "临湖省", city: "临湖市" }, { level: { ji: 3, deng: "乙" } }),
  party("c-county", weitang, { level: { ji: 2, deng: "甲" }, alliances: ["c-alliance"] }),
  party("c-town-1", weitang, { level: { ji: 1, deng: "甲" }, alliances: ["c-alliance"] }),
  party("c-thirdlab", { province: "临湖省", city: "临湖市" }, { level: { ji: 9, deng: "未定" }, ownership: "private" }),
  party("wuhan-1", { province: "湖北省", city: "武汉市" }),
  party("abroad", { province: "不在目录的省" }),
];

export const institutionOf = (code: string): Party | undefined => parties.find((one) => one.code === code);

/** A result as a case describes it; everything that is not said is that of a result that must be recognised. */
export interface GivenResult {
  readonly item?: string;
  readonly source?: string;
  readonly laboratory?: string | null;
  readonly link?: string;
  readonly status?: Observation["status"];
  /** Clock times of the region: `2026-11-19 10:00`. */
  readonly collected?: string | null;
  readonly reported?: string | null;
  readonly value?: string | null;
  readonly unit?: string | null;
  readonly specimen?: string | null;
  readonly method?: string | null;
  readonly mark?: string | null;
  readonly origin?: string;
  readonly flag?: string;
  readonly id?: string;
}

/** An imaging examination as a case describes it. */
export interface GivenExamination {
  readonly examination: string;
  readonly source?: string;
  readonly modality?: string;
  readonly site?: string;
  readonly words?: string;
  readonly side?: string;
  readonly performed?: string;
  readonly mark?: string | null;
  readonly report?: boolean;
  readonly images?: boolean;
  /** Whether it carries the item's LOINC code, or only words. */
  readonly coded?: boolean;
  readonly id?: string;
}

const instantOf = (clock: string): string => `${clock.replace(" ", "T")}:00+08:00`;

const plain = {
  item: "creatinine",
  source: "a-provincial",
  status: "final",
  collected: "2026-11-19 10:00",
  reported: "2026-11-19 15:00",
  value: "86",
  method: null,
  mark: "临湖省HR",
} as const;

/** Parts of a resource that stand only where there is a value. */
const where = <T, R extends object>(value: T | null | undefined, part: (value: T) => R): Partial<R> =>
  value === null || value === undefined ? {} : part(value);

/** The FHIR Observation of a described result, as the mapping writes it. */
export function observationOf(given: GivenResult, catalogue: Catalogue): Observation {
  const whole = { ...plain, ...given };
  const item = catalogue.items.get(whole.item);
  const { unit = item?.kind === "lab" ? item.unit : null, specimen = specimenOf(item), laboratory = whole.source } = whole;
  const added: Extension[] = [
    ...(specimen === null ? [] : [{ url: extensions.specimenType, valueCodeableConcept: { text: specimen } }]),
    ...(whole.mark === null ? [] : [{ url: extensions.recognitionMark, valueString: whole.mark }]),
  ];
  return {
    resourceType: "Observation",
    id: whole.id ?? "h1",
    meta: { versionId: "1", ...where(whole.origin, (code) => ({ tag: [{ system: systems.origin, code }] })) },
    status: whole.status,
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
    code: { coding: [{ system: loincSystem, code: item?.loinc ?? "0-0" }] },
    ...where(whole.collected, (clock) => ({ effectiveDateTime: instantOf(clock) })),
    ...where(whole.reported, (clock) => ({ issued: instantOf(clock) })),
    ...where(whole.value, (printed) => printedValue(printed, unit)),
    ...where(whole.method, (text) => ({ method: { text } })),
    ...where(laboratory, (code) => ({ performer: [institutionReference(code)] })),
    ...where(whole.flag, (code) => ({ interpretation: [{ coding: [{ code }] }] })),
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

function specimenOf(item: { kind: string; specimens?: readonly string[] } | undefined): string | null {
  return item?.specimens?.includes("blood") ? "全血" : "血清";
}

/** The report and study of a described examination, as the mapping writes them. */
export function examinationOf(
  given: GivenExamination,
  catalogue: Catalogue,
): { report?: DiagnosticReport; study?: ImagingStudy } {
  const item = catalogue.items.get(given.examination);
  const id = given.id ?? "h2";
  const { performed = "2026-11-10 09:00", mark = "临湖省HR", words = "", report = true, images = true, coded = true } = given;
  const concept = { ...(coded && item ? { coding: [{ system: loincSystem, code: item.loinc }] } : {}), text: words };
  const site = given.site === undefined ? {} : { bodySite: { display: given.site } };
  const side = given.side === undefined ? {} : { laterality: { code: given.side } };
  const study: ImagingStudy = {
    resourceType: "ImagingStudy",
    id: `${id}s`,
    meta: { versionId: "1" },
    status: "available",
    subject: { reference: "Patient/h0" },
    identifier: [{ system: "urn:dicom:uid", value: "urn:oid:2.25.1" }],
    started: instantOf(performed),
    procedureCode: [concept],
    modality: [{ code: given.modality ?? "CT" }],
    series: [{ uid: "2.25.1.1", modality: { code: given.modality ?? "CT" }, ...site, ...side }],
  };
  const radiology: DiagnosticReport = {
    resourceType: "DiagnosticReport",
    id: `${id}r`,
    meta: { versionId: "1" },
    status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "RAD" }] }],
    code: concept,
    effectiveDateTime: instantOf(performed),
    issued: instantOf(performed),
    performer: [institutionReference(given.source ?? "a-provincial")],
    ...(mark === null ? {} : { extension: [{ url: extensions.recognitionMark, valueString: mark }] }),
    ...(images ? { imagingStudy: [{ reference: `ImagingStudy/${id}s` }] } : {}),
  };
  return { ...(report ? { report: radiology } : {}), ...(images ? { study } : {}) };
}

/** The facts of a described result or examination. */
export function priorOf(given: GivenResult | GivenExamination, catalogue: Catalogue): Prior {
  const found = {
    source: (given.source ?? "a-provincial") as InstitutionCode,
    linkBasis: ("link" in given && given.link) || "number",
  };
  if (!("examination" in given)) return priorOfObservation(observationOf(given, catalogue), found, catalogue);
  const prior = priorOfExamination(examinationOf(given, catalogue), found, catalogue);
  if (prior === undefined) throw new Error("an examination needs a report or images");
  return prior;
}

/** A certificate as a case describes it; what is not said is that of a certificate that backs 临湖省HR for A's creatinine. */
export interface GivenCertificate {
  readonly id?: string;
  readonly laboratory?: string;
  readonly item?: string;
  readonly body?: string;
  readonly region?: string;
  readonly result?: Certificate["result"];
  readonly from?: string;
  readonly to?: string;
  readonly published?: string;
  readonly withdrawnFrom?: string;
}

/** Certificates ready for the decision. */
export function certificatesOf(given: readonly GivenCertificate[], catalogue: Catalogue, item = "creatinine"): Certificates {
  return indexCertificates(
    given.map(({ region = "临湖省", ...one }, index) => ({
      id: `certificate-${index}`,
      laboratory: "a-provincial",
      item,
      body: "临湖省临床检验中心",
      scope: catalogue.scopes.named(region),
      result: "passed",
      from: "2026-01-01",
      to: "2026-12-31",
      ...one,
    })),
  );
}

/** An order of C for an item. */
export function orderOf(
  given: { item?: string; institution?: string; setting?: Order["setting"]; emergency?: boolean; platform?: string },
  catalogue: Catalogue,
): Order {
  const item = catalogue.items.get(given.item ?? "creatinine");
  const institution = institutionOf(given.institution ?? "c-county");
  if (item === undefined || institution === undefined)
    throw new Error("a case orders an item or names an institution that does not exist");
  const { setting = "outpatient", emergency = false, platform } = given;
  return { item, institution, setting, emergency, ...(platform === undefined ? {} : { platform }) };
}

/** The catalogue of 临湖省 on a day, with parts of its head replaced. */
export async function linhuCatalogue(at: Date, head: Partial<Policy["head"]> = {}): Promise<Catalogue> {
  const policy = await linhuPolicy();
  return catalogueOn({ ...policy, head: { ...policy.head, ...head } }, at);
}
