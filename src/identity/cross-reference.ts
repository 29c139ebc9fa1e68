import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { currentLinks } from "./current-links.ts";
import { factsFromPatient } from "./facts-from-patient.ts";
import { candidateOf, findCandidates, keyOf } from "./find-candidates.ts";
import { linksOf } from "./golden-patient.ts";
import { matchFacts } from "./match-facts.ts";
import { documentsOf, type LocalPatient, type PersonFacts } from "./person.ts";
import { readLocals } from "./read-locals.ts";
import { type OwnIdentifier, registeredId } from "./register-patient.ts";
import { scoreMatch } from "./score-match.ts";
import { identityNumberIndex, openFacts } from "./seal-person.ts";

interface Deps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
}

/** One record of the asking institution: its own identifiers and what it told itself. */
export interface OwnRecord {
  readonly identifiers: readonly OwnIdentifier[];
  readonly facts: Pick<PersonFacts, "name" | "birthDate" | "sex">;
}

/** One of an institution's own records that may be the person it described. */
export interface OwnMatch extends OwnRecord {
  readonly outcome: "same" | "maybe";
  /** 0 to 1, for ordering. */
  readonly score: number;
}

/** Most records of one answer. */
const most = 20;

/**
 * Which other records of the same institution are of the same person (IHE PIXm, ITI-83, within one institution). Undefined when it has
 * registered nobody under that identifier. Nothing of any other institution is read out.
 */
export async function crossReference(
  deps: Deps,
  tenant: InstitutionCode,
  key: OwnIdentifier,
): Promise<OwnRecord[] | undefined> {
  const local: LocalPatient = { tenant, patientId: registeredId(deps.suite, tenant, key) };
  if ((await deps.store.read(tenant, "Patient", local.patientId)) === undefined) return undefined;
  const golden = (await currentLinks(deps.store, [local])).get(keyOf(local))?.[0]?.golden;
  const own =
    golden === undefined ? [] : linksOf(golden).filter((link) => link.tenant === tenant && keyOf(link) !== keyOf(local));
  const patients = await readLocals(deps.store, own.slice(0, most));
  return [...patients.values()].flatMap((patient) => recordOf(patient, deps.suite) ?? []);
}

/** The institution's own records that may be the person described, the likeliest first (`Patient/$match` within one institution). */
export async function matchOwn(deps: Deps, tenant: InstitutionCode, patient: Patient): Promise<OwnMatch[]> {
  const facts = factsFromPatient(patient);
  const match = matchFacts(facts);
  const seeker = { tenant, patientId: "" as LocalPatient["patientId"], match };
  const [candidates = []] = await findCandidates(deps, [seeker], "all", tenant);
  const numbered = match.number === undefined ? [] : await withNumber(deps, tenant, match.number);
  const all = new Map(
    [...candidates, ...numbered.flatMap((one) => candidateOf(one, deps.suite) ?? [])].map((one) => [keyOf(one), one]),
  );
  const scored = [...all.values()].map((one) => ({ one, score: scoreMatch(match, one.match) }));
  const patients = await readLocals(
    deps.store,
    scored.flatMap(({ one, score }) => (score.outcome === "different" ? [] : one)),
  );
  return scored
    .flatMap(({ one, score }): OwnMatch[] => {
      const stored = patients.get(keyOf(one));
      const record = stored === undefined ? undefined : recordOf(stored, deps.suite);
      if (record === undefined || score.outcome === "different") return [];
      return [{ ...record, outcome: score.outcome, score: Math.max(0, Math.min(1, score.score / 50)) }];
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
}

async function withNumber(deps: Deps, tenant: InstitutionCode, number: string): Promise<readonly Patient[]> {
  const value = identityNumberIndex(deps.suite, { type: "resident-id", number });
  return (await deps.store.search(tenant, "Patient", { identifier: `${systems.identityNumberIndex}|${value}` }, 199)).resources;
}

function recordOf(patient: Patient, suite: CryptoSuite): OwnRecord | undefined {
  const facts = openFacts(patient, suite)?.facts;
  if (facts === undefined) return undefined;
  const identifiers = documentsOf(facts).flatMap(({ system, number }) =>
    system === undefined ? [] : [{ system, value: number }],
  );
  const { name, birthDate, sex } = facts;
  return {
    identifiers,
    facts: {
      ...(name === undefined ? {} : { name }),
      ...(birthDate === undefined ? {} : { birthDate }),
      ...(sex === undefined ? {} : { sex }),
    },
  };
}
