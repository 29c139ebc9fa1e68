import type { Encounter, Patient, Resource } from "@medplum/fhirtypes";
import { extensions } from "../fhir/systems.ts";
import type { Parent } from "./sheet.ts";

/** A parent that was named before it came: nothing but its key, which is its id, and the mark that any real record outranks it. */
export function stubOf({ type, id }: Parent): Resource {
  const marked = { resourceType: type, id, extension: [{ url: extensions.stub, valueBoolean: true }] };
  return { ...marked, ...(required[type] ?? {}) } as Resource;
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
