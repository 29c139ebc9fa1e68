import type { Patient } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import type { GoldenDeps } from "./change-goldens.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { decideMatch, type MatchCandidate } from "./decide-match.ts";
import { type Candidate, candidateOf, findCandidates, keyOf } from "./find-candidates.ts";
import { isNumbered, linksOf, refuses } from "./golden-patient.ts";
import { mergeGoldens } from "./merge-goldens.ts";
import { type LocalPatient, type PersonFacts, provisionalIdOf } from "./person.ts";
import type { PersonToLink } from "./plan-links.ts";
import { readLocals } from "./read-locals.ts";
import { openReviewsOf, type ReviewFound, reviewFacts } from "./review-task.ts";
import { scoreMatch } from "./score-match.ts";

type Links = ReadonlyMap<string, readonly CurrentLink[]>;

/** People with the golden each is to be linked to, and whom a steward is asked about. */
export interface MatchedPeople {
  readonly people: readonly PersonToLink[];
  readonly maybe: readonly ReviewFound[];
}

/**
 * Finds out who the people without a usable number are: compared with every stored record that shares a key, in three requests or so for the
 * whole batch. Where a steward linked a record, or an earlier comparison did, it stays. A provisional golden whose person turns out to be
 * another gives way to it here.
 */
export async function matchPeople(deps: GoldenDeps, people: readonly PersonToLink[], current: Links): Promise<MatchedPeople> {
  const placed = people.map((person) => placedBefore(person, current.get(keyOf(person)) ?? []));
  const seekers = placed.filter((one) => one.kind === "seeks").map((one) => one.person);
  if (seekers.length === 0) return { people: placed.map((one) => one.person), maybe: [] };
  const candidates = await findCandidates(deps, seekers, "all");
  const links = await currentLinks(deps.store, candidates.flat());
  const maybe: ReviewFound[] = [];
  const decided = new Map<PersonToLink, PersonToLink>();
  for (const [at, seeker] of seekers.entries()) {
    const own = current.get(keyOf(seeker))?.[0]?.golden;
    const known = (candidates[at] ?? []).flatMap((one) => asCandidate(deps, seeker, one, { links, own }));
    const decision = decideMatch(seeker.match, known);
    if (decision.kind === "maybe")
      maybe.push(...decision.residents.map((resident) => ({ local: seeker, resident, reasons: ["possible-match" as const] })));
    if (decision.kind === "same") decided.set(seeker, await moved(deps, seeker, own, decision.resident));
  }
  return { people: placed.map(({ person }) => decided.get(person) ?? person), maybe };
}

/**
 * Stored records to be looked at again now that these people are linked: those without a number that may be of one of them, and those that
 * waited for the steward under their number.
 */
export async function recordsToRetry(
  deps: GoldenDeps,
  people: readonly PersonToLink[],
): Promise<(LocalPatient & { readonly facts: PersonFacts })[]> {
  if (people.length === 0) return [];
  const residents = people.flatMap((one) => (one.number.kind === "number" ? one.resident : []));
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
  deps: Pick<GoldenDeps, "store" | "suite">,
  some: readonly ResidentId[],
  people: readonly LocalPatient[],
): Promise<Candidate[]> {
  const residents = [...new Set(some)];
  const pages = await Promise.all(
    Array.from({ length: Math.ceil(residents.length / 100) }, (_, at) =>
      deps.store.search("DEFAULT", "Task", openReviewsOf(residents.slice(at * 100, (at + 1) * 100)), 199),
    ),
  );
  const own = new Set(people.map(keyOf));
  const locals = pages.flatMap((page) => page.resources.flatMap((task) => reviewFacts(task)?.local ?? []));
  const patients = await readLocals(
    deps.store,
    locals.filter((local) => !own.has(keyOf(local))),
  );
  return [...patients.values()].flatMap((patient) => candidateOf(patient, deps.suite) ?? []);
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
