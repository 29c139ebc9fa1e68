import type { Patient, Task } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import { instant, type Now, pause } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import type { LocalPatient, PersonFacts } from "./person.ts";
import { type LinkOutcome, type PersonToLink, personToLink, planLinks } from "./plan-links.ts";
import { readGoldens } from "./resident.ts";
import { reviewTask } from "./review-task.ts";

/** Stores review Tasks, each once (create-only by its computed id). */
export type OpenReviews = (tasks: readonly Task[]) => Promise<void>;

export interface LinkDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  /** Whether numbers of province 99 (sample people) count. */
  readonly allowTestRegions: boolean;
  readonly openReviews: OpenReviews;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
}

/** One local Patient of a batch, with the facts of the issue of it that is stored now (facts of an older issue would undo a correction). */
export interface PersonInBatch extends LocalPatient {
  readonly facts: PersonFacts;
}

interface Open {
  readonly index: number;
  readonly person: PersonToLink;
}

/** Goldens per reading and transaction, round after round: many while at most one other feed interferes, then few, then each on its own. */
const rounds = [100, 100, 10, 1, 1, 1, 1, 1, 1, 1, 1, 1];

/**
 * Links local Patients to their golden Patients, one outcome for each in order: reads the goldens, decides, writes new ones create-only and
 * changed ones under If-Match. Who loses a race reads and decides again, so parallel feeds never lose each other's link. Reviews are stored
 * before it returns. A replay changes nothing. Throws `Fault("store-down")`, also when a golden stays contended through every round.
 */
export async function linkPatients(deps: LinkDeps, people: readonly PersonInBatch[]): Promise<LinkOutcome[]> {
  const now = deps.now();
  const options = { allowTestRegions: deps.allowTestRegions, today: now };
  const outcomes: LinkOutcome[] = [];
  let open: readonly Open[] = people.map((one, index) => ({
    index,
    person: personToLink(one, one.facts, deps.suite, options),
  }));
  for (const [round, size] of rounds.entries()) {
    if (open.length === 0) break;
    if (round > 0) await pause((deps.random ?? Math.random)() * Math.min(1_000, 10 * 2 ** round));
    const lost: Open[] = [];
    for (const some of chunksOf(open, size)) lost.push(...(await linkOnce(deps, some, { at: instant(now), outcomes })));
    open = lost;
  }
  if (open.length > 0)
    throw new Fault("store-down", { detail: "Links could not be written because others kept changing them; try again." });
  const reviews = people.flatMap((one, index) => {
    const outcome = outcomes[index];
    return outcome?.kind === "review" ? reviewTask(one, outcome, deps.suite, now) : [];
  });
  if (reviews.length > 0) await deps.openReviews(reviews);
  return outcomes;
}

interface Round {
  readonly at: string;
  /** Filled in by index. */
  readonly outcomes: LinkOutcome[];
}

interface Planned {
  readonly write: Write;
  readonly members: readonly Open[];
  readonly outcomes: readonly LinkOutcome[];
}

/** People in parts that name at most `size` goldens; who names the same golden stays together, in order. */
function chunksOf(open: readonly Open[], size: number): Open[][] {
  const groups = groupBy(open, ({ person }) => person.resident);
  return Array.from({ length: Math.ceil(groups.length / size) }, (_, at) => groups.slice(at * size, (at + 1) * size).flat());
}

/** Reads, decides and writes once; those whose golden somebody else changed meanwhile are returned. */
async function linkOnce(deps: LinkDeps, open: readonly Open[], round: Round): Promise<readonly Open[]> {
  const goldens = await readGoldens(deps.store, [...new Set(open.map(({ person }) => person.resident))]);
  const created: Planned[] = [];
  const updated: Planned[] = [];
  for (const members of groupBy(open, ({ person }) => goldens.get(person.resident)?.id ?? person.resident)) {
    const stored = goldens.get(members[0]?.person.resident as ResidentId);
    const plan = planLinks(
      stored,
      members.map(({ person }) => person),
      { suite: deps.suite, at: round.at },
    );
    if (plan.golden === undefined || plan.golden === stored) settle(round, members, plan.outcomes);
    else if (stored === undefined)
      created.push({ write: { kind: "put", resource: plan.golden }, members, outcomes: plan.outcomes });
    else updated.push({ write: updateOf(plan.golden, stored), members, outcomes: plan.outcomes });
  }
  const lost = await Promise.all([write(deps.store, created, round, true), write(deps.store, updated, round, false)]);
  return lost.flat();
}

/** One transaction; the people of it when it was refused. */
async function write(
  store: FhirStore,
  planned: readonly Planned[],
  round: Round,
  createOnly: boolean,
): Promise<readonly Open[]> {
  if (planned.length === 0) return [];
  // In the order of their ids, so that two feeds with the same people wait for each other rather than lock each other out.
  const writes = planned.map((one) => one.write).sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const outcome = await store.commit("DEFAULT", writes, { createOnly });
  if (outcome.kind === "conflict") return planned.flatMap(({ members }) => members);
  for (const { members, outcomes } of planned) settle(round, members, outcomes);
  return [];
}

function idOf({ resource }: Write): string {
  return resource.id ?? "";
}

function settle(round: Round, members: readonly Open[], outcomes: readonly LinkOutcome[]): void {
  members.forEach(({ index }, at) => {
    const outcome = outcomes[at];
    if (outcome !== undefined) round.outcomes[index] = outcome;
  });
}

function updateOf(golden: Patient, stored: Patient): Write {
  const { meta: _meta, ...resource } = golden;
  return { kind: "update", resource, ifMatch: stored.meta?.versionId ?? "" };
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): T[][] {
  return [...Map.groupBy(list, keyOf).values()];
}
