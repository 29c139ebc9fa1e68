import type { Patient } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import type { GoldenDeps } from "./change-goldens.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { decideMatch, type MatchCandidate } from "./decide-match.ts";
import { type Candidate, findCandidates, keyOf } from "./find-candidates.ts";
import { isNumbered, linksOf, newGolden, refuses, replacedBefore } from "./golden-patient.ts";
import { mergeGoldens } from "./merge-goldens.ts";
import { type LocalPatient, type PersonFacts, provisionalIdOf, residentIdOf } from "./person.ts";
import type { PersonToLink } from "./plan-links.ts";
import { readLocals } from "./read-locals.ts";
import { openReviewsOf, type ReviewFound, reviewFacts } from "./review-task.ts";
import { scoreMatch } from "./score-match.ts";
import { standingCandidates, vouchedNumbers, type WeakerDeps, weakerRecords } from "./weaker-records.ts";

type Links = ReadonlyMap<string, readonly CurrentLink[]>;

/** What finding people needs. */
export interface MatchDeps extends GoldenDeps, WeakerDeps {
  /** Whether numbers of province 99 (sample people) count. */
  readonly allowTestRegions: boolean;
}

/** People with the golden each is to be linked to, and whom a steward is asked about. */
export interface MatchedPeople {
  readonly people: readonly PersonToLink[];
  readonly maybe: readonly ReviewFound[];
}

/**
 * Finds out who the people without a usable number are: compared with every stored record that shares a key, in three requests or so for the
 * whole batch. One of those `stored` before that took the place of a record with a number is of that person, as its institution says (one
 * search more). Where a steward linked a record, or an earlier comparison did, it stays. A provisional golden whose person turns out to be
 * another gives way to it here.
 */
export async function matchPeople(
  deps: MatchDeps,
  people: readonly PersonToLink[],
  { current, stored }: { readonly current: Links; readonly stored: readonly LocalPatient[] },
): Promise<MatchedPeople> {
  const placed = people.map((person) => placedBefore(person, current.get(keyOf(person)) ?? []));
  const seekers = placed.filter((one) => one.kind === "seeks").map((one) => one.person);
  if (seekers.length === 0) return { people: placed.map((one) => one.person), maybe: [] };
  const before = new Set(stored.map(keyOf));
  const [candidates, weaker] = await Promise.all([
    findCandidates(deps, seekers, "all"),
    weakerRecords(
      deps,
      seekers.filter((one) => before.has(keyOf(one))),
    ),
  ]);
  const links = await currentLinks(deps.store, candidates.flat());
  const maybe: ReviewFound[] = [];
  const decided = new Map<PersonToLink, PersonToLink>();
  for (const [at, seeker] of seekers.entries()) {
    const own = current.get(keyOf(seeker))?.[0]?.golden;
    const told = await residentsOf(deps, seeker, weaker.get(keyOf(seeker)) ?? []);
    const said = told.find((one) => own !== undefined && [own.id, ...replacedBefore(own)].includes(one)) ?? told[0];
    if (said !== undefined) {
      decided.set(seeker, await moved(deps, seeker, own, said));
      continue;
    }
    const known = (candidates[at] ?? []).flatMap((one) => asCandidate(deps, seeker, one, { links, own }));
    const decision = decideMatch(seeker.match, known);
    if (decision.kind === "maybe")
      maybe.push(...decision.residents.map((resident) => ({ local: seeker, resident, reasons: ["possible-match" as const] })));
    if (decision.kind === "same") decided.set(seeker, await moved(deps, seeker, own, decision.resident));
  }
  return { people: placed.map(({ person }) => decided.get(person) ?? person), maybe };
}

/** The residents of the numbers that records which gave way to this one show: made known, as if those had been linked before. */
async function residentsOf(deps: MatchDeps, seeker: PersonToLink, weaker: readonly Candidate[]): Promise<ResidentId[]> {
  const options = { allowTestRegions: deps.allowTestRegions, today: deps.now() };
  const numbers = vouchedNumbers(seeker, weaker, options);
  const goldens = numbers.map((facts) => newGolden(residentIdOf(deps.suite, facts.number), { facts, suite: deps.suite }));
  if (goldens.length > 0) await deps.store.createMissing("DEFAULT", goldens);
  return goldens.map((golden) => golden.id as ResidentId);
}

/**
 * Stored records to be looked at again now that these people are linked: those without a number that may be of one of them, and those that
 * waited for the steward under their number, or under that of a resident whom one of them left.
 */
