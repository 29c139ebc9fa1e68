import type { ContactPoint, Extension, Identifier, Patient } from "@medplum/fhirtypes";
import { extensions, systems } from "../fhir/systems.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { cleanNumber, to18 } from "./parse-identity-number.ts";
import type { PersonFacts } from "./person.ts";

/** What a sealed Patient holds, in clear: only for those entitled to it. */
export interface OpenedPerson {
  readonly identity?: { readonly type: string; readonly number: string };
  readonly phone?: string;
}

/**
 * The local Patient with identity number and phone sealed in: a blind index where a search looks, the ciphertext beside it, nothing in clear.
 * The same facts give the same bytes, so a replay makes no new version.
 */
export function sealPerson(patient: Patient, facts: Pick<PersonFacts, "identity" | "phone">, suite: CryptoSuite): Patient {
  const identifiers = (patient.identifier ?? []).filter((one) => one.system !== systems.identityNumberIndex);
  const telecoms = (patient.telecom ?? []).filter((one) => !isSealed(one.extension));
  const number = facts.identity === undefined ? "" : cleanNumber(facts.identity.number);
  const phone = facts.phone?.trim() ?? "";
  if (facts.identity !== undefined && number !== "")
    identifiers.push(sealedNumber(patient, facts.identity.type, number, suite));
  if (phone !== "") telecoms.push(sealedPhone(patient, phone, suite));
  const { identifier: _identifier, telecom: _telecom, ...others } = patient;
  return {
    ...others,
    ...(identifiers.length === 0 ? {} : { identifier: identifiers }),
    ...(telecoms.length === 0 ? {} : { telecom: telecoms }),
  };
}

/** Opens what `sealPerson` sealed. Throws `Fault("unexpected")` when a ciphertext was moved or tampered with. */
export function openPerson(patient: Patient, suite: CryptoSuite): OpenedPerson {
  const open = (what: string, extension: Extension[] | undefined) => {
    const sealed = extension?.find((one) => one.url === extensions.ciphertext)?.valueString;
    return sealed === undefined ? undefined : suite.open(contextOf(patient, what), sealed).toString("utf8");
  };
  const identifier = patient.identifier?.find((one) => one.system === systems.identityNumberIndex);
  const number = open("identity-number", identifier?.extension);
  const phone = open("phone", patient.telecom?.find((one) => isSealed(one.extension))?.extension);
  return {
    ...(number === undefined ? {} : { identity: { type: identifier?.type?.text ?? "", number } }),
    ...(phone === undefined ? {} : { phone }),
  };
}

/** Blind index of an identity document's number: for a 居民身份证号 the 18 characters alone, for others the type too, so that they never meet. */
export function identityNumberIndex(suite: CryptoSuite, identity: { readonly type: string; readonly number: string }): string {
  const number = to18(cleanNumber(identity.number));
  return suite.blindIndex("identity-number", identity.type === "resident-id" ? number : `${identity.type}|${number}`);
}

/** Blind index of a phone number, however it was punctuated or prefixed. */
export function phoneIndex(suite: CryptoSuite, phone: string): string {
  const digits = phone.normalize("NFKC").replace(/\D/gu, "");
  const national = digits.replace(/^(?:00)?86(?=1\d{10}$)/u, "");
  return suite.blindIndex("phone", national === "" ? phone.trim() : national);
}

function sealedNumber(patient: Patient, type: string, number: string, suite: CryptoSuite): Identifier {
  return {
    extension: [{ url: extensions.ciphertext, valueString: suite.seal(contextOf(patient, "identity-number"), number) }],
    use: "official",
    type: { text: type },
    system: systems.identityNumberIndex,
    value: identityNumberIndex(suite, { type, number }),
  };
}

function sealedPhone(patient: Patient, phone: string, suite: CryptoSuite): ContactPoint {
  return {
    extension: [{ url: extensions.ciphertext, valueString: suite.seal(contextOf(patient, "phone"), phone) }],
    system: "phone",
    value: phoneIndex(suite, phone),
  };
}

/** A ciphertext opens only in the resource it was made for. */
function contextOf(patient: Patient, what: string): string {
  return `Patient/${patient.id}/${what}`;
}

function isSealed(extension: Extension[] | undefined): boolean {
  return extension?.some((one) => one.url === extensions.ciphertext) ?? false;
}
