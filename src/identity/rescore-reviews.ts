import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { candidateOf, keyOf } from "./find-candidates.ts";
import { linksOf } from "./golden-patient.ts";
import type { LinkOutcome, PersonToLink } from "./plan-links.ts";
import { readLocals } from "./read-locals.ts";
import { readGoldens } from "./resident.ts";
import { scoreMatch } from "./score-match.ts";

/** Somebody whose number and facts disagreed, and whose records say all the same that it is one person. */
export interface Rescored {
  readonly index: number;
  readonly person: PersonToLink;
}

/**
 * Compares each record that disagrees with its number with those linked under that number: a wrong character in the name or a slip in the
 * birth date, with phone, address or guardian beside it, is one person (linked by score); all else stays with the steward.
 */
export async function rescore(
  deps: { readonly store: FhirStore; readonly suite: CryptoSuite },
  people: readonly PersonToLink[],
  outcomes: readonly LinkOutcome[],
): Promise<Rescored[]> {
  const open = people.flatMap((person, index) => {
    const outcome = outcomes[index];
    return outcome?.kind === "review" && person.match.name !== undefined ? [{ index, person, resident: outcome.resident }] : [];
  });
  if (open.length === 0) return [];
  const goldens = await readGoldens(deps.store, [...new Set(open.map((one) => one.resident))]);
  const agreed = await Promise.all(
    open.map(async ({ person, resident }) => {
      const golden = goldens.get(resident);
      return golden !== undefined && (await agreesWithOthers(deps, person, golden));
    }),
  );
  return open.flatMap(({ index, person }, at) =>
    agreed[at] === true ? [{ index, person: { ...person, basis: "score" as const } }] : [],
  );
}

/** Whether the comparison with the golden's other records says that this record is of the same person, and no record of them forbids it. */
export async function agreesWithOthers(
  deps: { readonly store: FhirStore; readonly suite: CryptoSuite },
  person: PersonToLink,
  golden: Patient,
): Promise<boolean> {
  const others = linksOf(golden).filter((link) => link.basis !== "score" && keyOf(link) !== keyOf(person));
  const patients = await readLocals(deps.store, others);
  const scores = [...patients.values()]
    .flatMap((patient) => candidateOf(patient, deps.suite) ?? [])
    .map((one) => scoreMatch(person.match, one.match));
  return scores.some((one) => one.outcome === "same") && scores.every((one) => one.veto === undefined);
}
