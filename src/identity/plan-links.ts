import type { Patient } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { decideLink, type LinkDecision, type ReviewReason } from "./decide-link.ts";
import { linksOf, newGolden, type ResidentLink, withLink, withNumber, withoutLink } from "./golden-patient.ts";
import { normaliseName } from "./normalise-name.ts";
import type { ParseOptions } from "./parse-identity-number.ts";
import {
  type LocalPatient,
  type PersonFacts,
  provisionalIdOf,
  residentIdOf,
  type UsableNumber,
  usableNumber,
} from "./person.ts";

/** A local Patient whose person is to be found: what its current record says. */
export interface PersonToLink extends LocalPatient {
  readonly number: UsableNumber;
  /** The golden Patient its number names, or its own provisional one. */
  readonly resident: ResidentId;
  readonly nameDigest: string | undefined;
  readonly birthDate: string | undefined;
  readonly sex: "male" | "female" | undefined;
}

/** What became of one person: `provisional` = a golden of their own, for want of a number; `kept` = was linked before, as it still is. */
export type LinkOutcome =
  | { readonly kind: "linked" | "provisional" | "kept"; readonly resident: ResidentId }
  | { readonly kind: "review"; readonly resident: ResidentId; readonly reasons: readonly ReviewReason[] };

/** The golden as it should become, and what was decided for each person, in order. `golden` is the object given when nothing changes. */
export interface LinkPlan {
  readonly golden: Patient | undefined;
  readonly outcomes: readonly LinkOutcome[];
}

/** A person made ready to be linked: number checked, name digested, golden id computed. The clear values end here. */
export function personToLink(local: LocalPatient, facts: PersonFacts, suite: CryptoSuite, options: ParseOptions): PersonToLink {
  const number = usableNumber(facts.identity, options);
  const name = normaliseName(facts.name);
  return {
    tenant: local.tenant,
    patientId: local.patientId,
    number,
    resident: number.kind === "number" ? residentIdOf(suite, number.facts.number) : provisionalIdOf(suite, local),
    nameDigest: name === undefined ? undefined : suite.blindIndex("name", name),
    birthDate: facts.birthDate,
    sex: facts.sex,
  };
}

/**
 * Links people to the one golden Patient they all name, one after the other, so that two who disagree in one batch meet too. `stored` is that
 * golden as it stands, or undefined. A record that no longer agrees loses a machine's link; a steward's stays.
 */
export function planLinks(
  stored: Patient | undefined,
  people: readonly PersonToLink[],
  context: { readonly suite: CryptoSuite; readonly at: string },
): LinkPlan {
  let golden = stored;
  const outcomes = people.map((person): LinkOutcome => {
    const links = golden === undefined ? [] : linksOf(golden);
    const own = links.find((link) => link.tenant === person.tenant && link.patientId === person.patientId);
    const resident = (golden?.id ?? person.resident) as ResidentId;
    if (own?.basis === "steward") return { kind: "kept", resident };
    const decision = judge(
      person,
      links.filter((link) => link !== own),
    );
    if (decision.kind === "review") {
      if (own !== undefined && golden !== undefined) golden = withoutLink(golden, person);
      return { kind: "review", resident, reasons: decision.reasons };
    }
    const basis = person.number.kind === "number" ? "number" : "provisional";
    if (own?.basis === basis && own.nameDigest === person.nameDigest) return { kind: "kept", resident };
    golden = withLink(numbered(golden ?? newGolden(person.resident), person, context.suite), linkTo(person, basis, context.at));
    return { kind: basis === "number" ? "linked" : "provisional", resident };
  });
  return { golden, outcomes };
}

function judge(person: PersonToLink, others: readonly ResidentLink[]): LinkDecision {
  if (person.number.kind === "none") return { kind: "link" };
  return decideLink({
    number: person.number.facts,
    linkedNames: others.map((link) => link.nameDigest),
    ...(person.birthDate === undefined ? {} : { birthDate: person.birthDate }),
    ...(person.sex === undefined ? {} : { sex: person.sex }),
    ...(person.nameDigest === undefined ? {} : { nameDigest: person.nameDigest }),
  });
}

function numbered(golden: Patient, person: PersonToLink, suite: CryptoSuite): Patient {
  return person.number.kind === "number" ? withNumber(golden, person.number.facts, suite) : golden;
}

function linkTo(person: PersonToLink, basis: ResidentLink["basis"], at: string): ResidentLink {
  const { tenant, patientId, nameDigest } = person;
  return { tenant, patientId, basis, at, ...(nameDigest === undefined ? {} : { nameDigest }) };
}
