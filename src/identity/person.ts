import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { IdentityDocument } from "./identity-document.ts";
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
  /** The document that names the person first of all; `resident-id` is a 居民身份证号, the others are told in identity-document.ts. */
  readonly identity?: IdentityDocument;
  readonly otherIdentities?: readonly IdentityDocument[];
  readonly name?: string;
  /** `YYYY-MM-DD`. */
  readonly birthDate?: string;
  readonly sex?: "male" | "female";
  readonly phone?: string;
  readonly address?: string;
  /** Whom the record names as parent, guardian or contact. */
  readonly guardian?: { readonly name?: string; readonly number?: string; readonly phone?: string };
  /** The record says that it is of a newborn: its number may be the mother's. */
  readonly newborn?: boolean;
}

/** The documents a record shows, as it wrote them, the one that names the person first. */
export function documentsOf(facts: Pick<PersonFacts, "identity" | "otherIdentities">): readonly IdentityDocument[] {
  return [...(facts.identity === undefined ? [] : [facts.identity]), ...(facts.otherIdentities ?? [])];
}

/** Documents that carry a number after GB 11643. */
const numbered = new Set(["resident-id", "permanent-residence"]);

/** A Patient as one institution knows it. */
export interface LocalPatient {
  readonly tenant: InstitutionCode;
  readonly patientId: ResourceId;
}

/** What can be told from the identity document: a checked number, or why there is none to use. */
export type UsableNumber =
  | { readonly kind: "number"; readonly facts: NumberFacts }
  | { readonly kind: "none"; readonly reason: "no-document" | "other-document" | NumberFault };

/**
 * The number a machine may link by: of a resident identity card, of a residence permit of somebody from Hong Kong, Macao or Taiwan, of a
 * foreigner's permanent residence card; whichever of the record's documents holds it.
 */
export function usableNumber(facts: Pick<PersonFacts, "identity" | "otherIdentities">, options: ParseOptions): UsableNumber {
  const written = documentsOf(facts).filter((one) => cleanNumber(one.number) !== "");
  const [first] = written;
  if (first === undefined) return { kind: "none", reason: "no-document" };
  const parsed = written.filter((one) => numbered.has(one.type)).map((one) => parseIdentityNumber(one.number, options));
  const valid = parsed.find((one) => one.kind === "valid");
  if (valid?.kind === "valid") return { kind: "number", facts: valid };
  const [wrong] = parsed;
  return { kind: "none", reason: wrong?.kind === "invalid" ? wrong.reason : "other-document" };
}

/** Id of the golden Patient of a number, whether it exists or not. */
export function residentIdOf(suite: CryptoSuite, number: IdentityNumber): ResidentId {
  return suite.computeId("DEFAULT", "Patient", "resident", "identity-number", number) as ResidentId;
}

/**
 * Id of the golden Patient of a person without a usable number: made from the local Patient's, so it is nobody else's. `turn` counts how often
 * an earlier one gave way to somebody that the record was taken from again.
 */
export function provisionalIdOf(suite: CryptoSuite, local: LocalPatient, turn = 0): ResidentId {
  const again = turn === 0 ? [] : [String(turn)];
  return suite.computeId("DEFAULT", "Patient", "provisional", local.tenant, local.patientId, ...again) as ResidentId;
}
