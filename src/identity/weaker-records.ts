import type { Patient } from "@medplum/fhirtypes";
import { issueOf } from "../fhir/issue.ts";
import { replacementOf } from "../fhir/replacement.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { type Candidate, candidateOf, keyOf } from "./find-candidates.ts";
import type { MatchFacts } from "./match-facts.ts";
import type { NumberFacts, ParseOptions } from "./parse-identity-number.ts";
import { type LocalPatient, usableNumber } from "./person.ts";
import { scoreMatch } from "./score-match.ts";

export interface WeakerDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  /** Records that are just being taken back, by `keyOf`: what they told counts no more. */
  readonly gone?: ReadonlySet<string>;
}

/** Records asked about in one search. */
const atOnce = 90;

/**
 * The records that gave way to each of these, at once or through others, and tell of whom they are: by `keyOf`, in the order of their ids;
 * nothing for one that nobody gave way to. One search for each institution, one more for each step. Throws `Fault("store-down")`.
 */
export async function weakerRecords(deps: WeakerDeps, locals: readonly LocalPatient[]): Promise<Map<string, Candidate[]>> {
  const found = new Map<string, Candidate[]>();
  for (const [tenant, some] of Map.groupBy(locals, (local) => local.tenant)) {
    for (const [stands, patients] of await gaveWayTo(deps, tenant, new Set(some.map((local) => local.patientId)))) {
      const told = patients
        .flatMap((patient) => toldBefore(patient, deps.suite) ?? [])
        .filter((one) => deps.gone?.has(keyOf(one)) !== true);
      const sorted = told.sort((a, b) => (a.patientId < b.patientId ? -1 : 1));
      found.set(keyOf({ tenant, patientId: stands as LocalPatient["patientId"] }), sorted);
    }
  }
  return found;
}

/**
 * Stored records as candidates: each by what it tells itself, or else by what a record that gave way to it told. None for one that tells
 * nothing, or stands for nobody.
 */
export async function standingCandidates(deps: WeakerDeps, patients: ReadonlyMap<string, Patient>): Promise<Candidate[]> {
  const own = new Map([...patients].map(([key, patient]) => [key, candidateOf(patient, deps.suite)]));
  const silent = [...patients].flatMap(([key, { id, active }]) => {
    const [tenant] = key.split("/");
    const local = { tenant: tenant as InstitutionCode, patientId: id as ResourceId };
    return own.get(key) !== undefined || active === false ? [] : local;
  });
  const weaker = await weakerRecords(deps, silent);
  for (const { tenant, patientId } of silent) {
    const said = weaker.get(keyOf({ tenant, patientId }))?.[0];
    if (said !== undefined) own.set(keyOf({ tenant, patientId }), { ...said, patientId, facts: { ...said.facts, patientId } });
  }
  return [...own.values()].flatMap((one) => one ?? []);
}

/** What a record that gave way tells of its person: it is inactive, and still counts until its institution takes it back. */
export function toldBefore(patient: Patient | undefined, suite: CryptoSuite): Candidate | undefined {
  if (patient === undefined || issueOf(patient)?.state === "retracted") return undefined;
  return candidateOf({ ...patient, active: true }, suite);
}

/** Whether what two records tell forbids that they are of one person; one that tells nothing forbids nothing. */
export function cannotBeOne(one: { readonly match: MatchFacts } | undefined, other: typeof one): boolean {
  return one !== undefined && other !== undefined && scoreMatch(one.match, other.match).veto !== undefined;
}

/**
 * The numbers that weaker records show for a record that stands for them and shows none itself: its institution says that they are of one person,
 * and what they tell does not forbid it.
 */
export function vouchedNumbers(
  person: { readonly match: MatchFacts },
  weaker: readonly Candidate[],
  options: ParseOptions,
): NumberFacts[] {
  return weaker.flatMap((one) => {
    const number = usableNumber(one.facts, options);
    return number.kind === "none" || cannotBeOne(person, one) ? [] : number.facts;
  });
}

/** Who gave way, by the id of who stands for them. */
async function gaveWayTo(
  { store }: WeakerDeps,
  tenant: InstitutionCode,
  ids: ReadonlySet<string>,
): Promise<Map<string, Patient[]>> {
  const standsFor = new Map([...ids].map((id) => [id, id]));
  const found = new Map<string, Patient[]>();
  for (let open = [...ids]; open.length > 0; ) {
    const step = open.splice(0, atOnce);
    const linked = await store.searchAll(tenant, "Patient", { link: step.map((id) => `Patient/${id}`).join(",") });
    for (const patient of linked) {
      const stands = standsFor.get(replacementOf(patient)?.into ?? "");
      if (patient.id === undefined || stands === undefined || standsFor.has(patient.id)) continue;
      standsFor.set(patient.id, stands);
      found.set(stands, [...(found.get(stands) ?? []), patient]);
      open.push(patient.id);
    }
  }
  return found;
}
