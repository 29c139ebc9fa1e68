import type { AuditEvent, Consent } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import { Fault } from "../kernel/fault.ts";

/** A withdrawal. Without `ifMatch` it holds for whatever version is current; with it, only for the version its resident saw. */
export interface Withdrawal {
  /** The signed-in resident's golden Patient and those it replaced. */
  readonly residents: readonly ResidentId[];
  readonly id: string;
  readonly ifMatch?: string;
  /** The event that proves it, stored in the same transaction. */
  readonly audit: (consent: Consent) => readonly AuditEvent[];
}

/** `not-found`: there is none, or it is somebody else's. `existed`: it was withdrawn before. `conflict`: it changed since it was read. */
export type Withdrawn =
  | { readonly kind: "withdrawn" | "existed"; readonly consent: Consent }
  | { readonly kind: "not-found" }
  | { readonly kind: "conflict" };

const attempts = 5;

/**
 * Makes a consent inactive, under If-Match, with its AuditEvent in one transaction. From the acknowledgement on no decision that is made
 * afresh permits anything by it. Throws `Fault("store-down")`: then nothing was withdrawn.
 */
export async function withdrawConsent(store: FhirStore, withdrawal: Withdrawal): Promise<Withdrawn> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const stored = await store.read("DEFAULT", "Consent", withdrawal.id);
    if (stored === undefined || !withdrawal.residents.some((one) => stored.patient?.reference === `Patient/${one}`))
      return { kind: "not-found" };
    if (stored.status !== "active") return { kind: "existed", consent: stored };
    const ifMatch = stored.meta?.versionId ?? "";
    if (withdrawal.ifMatch !== undefined && withdrawal.ifMatch !== ifMatch) return { kind: "conflict" };
    const { meta: _meta, ...content } = stored;
    const consent: Consent = { ...content, status: "inactive" };
    const audit = withdrawal.audit(consent).map((resource): Write => ({ kind: "put", resource }));
    const outcome = await store.commit("DEFAULT", [{ kind: "update", resource: consent, ifMatch }, ...audit]);
    if (outcome.kind === "committed")
      return { kind: "withdrawn", consent: { ...consent, meta: { versionId: outcome.versions[0] ?? "" } } };
  }
  throw new Fault("store-down", { detail: "The consent could not be withdrawn; try again." });
}
