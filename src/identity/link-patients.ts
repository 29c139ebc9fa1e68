import type { Task } from "@medplum/fhirtypes";
import type { ResidentId, ResourceId } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import { instant, pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { candidateOf, keyOf } from "./find-candidates.ts";
import { linkOnce, type Open, type Round } from "./link-round.ts";
import { type MatchDeps, matchPeople, recordsToRetry } from "./match-people.ts";
import { moveLinks } from "./move-links.ts";
import { openReviews } from "./open-reviews.ts";
import type { LocalPatient, PersonFacts } from "./person.ts";
import { type LinkOutcome, type PersonToLink, personToLink } from "./plan-links.ts";
import { readLocals } from "./read-locals.ts";
import { rescore } from "./rescore-reviews.ts";
import { type ReviewFound, reviewTask } from "./review-task.ts";

/** Stores review Tasks, each once (create-only by its computed id). */
export type OpenReviews = (tasks: readonly Task[]) => Promise<void>;

export interface LinkDeps extends MatchDeps {
  readonly openReviews: OpenReviews;
}

/** One local Patient of a batch, with the facts of the issue of it that is stored now (facts of an older issue would undo a correction). */
export interface PersonInBatch extends LocalPatient {
  readonly facts: PersonFacts;
  /** The Patient was not stored before this batch: then no link of it is looked for. */
  readonly created?: boolean;
  /** The Patient of the same institution that it gave way to: that one is linked, by these facts only while it tells none itself. */
  readonly into?: ResourceId;
}

/** Goldens per reading and transaction, round after round: many while at most one other feed interferes, then few, then each on its own. */
const rounds = [100, 100, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1];

/**
 * Links local Patients to their golden Patients, one outcome for each in order. Who has a number goes to its golden; who has none is compared
 * with the stored records that share a key; who is linked elsewhere is moved. Goldens are written create-only or under If-Match, and who
 * loses a race reads and decides again, so parallel feeds never lose each other's link. Stored records that may be of somebody linked just now
 * are looked at again. Reviews are stored before it returns. A replay changes nothing. Throws `Fault("store-down")`, also when a
 * golden stays contended through every round. `withdrawn` = gave way to a Patient that its institution has retracted since: nobody is linked.
 */
export async function linkPatients(
  deps: LinkDeps,
  people: readonly PersonInBatch[],
): Promise<(LinkOutcome | { readonly kind: "withdrawn" })[]> {
  const standing = await inTheirPlace(deps, people);
  const { outcomes, fresh, left } = await linkBatch(
    deps,
    standing.filter((one) => one !== undefined),
  );
  const others = await recordsToRetry(deps, fresh, left);
  if (others.length > 0) await linkBatch(deps, others);
  const decided = outcomes.values();
  return standing.map((one) => (one === undefined ? { kind: "withdrawn" } : (decided.next().value as LinkOutcome)));
}

async function linkBatch(
  deps: LinkDeps,
  people: readonly PersonInBatch[],
): Promise<{ outcomes: LinkOutcome[]; fresh: readonly PersonToLink[]; left: readonly ResidentId[] }> {
  const now = deps.now();
  const options = { allowTestRegions: deps.allowTestRegions, today: now };
  const known = people.filter((one) => one.created !== true);
  const current = known.length === 0 ? new Map<string, CurrentLink[]>() : await currentLinks(deps.store, known);
  const bare = people.map((one) => personToLink(one, one.facts, deps.suite, options));
  const { people: seen, maybe } = await matchPeople(deps, bare, { current, stored: known });
  const moved = await moveLinks(deps, seen, current);
  const outcomes = await settle(deps, seen, now);
  const again = await rescore(deps, seen, outcomes);
  if (again.length > 0) {
    const settled = await settle(
      deps,
      again.map(({ person }) => person),
      now,
    );
    again.forEach(({ index }, at) => {
      outcomes[index] = settled[at] ?? (outcomes[index] as LinkOutcome);
    });
  }
  const reviews = [...reviewsOf(people, outcomes), ...maybe].map((found) => reviewTask(found, deps.suite, now));
  await openReviews(deps, reviews);
  const linked = seen.filter((_, at) => outcomes[at]?.kind === "linked" || outcomes[at]?.kind === "matched");
  const fresh = [...new Set([...linked, ...moved])];
  return { outcomes, fresh, left: leftBy(fresh, current) };
}

/** The residents whom these people were linked to by number before: their name speaks against nobody there any more. */
function leftBy(people: readonly PersonToLink[], current: ReadonlyMap<string, readonly CurrentLink[]>): ResidentId[] {
  const links = people.flatMap((person) => current.get(keyOf(person)) ?? []);
  return links.flatMap(({ golden, link }) => (link.basis === "number" ? (golden.id as ResidentId) : []));
}

/** People who gave way, as those who stand in their place: by what those tell themselves, else by what the weaker record does; undefined for a retracted one. */
async function inTheirPlace(deps: LinkDeps, people: readonly PersonInBatch[]): Promise<readonly (PersonInBatch | undefined)[]> {
  const replaced = people.flatMap(({ tenant, into }) => (into === undefined ? [] : [{ tenant, patientId: into }]));
  if (replaced.length === 0) return people;
  const patients = await readLocals(deps.store, replaced);
  return people.map((one): PersonInBatch | undefined => {
    if (one.into === undefined) return one;
    const local = { tenant: one.tenant, patientId: one.into };
    const patient = patients.get(keyOf(local));
    if (patient?.active === false) return undefined;
    const facts = patient === undefined ? undefined : candidateOf(patient, deps.suite)?.facts;
    return { ...local, facts: facts ?? { ...one.facts, patientId: one.into } };
  });
}

/** Round after round until everybody has an outcome. */
async function settle(deps: LinkDeps, people: readonly PersonToLink[], now: Date): Promise<LinkOutcome[]> {
  const round: Round = { at: instant(now), outcomes: [] };
  let open: readonly Open[] = people.map((person, index) => ({ index, person }));
  for (const [at, size] of rounds.entries()) {
    if (open.length === 0) break;
    if (at > 0) await pause((deps.random ?? Math.random)() * Math.min(1_000, 10 * 2 ** at));
    const lost: Open[] = [];
    for (const some of chunksOf(open, size)) lost.push(...(await linkOnce(deps, some, round)));
    open = lost;
  }
  if (open.length > 0)
    throw new Fault("store-down", { detail: "Links could not be written because others kept changing them; try again." });
  return round.outcomes;
}

/** People in parts that name at most `size` goldens; who names the same golden stays together, in order. */
function chunksOf(open: readonly Open[], size: number): Open[][] {
  const groups = [...Map.groupBy(open, ({ person }): ResidentId => person.resident).values()];
  return chunks(groups, size).map((some) => some.flat());
}

function reviewsOf(people: readonly PersonInBatch[], outcomes: readonly LinkOutcome[]): ReviewFound[] {
  return people.flatMap((local, index) => {
    const outcome = outcomes[index];
    return outcome?.kind === "review" ? [{ local, resident: outcome.resident, reasons: outcome.reasons }] : [];
  });
}
