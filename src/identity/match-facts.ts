import { type IdentityDocument, normaliseDocument } from "./identity-document.ts";
import { type ChildOf, type NameForms, nameForms, relationOf } from "./name-forms.ts";
import { cleanNumber, hasCheckCharacter, to18 } from "./parse-identity-number.ts";
import { documentsOf, type PersonFacts } from "./person.ts";

/** What a record says about a person, in the forms two records are compared in. In clear: it lives as long as the comparison. */
export interface MatchFacts {
  readonly name: NameForms | undefined;
  /** Of a newborn entered under its mother. */
  readonly childOf: ChildOf | undefined;
  readonly newborn: boolean;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | undefined;
  readonly sex: "male" | "female" | undefined;
  /** National digits. */
  readonly phone: string | undefined;
  /** What distinguishes an address: its letters and digits. */
  readonly address: string | undefined;
  readonly guardian: {
    readonly name: NameForms | undefined;
    readonly number: string | undefined;
    readonly phone: string | undefined;
  };
  /** The 居民身份证号 as it was written, 18 characters when it can be. */
  readonly number: string | undefined;
  /** Whether its check character is right. */
  readonly numberHolds: boolean;
  /** Other documents that can be such. */
  readonly documents: readonly IdentityDocument[];
}

/** Makes a record's facts comparable. Pure. */
export function matchFacts(facts: Omit<PersonFacts, "patientId">): MatchFacts {
  const written = documentsOf(facts);
  const documents = written.flatMap((one) => normaliseDocument(one) ?? []);
  const numbered = documents.find(isNumbered);
  const childOf = relationOf(facts.name);
  const number = numbered?.number ?? writtenNumber(written);
  const { guardian } = facts;
  return {
    name: nameForms(facts.name),
    childOf,
    newborn: facts.newborn === true || childOf !== undefined || /新生儿/u.test(facts.name ?? ""),
    birthDate: facts.birthDate,
    sex: facts.sex ?? childOf?.sex,
    phone: phoneDigits(facts.phone),
    address: addressForm(facts.address),
    guardian: {
      name: nameForms(guardian?.name) ?? childOf?.mother,
      number: guardian?.number === undefined ? undefined : to18(cleanNumber(guardian.number)),
      phone: phoneDigits(guardian?.phone),
    },
    number,
    numberHolds: number !== undefined && hasCheckCharacter(number),
    documents: documents.filter((one) => !isNumbered(one)),
  };
}

/** A phone number as its national digits; undefined when it is too short to be one or all of one digit. */
function phoneDigits(phone: string | undefined): string | undefined {
  const digits = (phone ?? "")
    .normalize("NFKC")
    .replace(/\D/gu, "")
    .replace(/^(?:00)?86(?=1\d{10}$)/u, "");
  return digits.length < 7 || /^(\d)\1+$/u.test(digits) ? undefined : digits;
}

function isNumbered({ type, number }: IdentityDocument): boolean {
  return type === "resident-id" || (type === "permanent-residence" && number.length === 18);
}

/** A number that is none (a digit missing, a letter inside) still tells much beside one that differs in that place. */
function writtenNumber(written: readonly IdentityDocument[]): string | undefined {
  const number = written.find((one) => one.type === "resident-id")?.number;
  const cleaned = number === undefined ? "" : cleanNumber(number);
  return /^[\dX]{16,19}$/u.test(cleaned) ? cleaned : undefined;
}

/** Province, city and county are left out where somebody leaves them out, so only what comes after them is kept. */
function addressForm(address: string | undefined): string | undefined {
  const plain = (address ?? "")
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toUpperCase();
  const local = plain
    .replace(/^.{2,8}?(?:省|自治区)/u, "")
    .replace(/^.{2,8}?市/u, "")
    .replace(/^.{1,8}?[县区旗]/u, "");
  const form = local.length >= 4 ? local : plain;
  return form.length < 4 || !/\d/u.test(form) ? undefined : form;
}
