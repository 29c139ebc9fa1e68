import type { AuditEvent, Consent } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault, type Problem } from "../kernel/fault.ts";
import { buildConsent, grantProblems } from "./build-consent.ts";
import type { EnsureResident, Grant } from "./model.ts";
import { readConsent } from "./read-consent.ts";

/** What granting needs beside the store. */
export interface GrantDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  readonly ensureResident: EnsureResident;
}

/** A grant to record. The same `key` (an Idempotency-Key, or a random one) of the same resident is recorded once. */
export interface GrantRequest {
  readonly resident: ResidentId;
  readonly grant: Grant;
  readonly key: string;
  /** The event that proves it, stored in the same transaction. */
  readonly audit: (consent: Consent) => readonly AuditEvent[];
  /** What else changes with it in DEFAULT: waiting lookups that it sets free, under their ifMatch. Read afresh for every attempt. */
  readonly extra?: (consent: Consent) => Promise<readonly Write[]>;
}

/** `existed`: this key was recorded before (it may be withdrawn by now). `conflict`: the same key came with another grant. */
export type Granted =
  | { readonly kind: "granted" | "existed"; readonly consent: Consent }
  | { readonly kind: "conflict" }
  | { readonly kind: "wrong"; readonly problems: readonly Problem[] };

const attempts = 4;

/**
 * Records a consent: Consent, AuditEvent and the lookups it sets free in one transaction of DEFAULT. Never brings a withdrawn one back.
 * Throws `Fault("store-down")`: nothing was granted.
 */
export async function grantConsent(deps: GrantDeps, request: GrantRequest): Promise<Granted> {
  const at = deps.now();
  const problems = grantProblems(request.grant, at);
  if (problems.length > 0) return { kind: "wrong", problems };
  const consent = buildConsent(
    deps.suite.computeId("DEFAULT", "Consent", "grant", request.resident, request.key) as never,
    request.resident,
    request.grant,
    at,
  );
  await deps.ensureResident(request.resident);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const stored = await deps.store.read("DEFAULT", "Consent", consent.id ?? "");
    if (stored !== undefined) return sameGrant(stored, request) ? { kind: "existed", consent: stored } : { kind: "conflict" };
    // Somebody else may keep moving a waiting lookup; the consent does not wait for that: the sweeper asks such lookups again.
    const extra = attempt === attempts ? [] : ((await request.extra?.(consent)) ?? []);
    const audit = request.audit(consent).map((resource): Write => ({ kind: "put", resource }));
    const outcome = await deps.store.commit("DEFAULT", [createOnly(consent), ...audit, ...extra]);
    if (outcome.kind === "committed") {
      const versionId = outcome.versions[0] ?? "1";
      return { kind: "granted", consent: { ...consent, meta: { versionId } } };
    }
  }
  throw new Fault("store-down", { detail: "The consent could not be recorded; nothing was granted, try again." });
}

/** Version 0 never exists: the store creates what is missing and refuses what is there, beside other writes that are no creations. */
function createOnly(resource: Consent): Write {
  return { kind: "update", resource, ifMatch: "0" };
}

/** Whether a stored Consent is what this request would make: rebuilt for the instant of the stored one. */
function sameGrant(stored: Consent, { resident, grant }: GrantRequest): boolean {
  const at = new Date(stored.dateTime ?? 0);
  const shown = (consent: Consent) => {
    const { id: _id, version: _version, status: _status, ...said } = readConsent(consent, at);
    return JSON.stringify(said);
  };
  return shown(stored) === shown(buildConsent(stored.id as never, resident, grant, at));
}
