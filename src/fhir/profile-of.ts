import type { Coding, Resource, Task } from "@medplum/fhirtypes";
import { extensions } from "./systems.ts";

/** The profile of a type whose resources are all of one kind; `profiles/structures/<name>.json`. */
const byType: Partial<Record<Resource["resourceType"], string>> = {
  AllergyIntolerance: "allergy",
  Composition: "composition",
  Condition: "condition",
  DetectedIssue: "recognition-outcome",
  DocumentReference: "document-reference",
  Encounter: "encounter",
  ImagingStudy: "imaging-study",
  Immunization: "immunization",
  Location: "location",
  MeasureReport: "recognition-figures",
  MedicationRequest: "medication-request",
  Organization: "organization",
  Patient: "patient",
  Practitioner: "practitioner",
  PractitionerRole: "practitioner-role",
  Procedure: "procedure",
  Provenance: "provenance",
  ServiceRequest: "service-request",
  Specimen: "specimen",
};

const stubs: Partial<Record<Resource["resourceType"], string>> = { Patient: "stub-patient", Encounter: "stub-encounter" };

/** Kinds of Tasks that outlive their work, or are read by others. */
const taskProfiles = ["recognition-notice", "result-changed"] as const;

/**
 * Which of our profiles a resource of an institution's partition must obey, by its type and kind; undefined when R4 alone speaks (a stub of
 * another type, an Observation that is no laboratory result). The golden Patient's profile is named by who checks one.
 */
export function profileOf(resource: Resource): string | undefined {
  const marks = (resource as { extension?: { url?: string }[] }).extension ?? [];
  if (marks.some((one) => one.url === extensions.stub)) return stubs[resource.resourceType];
  switch (resource.resourceType) {
    case "Observation":
      return has(resource.category, "laboratory") ? "lab-observation" : undefined;
    case "DiagnosticReport":
      return has(resource.category, "LAB") ? "lab-report" : "imaging-report";
    case "Basic":
      return has([resource.code ?? {}], "quality-certificate") ? "quality-certificate-record" : undefined;
    case "Task":
      return taskProfiles.find((name) => has([(resource as Task).code ?? {}], name));
    default:
      return byType[resource.resourceType];
  }
}

function has(concepts: readonly { coding?: Coding[] }[] | undefined, code: string): boolean {
  return (concepts ?? []).some((one) => one.coding?.some((coding) => coding.code === code));
}
