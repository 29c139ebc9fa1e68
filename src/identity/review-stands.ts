import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { type Candidate, candidateOf, keyOf } from "./find-candidates.ts";
import { refuses, replacedBefore } from "./golden-patient.ts";
import { cleanNumber, type IdentityNumber, to18 } from "./parse-identity-number.ts";
import { documentsOf, residentIdOf } from "./person.ts";
import type { ReviewFacts } from "./review-task.ts";
import { scoreMatch } from "./score-match.ts";
import { showPerson } from "./show-person.ts";
import { weakerRecords } from "./weaker-records.ts";

interface Deps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
}

/** What is stored about a review now. */
export interface ReviewNow {
  /** The record that waits. */
  readonly patient: Patient | undefined;
  /** The resident it waits for, every replacement followed. */
  readonly golden: Patient | undefined;
  /** The records linked there. */
  readonly linked: readonly Patient[];
}

/**
 * Whether a record that waits, linked to nobody of the resident in question, still needs a steward. A Task says only that it once did: what is
 * asked follows from the records as they are, so that the steward sees the same in whatever order they came. It needs one while it shows the
 * resident's number, may be one of those linked there, or took the place of a record of that number which cannot be of the same person; what does not open, too.
 */
export async function reviewStands(deps: Deps, review: ReviewFacts, now: ReviewNow): Promise<boolean> {
  const { patient, golden, linked } = now;
  if (patient === undefined || showPerson(review.local, patient, deps.suite).unreadable === true) return true;
  if (patient.active === false || (golden !== undefined && refuses(golden, review.local))) return false;
  const own = candidateOf(patient, deps.suite);
  const names = namesOneOf(deps.suite, [
    review.resident,
    ...(golden === undefined ? [] : [golden.id, ...replacedBefore(golden)]),
  ]);
  if (own !== undefined && names(own)) return true;
  const others = linked.flatMap((one) => candidateOf(one, deps.suite) ?? []);
  if (own !== undefined && others.some((one) => scoreMatch(own.match, one.match).outcome !== "different")) return true;
  const merged = review.reasons.includes("merge-disagrees");
  const weaker = (await weakerRecords(deps, [review.local])).get(keyOf(review.local));
  // A server of the institution's own told that one gave way, and its record does not say so.
  if (weaker === undefined) return merged;
  return weaker
    .filter((one) => names(one) || (merged && !one.match.numberHolds))
    .some((one) => own === undefined || scoreMatch(own.match, one.match).veto !== undefined);
}

/** Tells whether a record shows the number of one of these residents. */
function namesOneOf(suite: CryptoSuite, some: readonly (string | undefined)[]): (one: Candidate) => boolean {
  const residents = new Set(some);
  return ({ facts }) =>
    documentsOf(facts).some(({ number }) => residents.has(residentIdOf(suite, to18(cleanNumber(number)) as IdentityNumber)));
}
