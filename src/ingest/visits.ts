import type { Resource } from "@medplum/fhirtypes";
import { withExtensions } from "../fhir/extend.ts";
import { compareIssues } from "../fhir/issue.ts";
import { subjectOf } from "../fhir/replacement.ts";
import { extensions } from "../fhir/systems.ts";
import type { GivingWay, Parent, Row, VisitPerson } from "./sheet.ts";
import type { Stored } from "./stored.ts";

/** A Patient known by nothing but a visit, and that visit. */
export interface VisitPair {
  readonly patient: string;
  readonly encounter: string;
}

/** Whether this is a Patient known by nothing but a visit. */
function isVisitPatient({ type, key }: Parent): boolean {
  return type === "Patient" && key?.[0] === "visit";
}

/** The Patient of a sheet that is known by a visit alone, with its visit; none in most sheets. */
export function visitsIn(head: Resource, parents: readonly Parent[]): VisitPair[] {
  const patient = parents.find(isVisitPatient)?.id;
  if (patient === undefined) return [];
  const encounter = head.resourceType === "Encounter" ? head.id : parents.find((parent) => parent.type === "Encounter")?.id;
  return encounter === undefined ? [] : [{ patient, encounter }];
}

/** The person whom the row of a visit names; nobody when it is known by its own number alone. */
export function personOfVisit({ resource, issue }: Row, visits: readonly VisitPair[]): VisitPerson[] {
  const into = resource.resourceType === "Encounter" ? subjectOf(resource) : undefined;
  if (into === undefined || visits.some((visit) => visit.patient === into)) return [];
  return [{ encounter: resource.id ?? "", into, issue }];
}

/**
 * Whom the Patient of a visit gives way to: the person whom the later of the visit's records names that names one at all, of those in a pack and the
 * stored one. Undefined while nobody is known.
 */
export function wayOfVisit(
  { patient, encounter }: VisitPair,
  persons: readonly VisitPerson[],
  stored: Stored | undefined,
): GivingWay | undefined {
  const here = persons.filter((one) => one.encounter === encounter);
  const before =
    stored?.issue === undefined || stored.subject === undefined
      ? []
      : [{ encounter, into: stored.subject, issue: stored.issue }];
  const told = [...here, ...before].filter((one) => one.into !== patient);
  const [latest] = told.sort((a, b) => compareIssues(b.issue, a.issue));
  if (latest === undefined) return undefined;
  const { order, state, digest } = latest.issue;
  // As issues are compared: a record taken back outranks one that stands, at equal order.
  return {
    id: patient,
    replacement: { into: latest.into, by: "key", order, digest: `${state} ${digest}`, visit: encounter },
  };
}

/** The visit with the note of the Patient that is known by it alone; any other resource, and without such a Patient, as it is. */
export function withVisitPatient<T extends Resource>(resource: T, patient: string | undefined): T {
  if (resource.resourceType !== "Encounter" || patient === undefined) return resource;
  return withExtensions(resource, extensions.visitPatient, [{ url: extensions.visitPatient, valueString: patient }]);
}
