import type { DiagnosticReport, ImagingStudy, Resource } from "@medplum/fhirtypes";
import { isRestricted } from "../../fhir/restricted.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { type Examination, examinationsOf, priorOfExamination } from "../../recognition/imaging-prior.ts";
import type { Kind } from "../../recognition/policy-schema.ts";
import { type Found, type Prior, priorOfObservation } from "../../recognition/prior.ts";
import { dateOf } from "../../sources/check-answer.ts";
import type { FoundResults } from "./find-results.ts";
import type { CheckedPatient, PermittedCheck } from "./judge-check.ts";

/** Where the report and the images of a result can be opened: `<institution>/<Type>/<id>`. */
export interface Places {
  readonly report?: string;
  readonly study?: string;
}

/** Earlier results as facts for recognition, each with where its report and images are, as far as that is known. */
export type FoundPriors = ReadonlyMap<Prior, Places>;

/** What this decision leaves of the findings: local Patients still linked, kinds and dates still permitted, nothing its source restricted. */
export function readPriors(found: readonly FoundResults[], judged: PermittedCheck, catalogue: Catalogue): FoundPriors {
  const owners = new Map(judged.patients.map((one) => [`Patient/${one.patient}`, one]));
  const parts = found.flatMap(({ source, kind, resources }) =>
    resources.flatMap((resource) => {
      const owner = owners.get(subjectOf(resource) ?? "");
      if (owner?.institution !== source || !owner.kinds.includes(kind)) return [];
      return isPermitted(resource, kind, owner, judged) ? [{ resource, kind, owner }] : [];
    }),
  );
  const places = new Map<Prior, Places>();
  // A report, its results and its study lie in one institution and belong to one local Patient.
  for (const [owner, own] of Map.groupBy(parts, (part) => part.owner)) {
    const reports = own.filter((part) => part.kind === "lab").flatMap(({ resource }) => (isReport(resource) ? [resource] : []));
    for (const { resource } of own) {
      if (resource.resourceType !== "Observation") continue;
      const report = reports.find((one) => one.result?.some((row) => row.reference === `Observation/${resource.id}`));
      const prior = priorOfObservation(resource, foundAt(owner), catalogue);
      places.set(prior, placesOf(report === undefined ? {} : { report }, owner));
    }
    const examined = own.flatMap(({ resource, kind }) => (kind === "imaging" ? [resource] : []));
    for (const one of examinationsOf(examined.filter(isReport), examined.filter(isStudy))) {
      const prior = priorOfExamination(one, foundAt(owner), catalogue);
      if (prior !== undefined) places.set(prior, placesOf(one, owner));
    }
  }
  return places;
}

function placesOf({ report, study }: Examination, { institution }: CheckedPatient): Places {
  return {
    ...(report === undefined ? {} : { report: `${institution}/DiagnosticReport/${report.id}` }),
    ...(study === undefined ? {} : { study: `${institution}/ImagingStudy/${study.id}` }),
  };
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
