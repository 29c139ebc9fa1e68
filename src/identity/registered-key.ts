import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { type OwnIdentifier, registeredId } from "./register-patient.ts";
import { openFacts } from "./seal-person.ts";

/**
 * The identifiers under which an institution with a server of its own registered a local Patient: by these its server knows the person. None for a Patient
 * that came in an export. Throws `Fault("store-down")`.
 */
export async function registeredKeys(
  deps: { readonly store: Pick<FhirStore, "read">; readonly suite: CryptoSuite },
  tenant: InstitutionCode,
  patient: ResourceId,
): Promise<OwnIdentifier[]> {
  const stored = await deps.store.read(tenant, "Patient", patient);
  const facts = stored === undefined ? undefined : openFacts(stored, deps.suite)?.facts;
  const documents = facts === undefined ? [] : [facts.identity, ...(facts.otherIdentities ?? [])];
  return documents.flatMap((one) => {
    if (one?.system === undefined) return [];
    const key = { system: one.system, value: one.number };
    return registeredId(deps.suite, tenant, key) === patient ? [key] : [];
  });
}
