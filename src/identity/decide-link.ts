import type { NumberFacts } from "./parse-identity-number.ts";

/** Why a machine may not link, for the steward. */
export type ReviewReason =
  | "birth-date-differs"
  | "sex-differs"
  | "name-differs"
  | "name-unknown"
  /** Two records that may be of one person: a machine could not say. */
  | "possible-match"
  /** The institution says that two of its records are one person; what they tell speaks against it. */
  | "merge-disagrees";

/** What a record says about a person and what is known of the person its number names. */
export interface LinkEvidence {
  readonly number: NumberFacts;
  /** As the record has them; absent = not known there. */
  readonly birthDate?: string;
  readonly sex?: "male" | "female";
  /** Keyed digest of the record's normalised name; absent = no name, or none that names anybody. */
  readonly nameDigest?: string;
  /** Name digests of the local Patients linked already, this record's own aside; `undefined` in it = linked without a name. */
  readonly linkedNames: readonly (string | undefined)[];
}

export type LinkDecision = { readonly kind: "link" } | { readonly kind: "review"; readonly reasons: readonly ReviewReason[] };

/**
 * Whether a machine may say that this record belongs to the person of its number: birth date and sex agree with the number (unknown does not
 * disagree), the name is known and agrees with those linked already. All disagreements are listed. A name alone never links
 * (国卫规划发〔2020〕22号 clause 4: the number is the index); a newborn on its mother's number and a borrowed card end here.
 */
export function decideLink(evidence: LinkEvidence): LinkDecision {
  const { number, birthDate, sex, nameDigest, linkedNames } = evidence;
  const reasons: ReviewReason[] = [];
  if (birthDate !== undefined && birthDate !== number.birthDate && !isFilledIn(birthDate, number.birthDate))
    reasons.push("birth-date-differs");
  if (sex !== undefined && sex !== number.sex) reasons.push("sex-differs");
  if (nameDigest === undefined) reasons.push("name-unknown");
  // A steward may have confirmed a second name of the same person: then either is known.
  else if (linkedNames.length > 0 && !linkedNames.includes(nameDigest)) reasons.push("name-differs");
  return reasons.length === 0 ? { kind: "link" } : { kind: "review", reasons };
}

/** 1900-01-01, and the first of January of the right year: what a form is given that must not be empty. The day is not known there. */
function isFilledIn(birthDate: string, ofNumber: string): boolean {
  return birthDate === "1900-01-01" || birthDate === `${ofNumber.slice(0, 4)}-01-01`;
}