export async function recordsToRetry(
  deps: MatchDeps,
  people: readonly PersonToLink[],
  left: readonly ResidentId[],
): Promise<(LocalPatient & { readonly facts: PersonFacts })[]> {
  if (people.length === 0) return [];
  const residents = [...left, ...people.flatMap((one) => (one.number.kind === "number" ? one.resident : []))];
  const [candidates, waiting] = await Promise.all([
    findCandidates(deps, people, "open"),
    recordsWaiting(deps, residents, people),
  ]);
  const alike = people.flatMap((person, at) =>
    (candidates[at] ?? []).filter((one) => scoreMatch(person.match, one.match).outcome !== "different"),
  );
  return [...new Map([...alike, ...waiting].map((one) => [keyOf(one), one])).values()].map(({ tenant, patientId, facts }) => ({
    tenant,
    patientId,
    facts,
  }));
}

/** Records in the steward's queue about these residents, but those of `people`: a link that was made or closed there may let them in. */
export async function recordsWaiting(
  deps: WeakerDeps,
  some: readonly ResidentId[],
  people: readonly LocalPatient[],
): Promise<Candidate[]> {
  const residents = [...new Set(some)];
  const pages = await Promise.all(
    chunks(residents, 100).map((part) => deps.store.search("DEFAULT", "Task", openReviewsOf(part), 199)),
  );
  const own = new Set(people.map(keyOf));
  const locals = pages.flatMap((page) => page.resources.flatMap((task) => reviewFacts(task)?.local ?? []));
  const patients = await readLocals(
    deps.store,
    locals.filter((local) => !own.has(keyOf(local))),
  );
  return standingCandidates(deps, patients);
}

/**
 * `stays`: where it is linked, or where its number says; `seeks`: it has none, and nobody decided about it yet. A golden in which every record
 * is by comparison has lost the one it was made for, to another feed in the same moment: who is there seeks on, and stays meanwhile.
 */
function placedBefore(
  person: PersonToLink,
  links: readonly CurrentLink[],
): { readonly kind: "stays" | "seeks"; readonly person: PersonToLink } {
  const word = links.find(({ link }) => link.basis === "steward");
  const scored = person.number.kind === "none" ? links.find(({ link }) => link.basis === "score") : undefined;
  const found = word ?? scored;
  if (found === undefined) {
    if (person.number.kind !== "none") return { kind: "stays", person };
    // A golden of their own, be it one that a record which gave way to theirs had made.
    const own = links.find(({ link }) => link.basis === "provisional")?.golden.id as ResidentId | undefined;
    return { kind: "seeks", person: own === undefined ? person : { ...person, resident: own } };
  }
  const held = found === word || isNumbered(found.golden) || linksOf(found.golden).some((link) => link.basis !== "score");
  return {
    kind: held ? "stays" : "seeks",
    person: { ...person, resident: found.golden.id as ResidentId, basis: "score" },
  };
}

function asCandidate(
  deps: GoldenDeps,
  seeker: PersonToLink,
  candidate: Candidate,
  at: { readonly links: Links; readonly own: Patient | undefined },
): MatchCandidate[] {
  const { match } = candidate;
  const linked = at.links.get(keyOf(candidate))?.[0]?.golden;
  if (linked !== undefined) {
    if (linked.id === at.own?.id || refuses(linked, seeker)) return [];
    return [{ resident: linked.id as ResidentId, numbered: isNumbered(linked), match }];
  }
  // Stored and not linked yet, by another feed or in this batch: of two such, the one with the smaller id stands.
  const resident = provisionalIdOf(deps.suite, candidate);
  const own = (at.own?.id ?? provisionalIdOf(deps.suite, seeker)) as ResidentId;
  return match.numberHolds || resident >= own ? [] : [{ resident, numbered: false, match }];
}

/** The person at the golden that a comparison found; its own golden, when it has one, gives way or stands, and all others in it come along. */
async function moved(
  deps: GoldenDeps,
  person: PersonToLink,
  own: Patient | undefined,
  found: ResidentId,
): Promise<PersonToLink> {
  if (own === undefined || isNumbered(own)) return { ...person, resident: found, basis: "score" };
  const merged = await mergeGoldens(deps, [own.id as ResidentId, found], { make: [found] });
  if (merged.kind === "merged") return { ...person, resident: merged.winner, basis: "score" };
  return merged.kind === "one-already" ? { ...person, resident: found, basis: "score" } : person;
}
