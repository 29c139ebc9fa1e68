import type { ContactPoint, Extension, Identifier, Patient } from "@medplum/fhirtypes";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { IdentityDocument } from "./identity-document.ts";
import { matchFacts } from "./match-facts.ts";
import { matchKeys } from "./match-keys.ts";
import { cleanNumber, to18 } from "./parse-identity-number.ts";
import { documentsOf, type PersonFacts } from "./person.ts";

/** What a sealed Patient holds, in clear: only for those entitled to it. */
export interface OpenedPerson {
  readonly identity?: IdentityDocument;
  readonly phone?: string;
}

/** Everything a record's institution told about a person, as it was sealed with the Patient; only for comparing records. */
export interface SealedFacts {
  readonly tenant: InstitutionCode;
  readonly facts: Omit<PersonFacts, "patientId">;
}

/** Systems whose identifiers are made here and never leave the hub. */
const made = new Set<string | undefined>([systems.identityNumberIndex, systems.matchOpen, systems.matchNumbered]);

/**
 * The local Patient with its documents, its phone and all its person facts sealed in: a blind index where a search looks, the ciphertext
 * beside it, the keys under which it is compared with others, nothing in clear. The same facts give the same bytes, so a replay makes no
 * new version.
 */
export function sealPerson(
  patient: Patient,
  facts: Omit<PersonFacts, "patientId">,
  keys: { readonly suite: CryptoSuite; readonly tenant: InstitutionCode },
): Patient {
  const { suite } = keys;
  const documents = distinctDocuments(facts);
  const identifiers = [
    ...(patient.identifier ?? []).filter((one) => !made.has(one.system)),
    ...documents.map((one, at) => sealedNumber(patient, one, { suite, at })),
    ...keysOf(facts, suite),
  ];
  const telecoms = (patient.telecom ?? []).filter((one) => !isSealed(one.extension));
  const phone = facts.phone?.trim() ?? "";
  if (phone !== "") telecoms.push(sealedPhone(patient, phone, suite));
  const extension = [
    ...(patient.extension ?? []).filter((one) => one.url !== extensions.ciphertext),
    ...sealedFacts(patient, facts, keys),
  ];
  const { identifier: _identifier, telecom: _telecom, extension: _extension, ...rest } = patient;
  return {
    ...rest,
    ...(extension.length === 0 ? {} : { extension }),
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

/** The person facts sealed with a Patient; undefined on one that has none (a stub, an alias). Throws like `openPerson`. */
export function openFacts(patient: Patient, suite: CryptoSuite): SealedFacts | undefined {
  const sealed = patient.extension?.find((one) => one.url === extensions.ciphertext)?.valueString;
  if (sealed === undefined) return undefined;
  return JSON.parse(suite.open(contextOf(patient, "facts"), sealed).toString("utf8")) as SealedFacts;
}

/** Blind index of an identity document's number: for a 居民身份证号 the 18 characters alone, for others the type too, so that they never meet. */
export function identityNumberIndex(suite: CryptoSuite, identity: IdentityDocument): string {
  const number = to18(cleanNumber(identity.number));
  return suite.blindIndex("identity-number", identity.type === "resident-id" ? number : `${identity.type}|${number}`);
}

/** Blind index of a phone number, however it was punctuated or prefixed. */
export function phoneIndex(suite: CryptoSuite, phone: string): string {
  const digits = phone.normalize("NFKC").replace(/\D/gu, "");
  const national = digits.replace(/^(?:00)?86(?=1\d{10}$)/u, "");
  return suite.blindIndex("phone", national === "" ? phone.trim() : national);
}

/** The documents a record shows, each once and without what is only punctuation. */
function distinctDocuments(facts: Pick<PersonFacts, "identity" | "otherIdentities">): IdentityDocument[] {
  const all = documentsOf(facts)
    .map(({ type, number }) => ({ type, number: cleanNumber(number) }))
    .filter(({ number }) => number !== "");
  return [...new Map(all.map((one) => [`${one.type}|${one.number}`, one])).values()];
}

function sealedNumber(patient: Patient, document: IdentityDocument, how: { suite: CryptoSuite; at: number }): Identifier {
  const { suite, at } = how;
  const what = at === 0 ? "identity-number" : `identity-number-${at}`;
  return {
    extension: [{ url: extensions.ciphertext, valueString: suite.seal(contextOf(patient, what), document.number) }],
    use: at === 0 ? "official" : "secondary",
    type: { text: document.type },
    system: systems.identityNumberIndex,
    value: identityNumberIndex(suite, document),
  };
}

/** Records without a number of their own stand apart, so that those with one, who are many, are compared with few. */
function keysOf(facts: Omit<PersonFacts, "patientId">, suite: CryptoSuite): Identifier[] {
  const comparable = matchFacts(facts);
  const system = comparable.numberHolds && !comparable.newborn ? systems.matchNumbered : systems.matchOpen;
  return matchKeys(comparable, suite).map((value) => ({ system, value }));
}

function sealedPhone(patient: Patient, phone: string, suite: CryptoSuite): ContactPoint {
  return {
    extension: [{ url: extensions.ciphertext, valueString: suite.seal(contextOf(patient, "phone"), phone) }],
    system: "phone",
    value: phoneIndex(suite, phone),
  };
}

function sealedFacts(
  patient: Patient,
  facts: Omit<PersonFacts, "patientId">,
  { suite, tenant }: { readonly suite: CryptoSuite; readonly tenant: InstitutionCode },
): Extension[] {
  const { identity, otherIdentities, name, birthDate, sex, phone, address, guardian, newborn } = facts;
  // Named one by one: their order is part of the ciphertext, and a replay must find the same.
  const told = { identity, otherIdentities, name, birthDate, sex, phone, address, guardian, newborn };
  if (Object.values(told).every((one) => one === undefined || (typeof one === "string" && one.trim() === ""))) return [];
  return [
    {
      url: extensions.ciphertext,
      valueString: suite.seal(contextOf(patient, "facts"), JSON.stringify({ tenant, facts: told })),
    },
  ];
}

/** A ciphertext opens only in the resource it was made for. */
function contextOf(patient: Patient, what: string): string {
  return `Patient/${patient.id}/${what}`;
}

function isSealed(extension: Extension[] | undefined): boolean {
  return extension?.some((one) => one.url === extensions.ciphertext) ?? false;
}
