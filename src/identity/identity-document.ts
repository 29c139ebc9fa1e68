import { cleanNumber, to18 } from "./parse-identity-number.ts";

/** A document that names a person, in clear. */
export interface IdentityDocument {
  /** A key of `documentTypes`; any other type counts as `other`. */
  readonly type: string;
  readonly number: string;
  /** Of an identifier of the institution's own: the system it gives it in. */
  readonly system?: string;
}

interface DocumentTraits {
  /** What a number of this type looks like once it is cleaned. */
  readonly shape: RegExp;
  /**
   * What two equal numbers say: `person` = issued to one person only; `family` = stands for a household; `institution` = only means
   * something where it was given.
   */
  readonly names: "person" | "family" | "institution";
}

/**
 * Documents by the codes of the identity-type tables (CV02.01.101 and what feeds add). Shapes are as wide as the issuers are: they keep out
 * placeholders and swapped columns, they prove nothing. 国卫规划发〔2020〕22号 四: 身份证号码为主索引，其他证件号码为补充.
 */
const documentTypes: Readonly<Record<string, DocumentTraits>> = {
  "resident-id": { shape: /^(\d{15}|\d{17}[\dX])$/, names: "person" },
  /** Foreigners' permanent residence card: 18 characters from 9 since 2023, before three letters and twelve digits. */
  "permanent-residence": { shape: /^(9\d{16}[\dX]|[A-Z]{3}\d{12})$/, names: "person" },
  passport: { shape: /^[A-Z0-9]{6,12}$/, names: "person" },
  /** 港澳居民来往内地通行证: H or M, eight digits of the person, at times two of the issue. */
  "hk-macau-permit": { shape: /^[HM]\d{8}(\d{2})?$/, names: "person" },
  /** 台湾居民来往大陆通行证: eight digits (five years) or ten with a check character in brackets. */
  "taiwan-permit": { shape: /^(\d{8}|\d{10}[A-Z0-9]?)$/, names: "person" },
  officer: { shape: /^[\p{L}\d]{4,20}$/u, names: "person" },
  driver: { shape: /^[A-Z0-9]{10,18}$/, names: "person" },
  "birth-certificate": { shape: /^[A-Z]\d{9}$/, names: "person" },
  /** 电子健康卡ID; the code shown as QR is another thing and never comes this far. */
  "health-card": { shape: /^[A-Z0-9]{8,64}$/, names: "person" },
  insurance: { shape: /^[A-Z0-9]{6,32}$/, names: "person" },
  "household-register": { shape: /^[A-Z0-9]{6,20}$/, names: "family" },
  "local-card": { shape: /^[A-Z0-9]{3,40}$/, names: "institution" },
  other: { shape: /^[\p{L}\d]{4,40}$/u, names: "institution" },
};

/** A document as it is compared: cleaned, in the one form of its type. Undefined when it cannot be such a number or names nobody. */
export function normaliseDocument(document: IdentityDocument): IdentityDocument | undefined {
  const type = Object.hasOwn(documentTypes, document.type) ? document.type : "other";
  const traits = documentTypes[type];
  const cleaned = cleanNumber(document.number).replace(/[-/.·_()]/gu, "");
  const number = type === "hk-macau-permit" ? cleaned.slice(0, 9) : to18Of(type, cleaned);
  // 00000000, 11111111, 123456: what is typed when a field must not be empty.
  if (traits === undefined || !traits.shape.test(number) || /^(.)\1+$/u.test(number) || "1234567890".startsWith(number))
    return undefined;
  return { type, number };
}

/** What a document of this type names. */
export function namesOf(type: string): DocumentTraits["names"] {
  return documentTypes[type]?.names ?? "institution";
}

function to18Of(type: string, cleaned: string): string {
  return type === "resident-id" ? to18(cleaned) : cleaned;
}
