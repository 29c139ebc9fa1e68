import type { Patient } from "@medplum/fhirtypes";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { candidateOf } from "./find-candidates.ts";
import { type Score, scoreMatch } from "./score-match.ts";

/** Two stored records compared, for a steward: every reason with its weight, no value. Undefined when one of them cannot be read. */
export function compareRecords(one: Patient | undefined, other: Patient | undefined, suite: CryptoSuite): Score | undefined {
  // A record that gave way is shown all the same.
  const [a, b] = [one, other].map((patient) =>
    patient === undefined ? undefined : candidateOf({ ...patient, active: true }, suite),
  );
  return a === undefined || b === undefined ? undefined : scoreMatch(a.match, b.match);
}
