import type { DiagnosticReport, Resource } from "@medplum/fhirtypes";
import { issueOf } from "../fhir/issue.ts";
import { namedSubject, subjectOf } from "../fhir/replacement.ts";
import type { Write } from "../fhir/store.ts";
import { extensions } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { compareResources } from "../mapping/compare-resources.ts";
import type { CertificateChange, ChangedResult, ResultChange, ShownBeside } from "../work/result-change.ts";
import { refOf } from "./sheet.ts";
import { listsOf } from "./sheet-lists.ts";

/** What is about to be sent for one sheet. */
export interface SheetWrites {
  readonly tenant: InstitutionCode;
  /** Literal reference of the sheet's head. */
  readonly head: string;
  readonly creates: readonly Resource[];
  readonly updates: readonly Update[];
}

type Update = Extract<Write, { kind: "update" }>;

/** Types whose changes are told to whoever was shown them. */
const results: ReadonlySet<string> = new Set(["Observation", "DiagnosticReport", "ImagingStudy"]);

/** References of what an update takes the place of and what must be read whole for `changesIn`. */
export function refsToCompare(sheets: readonly SheetWrites[]): string[] {
  return sheets.flatMap(({ updates }) =>
    updates.flatMap(({ resource }) =>
      results.has(resource.resourceType) || resource.resourceType === "Basic" ? [refOf(resource)] : [],
    ),
  );
}

/** Which of these writes change what may have been shown: the clinical content or status of a stored result, the backing of a certificate. Pure. */
export function changesIn(sheets: readonly SheetWrites[], before: ReadonlyMap<string, Resource>): ResultChange[] {
  return sheets.flatMap((sheet) => [...sheetChange(sheet, before), ...certificateChanges(sheet, before)]);
}

function sheetChange({ tenant, head, updates }: SheetWrites, before: ReadonlyMap<string, Resource>): ResultChange[] {
  const found = updates.flatMap(({ resource, ifMatch }): ChangedResult[] => {
    const ref = refOf(resource);
    const stored = before.get(ref);
    const issue = issueOf(resource);
    const how = stored === undefined || !results.has(resource.resourceType) ? undefined : howChanged(stored, resource);
    return how === undefined || issue === undefined ? [] : [{ ref, version: ifMatch, how, issue }];
  });
  if (found.length === 0) return [];
  const changed = new Set(found.map((one) => one.ref));
  const studies = updates.flatMap(({ resource }) => (changed.has(refOf(resource)) ? listsOf(resource).imagingStudy : []));
  const around = [...(head.startsWith("DiagnosticReport/") ? [head] : []), ...studies];
  const versions = new Map(updates.map(({ resource, ifMatch }) => [refOf(resource), ifMatch]));
  const beside = [...new Set(around)].flatMap((ref): ShownBeside[] => {
    const version = versions.get(ref);
    return changed.has(ref) ? [] : [version === undefined ? { ref } : { ref, version }];
  });
  return [{ kind: "sheet", tenant, head, results: found, beside }];
}

/** What a write does to a stored result in the eyes of who was shown it; undefined = nothing. A result that only became final takes nothing back. */
function howChanged(stored: Resource, resource: Resource): ChangedResult["how"] | undefined {
  // A stub was shown to nobody.
  if (issueOf(stored) === undefined) return undefined;
  const [old, now] = [statusOf(stored), statusOf(resource)];
  if (isVoid(now)) return isVoid(old) ? undefined : "voided";
  const same = isSamePerson(stored, resource) && compareResources(clinical(stored), clinical(resource)).length === 0;
  if (same && (old === now || unfinished.has(old))) return undefined;
  return "amended";
}

const unfinished: ReadonlySet<string> = new Set(["registered", "partial", "preliminary"]);

function isVoid(status: string): boolean {
  return status === "entered-in-error" || status === "cancelled";
}

function statusOf(resource: Resource): string {
  return (resource as { status?: string }).status ?? "";
}

/** Whoever the source names counts, or who stands in their place: a better key of one patient is no other patient. */
function isSamePerson(stored: Resource, resource: Resource): boolean {
  const people = (one: Resource) => [subjectOf(one), namedSubject(one)].filter((id) => id !== undefined);
  const known = new Set(people(stored));
  const now = people(resource);
  return now.length === 0 ? known.size === 0 : now.some((id) => known.has(id));
}

/** Elements of a result that say where it stands, when it was printed and what belongs to it; rows of a sheet tell of themselves. */
const administrative = new Set([
  ...["meta", "text", "status", "subject", "encounter", "identifier", "basedOn"],
  ...["issued", "resultsInterpreter", "result", "imagingStudy"],
]);
const internal: ReadonlySet<string> = new Set([
  extensions.issue,
  extensions.sheetRow,
  extensions.namedSubject,
  extensions.stub,
]);

function clinical(resource: Resource): Resource {
  const kept = Object.entries(resource).filter(([name]) => !administrative.has(name) && name !== "extension");
  const extension = (resource as DiagnosticReport).extension?.filter((one) => !internal.has(one.url ?? "")) ?? [];
  return { ...Object.fromEntries(kept), ...(extension.length === 0 ? {} : { extension }) } as unknown as Resource;
}

function certificateChanges(
  { tenant, creates, updates }: SheetWrites,
  before: ReadonlyMap<string, Resource>,
): CertificateChange[] {
  const fresh = creates.flatMap((resource) => {
    const issue = issueOf(resource);
    return issue !== undefined && mayTakeBack(resource)
      ? [{ kind: "certificate", tenant, id: resource.id ?? "", issue } as const]
      : [];
  });
  const changed = updates.flatMap(({ resource }): CertificateChange[] => {
    const stored = before.get(refOf(resource));
    const issue = issueOf(resource);
    if (stored === undefined || issue === undefined || !isCertificate(stored)) return [];
    const same = issueOf(stored)?.state === issue.state && compareResources(clinical(stored), clinical(resource)).length === 0;
    return same ? [] : [{ kind: "certificate", tenant, id: resource.id ?? "", issue, before: JSON.stringify(stored) }];
  });
  return [...fresh, ...changed];
}

function isCertificate(resource: Resource): boolean {
  return resource.resourceType === "Basic" && partsOf(resource) !== undefined;
}

/** A new certificate takes something back only by its result: a later failure or withdrawal ends what earlier certificates gave. */
function mayTakeBack(resource: Resource): boolean {
  if (resource.resourceType !== "Basic") return false;
  const result = partsOf(resource)?.find((one) => one.url === "result");
  return ["failed", "withdrawn"].includes(result?.valueCode ?? result?.valueString ?? "");
}

function partsOf(resource: Resource) {
  const { extension } = resource as DiagnosticReport;
  return extension?.find((one) => one.url === extensions.qualityCertificate)?.extension;
}
