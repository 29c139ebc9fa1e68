import type { Resource } from "@medplum/fhirtypes";

const confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/** Whether its source labelled a resource restricted or very restricted (密级): out of default sharing between institutions. */
export function isRestricted(resource: Resource): boolean {
  return (resource.meta?.security ?? []).some(
    ({ system, code }) => system === confidentiality && (code === "R" || code === "V"),
  );
}
