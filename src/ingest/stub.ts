import type { Encounter, Patient, Resource } from "@medplum/fhirtypes";
import { extensions } from "../fhir/systems.ts";
import type { Parent } from "./sheet.ts";
import { withVisitPatient } from "./visits.ts";

/**
 * A parent that was named before it came: nothing but its key, which is its id, and the mark that any real record outranks it. A visit's stub also
 * tells which Patient is known by this visit alone, so that the real visit, which knows the person, finds them.
 */
export function stubOf({ type, id }: Parent, visitPatient?: string): Resource {
  const marked = { resourceType: type, id, extension: [{ url: extensions.stub, valueBoolean: true }] };
  return withVisitPatient({ ...marked, ...(required[type] ?? {}) } as Resource, visitPatient);
}

const absent = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "unknown" }] };

/** What R4 requires of a type even when nothing is known. */
const required: Partial<Record<Resource["resourceType"], object>> = {
  Encounter: {
    status: "unknown",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "UNK" },
  } satisfies Partial<Encounter>,
  Observation: { status: "unknown", code: absent },
  DiagnosticReport: { status: "unknown", code: absent },
  Patient: { active: true } satisfies Partial<Patient>,
};
