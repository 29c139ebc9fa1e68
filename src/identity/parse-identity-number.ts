import type { Brand } from "../kernel/brand.ts";

/** A checked resident identity number (居民身份证号) of 18 characters, upper case. */
export type IdentityNumber = Brand<string, "IdentityNumber">;

/** What the number itself says about its holder. */
export interface NumberFacts {
  readonly number: IdentityNumber;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string;
  readonly sex: "male" | "female";
}

/** `century`: 15 digits with the order codes 996–999, once kept for people born before 1900: which century is not told. */
export type NumberFault = "shape" | "century" | "region" | "date" | "future" | "checksum";

export type ParsedIdentityNumber =
  | ({ readonly kind: "valid" } & NumberFacts)
  | { readonly kind: "invalid"; readonly reason: NumberFault };

export interface ParseOptions {
  /** Takes province 99 too, which is assigned to nobody: for sample people only. */
  readonly allowTestRegions: boolean;
  readonly today: Date;
}

// First two digits (GB/T 2260): provinces, 71 Taiwan, 81–83 residence permits of people from Hong Kong, Macao and Taiwan.
const provinces = new Set(
  "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split(" "),
);
const testProvince = "99";
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkCharacters = "10X98765432";
/** China keeps one time, UTC+08:00: a child born this morning there may be born "tomorrow" in UTC. */
const regionOffsetMs = 8 * 3_600_000;

/**
 * Checks a resident identity number after GB 11643-1999: shape, region, birth date, check character. Takes full-width characters, a small x,
 * spaces around it, and the old 15 digits (returned as 18). Never throws and never repeats the value.
 */
export function parseIdentityNumber(text: string, options: ParseOptions): ParsedIdentityNumber {
  const invalid = (reason: NumberFault) => ({ kind: "invalid", reason }) as const;
  const written = cleanNumber(text);
  if (!/^(\d{15}|\d{17}[\dX])$/.test(written)) return invalid("shape");
  if (written.length === 15 && /99[6-9]$/.test(written)) return invalid("century");
  const number = to18(written);
  if (!isRegion(number) && !(options.allowTestRegions && number.startsWith(testProvince))) return invalid("region");
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isDate(birthDate) || birthDate < "1800") return invalid("date");
  if (birthDate > new Date(options.today.getTime() + regionOffsetMs).toISOString().slice(0, 10)) return invalid("future");
  if (number[17] !== checkCharacter(number)) return invalid("checksum");
  const sex = Number(number[16]) % 2 === 1 ? "male" : "female";
  return { kind: "valid", number: number as IdentityNumber, birthDate, sex };
}

/** A number as people mean it: compatibility forms folded (１→1, ｘ→X), no spaces. For every kind of document. */
export function cleanNumber(text: string): string {
  return text.normalize("NFKC").replace(/\s/gu, "").toUpperCase();
}

/** Whether 18 characters end in the check character that the first 17 give. */
export function hasCheckCharacter(number: string): boolean {
  return /^\d{17}[\dX]$/.test(number) && number[17] === checkCharacter(number);
}

/** The 18 characters of a number written with 15 digits; anything else unchanged. Checks nothing. */
export function to18(written: string): string {
  if (!/^\d{15}$/.test(written)) return written;
  const body = `${written.slice(0, 6)}19${written.slice(6)}`;
  return body + checkCharacter(body);
}

/**
 * Whether the first six characters name a place of registration. Counties are not looked up: retired codes stay on their holders' cards.
 * 81, 82 and 83 are given as whole regions only (港澳台居民居住证); 9 + province + country is a foreigner's permanent residence card.
 */
function isRegion(number: string): boolean {
  const province = number.slice(0, 2);
  if (/^8[123]/.test(number)) return number.slice(2, 6) === "0000";
  if (number.startsWith("9")) return provinces.has(number.slice(1, 3)) && /^\d{3}/.test(number.slice(3));
  return provinces.has(province);
}

function checkCharacter(number: string): string {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return checkCharacters.charAt(sum % 11);
}

function isDate(date: string): boolean {
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}
