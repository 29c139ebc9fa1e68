import type { MatchFacts } from "./match-facts.ts";
import type { NameForms } from "./name-forms.ts";

/** How two names stand to each other, from "certainly one" to "certainly two". */
export type NameLevel = "same" | "same-short" | "sound" | "near" | "surname-changed" | "one-family" | "different" | "unknown";

/** Compares two names: characters with variants folded, sound, one wrong character, words in another order. */
export function compareNames(one: NameForms | undefined, other: NameForms | undefined): NameLevel {
  if (one === undefined || other === undefined) return "unknown";
  if (one.folded === other.folded) return sayLittle(one) ? "same-short" : "same";
  if (one.script === "latin" || other.script === "latin") return compareWords(one, other);
  if (one.sound.join() === other.sound.join()) return "sound";
  const long = Math.min(one.folded.length, other.folded.length) >= 3;
  if (long && one.surname === other.surname && editDistance(one.folded, other.folded) === 1) return "near";
  if (one.given === other.given && [...one.given].length >= 2) return "surname-changed";
  return one.surname === other.surname ? "one-family" : "different";
}

/** How two birth dates stand to each other: `swapped` and `digit` are typing errors, `near` is a day, a month or a lunar month off, `default` a date typed for want of one. */
export type BirthLevel = "same" | "swapped" | "digit" | "near" | "default" | "same-year" | "different" | "unknown";

/** Compares two birth dates. */
export function compareBirthDates(one: string | undefined, other: string | undefined): BirthLevel {
  if (one === undefined || other === undefined) return "unknown";
  if (isDefault(one) || isDefault(other))
    return one === other ? "unknown" : one.slice(0, 4) === other.slice(0, 4) ? "default" : "unknown";
  if (one === other) return "same";
  const [a, b] = [one.replaceAll("-", ""), other.replaceAll("-", "")];
  if (a.slice(0, 4) === b.slice(0, 4) && a.slice(4, 6) + a.slice(6) === b.slice(6) + b.slice(4, 6)) return "swapped";
  if (isTransposed(a, b)) return "swapped";
  const days = Math.abs(Date.parse(one) - Date.parse(other)) / 86_400_000;
  // A lunar date stands 18 to 52 days before the same numbers in the solar calendar.
  if (days <= 1 || (a.slice(6) === b.slice(6) && days <= 31) || (days >= 18 && days <= 52)) return "near";
  if ([...a].filter((digit, at) => digit !== b[at]).length === 1) return "digit";
  return a.slice(0, 4) === b.slice(0, 4) ? "same-year" : "different";
}

/** How two identity numbers stand to each other: `near` = one digit wrong or two swapped, where at most one of them holds. */
export type NumberLevel = "same" | "near" | "different" | "unknown";

/** Compares the numbers as they were written: two that both hold and differ name two people. */
export function compareNumbers(one: MatchFacts, other: MatchFacts): NumberLevel {
  const [a, b] = [one.number, other.number];
  if (a === undefined || b === undefined) return "unknown";
  if (a === b) return "same";
  if (one.numberHolds && other.numberHolds) return "different";
  return isTransposed(a, b) || editDistance(a, b) === 1 ? "near" : "unknown";
}

/** Addresses: `similar` = the one is part of the other, or all but few characters agree. */
export function compareAddresses(
  one: string | undefined,
  other: string | undefined,
): "same" | "similar" | "different" | "unknown" {
  if (one === undefined || other === undefined) return "unknown";
  if (one === other) return "same";
  // The number of the house is what tells neighbours apart.
  if (one.replace(/\D+/gu, " ").trim() !== other.replace(/\D+/gu, " ").trim()) return "different";
  return one.endsWith(other) || other.endsWith(one) || editDistance(one, other) <= 2 ? "similar" : "different";
}

/** Days between two birth dates in years; undefined when one is not known. */
export function yearsApart(one: string | undefined, other: string | undefined): number | undefined {
  if (one === undefined || other === undefined || isDefault(one) || isDefault(other)) return undefined;
  return Math.abs(Date.parse(one) - Date.parse(other)) / (365.25 * 86_400_000);
}

/** 1900-01-01 and the first of January: what a form is given that must not be empty, or what somebody without papers says. */
function isDefault(date: string): boolean {
  return date.endsWith("-01-01") || date.startsWith("1900-") || date.startsWith("1800-");
}

/** Two characters: among a million people hundreds bear it. */
function sayLittle({ script, folded, sound }: NameForms): boolean {
  return script === "latin" ? sound.length < 2 : [...folded].length <= 2;
}

/** Names in Latin letters, or one in letters and one in characters (ZHANG WEI, 张伟): words in any order, one letter off, a middle name. */
function compareWords(one: NameForms, other: NameForms): NameLevel {
  const letters = (forms: NameForms) => forms.sound.map((word) => word.toUpperCase());
  if (one.script !== other.script) {
    const [han, latin] = one.script === "latin" ? [other, one] : [one, other];
    const [surname, ...given] = letters(han);
    const spelt = [...latin.sound].sort().join(" ");
    const whole = [surname, given.join("")].sort().join(" ");
    const apart = letters(han).sort().join(" ");
    return spelt === whole || spelt === apart ? "sound" : "unknown";
  }
  const [a, b] = [letters(one), letters(other)];
  const shared = a.filter((word) => word.length > 1 && b.includes(word));
  if (shared.length >= 2 && shared.length === Math.min(a.length, b.length)) return "sound";
  if (editDistance(one.folded, other.folded) <= 2 && one.folded.length >= 8) return "near";
  return shared.length > 0 ? "surname-changed" : "different";
}

/** Whether two texts differ by two neighbours that changed places. */
function isTransposed(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((sign, index) => sign !== b[index]);
  return at !== -1 && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

/** Levenshtein distance, given up (3) as soon as it is more than two. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const step = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 3) + 1, (next[j - 1] ?? 3) + 1, (row[j - 1] ?? 3) + step));
    }
    if (Math.min(...next) > 2) return 3;
    row = next;
  }
  return row[b.length] ?? 3;
}
