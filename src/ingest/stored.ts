import type { Resource, ResourceType } from "@medplum/fhirtypes";
import { extensionOf, type Issue, issueOf } from "../fhir/issue.ts";
import { namedSubject, type Replacement, replacementOf, subjectOf } from "../fhir/replacement.ts";
import { extensions } from "../fhir/systems.ts";
import { type Lists, listElements, listsOf } from "./sheet-lists.ts";

/** What is stored under an id, as far as deciding needs it. */
export interface Stored {
  readonly version: string;
  /** Undefined on a stub: whatever comes outranks it. */
  readonly issue: Issue | undefined;
  readonly lists: Lists;
  /** What a Patient gave way to. */
  readonly replacement?: Replacement;
  /** Id of the Patient that a visit's own row names. */
  readonly subject?: string;
  /** On a visit whose person is not known otherwise: id of the Patient known by the visit alone. */
  readonly visitPatient?: string;
}

/** The elements a search must return for `storedFrom`. */
export function decidingElements(type: ResourceType): readonly string[] {
  const more: Partial<Record<ResourceType, readonly string[]>> = {
    DiagnosticReport: listElements,
    Patient: ["link"],
    Encounter: ["subject"],
  };
  return ["id", "meta", "extension", ...(more[type] ?? [])];
}

/** What deciding needs of a stored resource. */
export function storedFrom(resource: Resource): Stored {
  const stored = { version: resource.meta?.versionId ?? "1", issue: issueOf(resource), lists: listsOf(resource) };
  if (resource.resourceType === "Patient") {
    const replacement = replacementOf(resource);
    return replacement === undefined ? stored : { ...stored, replacement };
  }
  if (resource.resourceType !== "Encounter") return stored;
  const subject = namedSubject(resource) ?? subjectOf(resource);
  const visitPatient = extensionOf(resource, extensions.visitPatient)?.valueString;
  return { ...stored, ...(subject === undefined ? {} : { subject }), ...(visitPatient === undefined ? {} : { visitPatient }) };
}
