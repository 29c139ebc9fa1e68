import type { Patient } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { decideLink, type LinkDecision, type ReviewReason } from "./decide-link.ts";
import { linksOf, newGolden, type ResidentLink, refuses, withLink, withNumber, withoutLink } from "./golden-patient.ts";
import { type MatchFacts, matchFacts } from "./match-facts.ts";
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
  /** The golden Patient to link to: the one its number names, the one a comparison found, or its own provisional one. */
  readonly resident: ResidentId;
  /** What a link made now rests on. A person of a number may be linked by a score where name or birth date disagree in writing only. */
  readonly basis: "number" | "score" | "provisional";
  readonly nameDigest: string | undefined;
  readonly birthDate: string | undefined;
  readonly sex: "male" | "female" | undefined;
  readonly match: MatchFacts;
  /** How many golden Patients of its own have given way to others. */
  readonly turn?: number;
}

/**
 * What became of one person: `provisional` = a golden of their own, for want of a number; `matched` = linked by comparison; `kept` = was
 * linked before, as it still is; `apart` = a steward said that it is not this resident, so it must become its own person.
 */
export type LinkOutcome =
  | { readonly kind: "linked" | "matched" | "provisional" | "kept" | "apart"; readonly resident: ResidentId }
  | { readonly kind: "review"; readonly resident: ResidentId; readonly reasons: readonly ReviewReason[] };

/** The golden as it should become, and what was decided for each person, in order. `golden` is the object given when nothing changes. */
export interface LinkPlan {
  readonly golden: Patient | undefined;
  readonly outcomes: readonly LinkOutcome[];
}

/** A person made ready to be linked: number checked, name digested, golden id computed. */
export function personToLink(local: LocalPatient, facts: PersonFacts, suite: CryptoSuite, options: ParseOptions): PersonToLink {
  const number = usableNumber(facts, options);
  const name = normaliseName(facts.name);
  return {
    tenant: local.tenant,
    patientId: local.patientId,
    number,
    resident: number.kind === "number" ? residentIdOf(suite, number.facts.number) : provisionalIdOf(suite, local),
    basis: number.kind === "number" ? "number" : "provisional",
    nameDigest: name === undefined ? undefined : suite.blindIndex("name", name),
    birthDate: facts.birthDate,
    sex: facts.sex,
    match: matchFacts(facts),
  };
}

/** The same person as one of their own, whatever number the record shows: the next time, when their golden gave way to another. */
export function ownPerson(person: PersonToLink, suite: CryptoSuite): PersonToLink {
  const turn = person.basis === "provisional" ? (person.turn ?? 0) + 1 : 0;
  return { ...person, resident: provisionalIdOf(suite, person, turn), basis: "provisional", turn };
}

/**
 * Links people to the one golden Patient they all name, one after the other, so that two who disagree in one batch meet too. `stored` is that
 * golden as it stands, or undefined. A record that no longer agrees loses a machine's link; a steward's stays, and what a steward took away
 * is not given back.
 */
export function planLinks(
  stored: Patient | undefined,
  people: readonly PersonToLink[],
  context: { readonly suite: CryptoSuite; readonly at: string },
): LinkPlan {
  let golden = stored;
  const outcomes = people.map((person): LinkOutcome => {
    const placed = place(golden, person, context);
    golden = placed.golden;
    return placed.outcome;
  });
  return { golden, outcomes };
}

interface Placed {
  readonly golden: Patient | undefined;
  readonly outcome: LinkOutcome;
}

function place(
  golden: Patient | undefined,
  person: PersonToLink,
  context: { readonly suite: CryptoSuite; readonly at: string },
): Placed {
  const links = golden === undefined ? [] : linksOf(golden);
  const own = links.find((link) => link.tenant === person.tenant && link.patientId === person.patientId);
  const resident = (golden?.id ?? person.resident) as ResidentId;
  const without = own === undefined || golden === undefined ? golden : withoutLink(golden, person);
  if (own?.basis === "steward") return { golden, outcome: { kind: "kept", resident } };
  if (golden !== undefined && refuses(golden, person)) return { golden: without, outcome: { kind: "apart", resident } };
  // Its own golden gave way to a person it does not belong to any more.
  if (person.basis === "provisional" && resident !== person.resident && own === undefined)
    return { golden, outcome: { kind: "apart", resident } };
  // A record that says what it said when it was linked is vouched for, whatever other names a steward found for the person since.
  const vouched = links.filter((link) => link !== own || (own.basis === "number" && own.nameDigest === person.nameDigest));
  const decision = judge(person, vouched);
  if (decision.kind === "review") {
    // A comparison that spoke for this record is not undone by the difference it had seen.
    if (own?.basis === "score" && own.nameDigest === person.nameDigest) return { golden, outcome: { kind: "kept", resident } };
    return { golden: without, outcome: { kind: "review", resident, reasons: decision.reasons } };
  }
  return joined(golden, person, { own, context });
}

function joined(
  golden: Patient | undefined,
  person: PersonToLink,
  {
    own,
    context,
  }: { readonly own: ResidentLink | undefined; readonly context: { readonly suite: CryptoSuite; readonly at: string } },
): Placed {
  const resident = (golden?.id ?? person.resident) as ResidentId;
  // A golden found by comparison, or its own that others were linked to since: what the link rests on stays.
  const basis = person.basis === "provisional" && own?.basis === "score" ? "score" : person.basis;
  if (own?.basis === basis && own.nameDigest === person.nameDigest) return { golden, outcome: { kind: "kept", resident } };
  const target = golden ?? newGolden(person.resident);
  const known = basis === "number" ? numbered(target, person, context.suite) : target;
  const kind = basis === "number" ? "linked" : basis === "score" ? "matched" : "provisional";
  return { golden: withLink(known, linkTo(person, basis, context.at)), outcome: { kind, resident } };
}

function judge(person: PersonToLink, others: readonly ResidentLink[]): LinkDecision {
  if (person.number.kind === "none" || person.basis !== "number") return { kind: "link" };
  // Names of records that are there by comparison are not what the number vouches for.
  const vouched = others.filter((link) => link.basis !== "score");
  return decideLink({
    number: person.number.facts,
    linkedNames: vouched.map((link) => link.nameDigest),
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
