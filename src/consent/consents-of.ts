import type { Consent } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import type { FoundConsents } from "./model.ts";

/** As many as one uncut search may answer; a resident with more is told no until an operator looked. */
const limit = 199;

/**
 * The active Consents of a resident, read fresh: of the golden Patient and of every golden it replaced (`residents`).
 * Throws `Fault("store-down")`: then nothing may be released.
 */
export async function consentsOf(store: FhirStore, residents: readonly ResidentId[]): Promise<FoundConsents> {
  const page = await store.search("DEFAULT", "Consent", { patient: patients(residents), status: "active" }, limit);
  return { consents: page.resources, complete: !page.more };
}

/** Every Consent of a resident, withdrawn ones too, the newest first: for the resident's own list. */
export async function allConsentsOf(store: FhirStore, residents: readonly ResidentId[]): Promise<readonly Consent[]> {
  const consents = await store.searchAll("DEFAULT", "Consent", { patient: patients(residents) });
  return [...consents].sort((one, other) => (other.dateTime ?? "").localeCompare(one.dateTime ?? ""));
}

function patients(residents: readonly ResidentId[]): string {
  return residents.map((resident) => `Patient/${resident}`).join(",");
}
