import type { DiagnosticReport, ImagingStudy, Resource } from "@medplum/fhirtypes";
import { isRestricted } from "../fhir/restricted.ts";
import type { Catalogue } from "../recognition/catalogue.ts";
import { examinationsOf, priorOfExamination } from "../recognition/imaging-prior.ts";
import type { Kind } from "../recognition/policy-schema.ts";
import { type Found, type Prior, priorOfObservation } from "../recognition/prior.ts";
import { dateOf } from "../sources/check-answer.ts";
import type { FoundResults } from "./find-results.ts";
import type { CheckedPatient, PermittedCheck } from "./judge-check.ts";

/** What this decision leaves of the findings, as facts for recognition: local Patients still linked, kinds and dates still permitted. */
export function readPriors(found: readonly FoundResults[], judged: PermittedCheck, catalogue: Catalogue): Prior[] {
  const owners = new Map(judged.patients.map((one) => [`Patient/${one.patient}`, one]));
  const parts = found.flatMap(({ kind, resources }) =>
    resources.flatMap((resource) => {
      const owner = owners.get(subjectOf(resource) ?? "");
      return owner?.kinds.includes(kind) && isPermitted(resource, kind, owner, judged) ? [{ resource, owner }] : [];
    }),
  );
  const labs = parts.flatMap(({ resource, owner }) =>
    resource.resourceType === "Observation" ? [priorOfObservation(resource, foundAt(owner), catalogue)] : [],
  );
  // A report and its study lie in one institution and belong to one local Patient.
  const examinations = [...Map.groupBy(parts, (part) => part.owner).entries()].flatMap(([owner, own]) => {
    const reports = own.flatMap(({ resource }) => (isReport(resource) ? [resource] : []));
    const studies = own.flatMap(({ resource }) => (isStudy(resource) ? [resource] : []));
    return examinationsOf(reports, studies).flatMap((one) => priorOfExamination(one, foundAt(owner), catalogue) ?? []);
  });
  return [...labs, ...examinations];
}

function isPermitted(resource: Resource, category: Kind, owner: CheckedPatient, judged: PermittedCheck): boolean {
  const date = dateOf(resource);
  if (owner.own) return true;
  return (
    !isRestricted(resource) &&
    judged.permits({ institution: owner.institution, category, ...(date === undefined ? {} : { date }) })
  );
}

function foundAt({ institution, basis }: CheckedPatient): Found {
  return { source: institution, linkBasis: basis };
}

function subjectOf(resource: Resource): string | undefined {
  return (resource as { subject?: { reference?: string } }).subject?.reference;
}

function isReport(resource: Resource): resource is DiagnosticReport {
  return resource.resourceType === "DiagnosticReport";
}

function isStudy(resource: Resource): resource is ImagingStudy {
  return resource.resourceType === "ImagingStudy";
}
