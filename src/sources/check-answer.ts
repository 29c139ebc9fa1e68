import type { Reference, Resource } from "@medplum/fhirtypes";
import { issueOf } from "../fhir/issue.ts";
import { isRestricted } from "../fhir/restricted.ts";
import { extensions } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { Category, LocalPatient, SourceAnswer } from "./answer.ts";

/** Resources sorted to the institutions whose local Patient they belong to; `strangers` belong to nobody who was asked for. */
export interface CheckedAnswer {
  readonly belonging: ReadonlyMap<InstitutionCode, readonly Resource[]>;
  readonly strangers: number;
}

/**
 * Every resource must belong to a permitted local Patient of the resident. One that does not is a stranger's, and the answer that
 * held it must not be used at all: a source that mixes two people up once cannot be trusted for the rest of that answer.
 */
export function checkAnswer(resources: readonly Resource[], permitted: readonly LocalPatient[]): CheckedAnswer {
  const owners = new Map(permitted.map(({ patient, institution }) => [`Patient/${patient}`, institution]));
  const belonging = new Map<InstitutionCode, Resource[]>();
  let strangers = 0;
  for (const resource of resources) {
    const owner = owners.get(patientOf(resource) ?? "");
    if (owner === undefined) strangers++;
    else if (isCurrent(resource)) belonging.set(owner, [...(belonging.get(owner) ?? []), resource]);
  }
  return { belonging, strangers };
}

/** What consent leaves of a source: the part of its resources whose category and date the decision covers. */
export type Permits = (data: { institution: InstitutionCode; category: Category; date?: string }) => boolean;

/** The answer cut down to what is permitted; what its source labelled restricted is left out, since no consent names labels yet. A source that answered and has nothing permitted says `nothing`. */
export function takePermitted(answer: SourceAnswer, permits: Permits): SourceAnswer {
  const { institution } = answer;
  const resources = answer.resources.filter((resource) => {
    const date = dateOf(resource);
    const category = categoryOf(resource);
    return !isRestricted(resource) && permits({ institution, category, ...(date === undefined ? {} : { date }) });
  });
  const outcome = answer.outcome === "answered" && resources.length === 0 ? "nothing" : answer.outcome;
  return { ...answer, resources, outcome };
}

/** Which category a resource belongs to; what is neither laboratory nor imaging is record. */
export function categoryOf(resource: Resource): Category {
  if (resource.resourceType === "ImagingStudy") return "imaging";
  if (resource.resourceType !== "Observation" && resource.resourceType !== "DiagnosticReport") return "record";
  const codes = (resource.category ?? []).flatMap((concept) => concept.coding ?? []).map((coding) => coding.code);
  if (codes.includes("laboratory") || codes.includes("LAB")) return "lab";
  return codes.includes("RAD") || codes.includes("imaging") ? "imaging" : "record";
}

/** The clinical date that consent judges: when it was taken or began, else when it was reported. */
export function dateOf(resource: Resource): string | undefined {
  switch (resource.resourceType) {
    case "Observation":
      return resource.effectiveDateTime ?? resource.effectiveInstant ?? resource.effectivePeriod?.start ?? resource.issued;
    case "DiagnosticReport":
      return resource.effectiveDateTime ?? resource.effectivePeriod?.start ?? resource.issued;
    case "ImagingStudy":
      return resource.started;
    case "Encounter":
      return resource.period?.start;
    case "Condition":
      return resource.recordedDate ?? resource.onsetDateTime;
    default:
      return undefined;
  }
}

function patientOf(resource: Resource): string | undefined {
  const { subject, patient } = resource as { subject?: Reference; patient?: Reference };
  return (subject ?? patient)?.reference;
}

/** Not withdrawn, not vanished from its sheet, not a stub that only holds a key. */
function isCurrent(resource: Resource): boolean {
  const { status, extension } = resource as { status?: string; extension?: { url: string }[] };
  if (status === "entered-in-error") return false;
  if (extension?.some((one) => one.url === extensions.stub)) return false;
  return (issueOf(resource)?.state ?? "present") === "present";
}
