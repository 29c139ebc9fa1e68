import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import {
  cleanNumber,
  type IdentityNumber,
  type NumberFacts,
  type NumberFault,
  type ParseOptions,
  parseIdentityNumber,
} from "./parse-identity-number.ts";

/** What an export says about one person, in clear; it never enters a resource as it stands. */
export interface PersonFacts {
  readonly patientId: ResourceId;
  /** `resident-id` is a 居民身份证号; every other type is some other document. */
  readonly identity?: { readonly type: string; readonly number: string };
  readonly name?: string;
  /** `YYYY-MM-DD`. */
  readonly birthDate?: string;
  readonly sex?: "male" | "female";
  readonly phone?: string;
}

/** A Patient as one institution knows it. */
export interface LocalPatient {
  readonly tenant: InstitutionCode;
  readonly patientId: ResourceId;
}

/** What can be told from the identity document: a checked number, or why there is none to use. */
export type UsableNumber =
  | { readonly kind: "number"; readonly facts: NumberFacts }
  | { readonly kind: "none"; readonly reason: "no-document" | "other-document" | NumberFault };

/** The number a machine may link by. */
export function usableNumber(identity: PersonFacts["identity"], options: ParseOptions): UsableNumber {
  if (identity === undefined || cleanNumber(identity.number) === "") return { kind: "none", reason: "no-document" };
  if (identity.type !== "resident-id") return { kind: "none", reason: "other-document" };
  const parsed = parseIdentityNumber(identity.number, options);
  return parsed.kind === "valid" ? { kind: "number", facts: parsed } : { kind: "none", reason: parsed.reason };
}

/** Id of the golden Patient of a number, whether it exists or not. */
export function residentIdOf(suite: CryptoSuite, number: IdentityNumber): ResidentId {
  return suite.computeId("DEFAULT", "Patient", "resident", "identity-number", number) as ResidentId;
}

/** Id of the golden Patient of a person without a usable number: made from the local Patient's, so it is nobody else's. */
export function provisionalIdOf(suite: CryptoSuite, local: LocalPatient): ResidentId {
  return suite.computeId("DEFAULT", "Patient", "provisional", local.tenant, local.patientId) as ResidentId;
}
