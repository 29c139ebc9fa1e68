import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { type LinkOutcome, ownPerson, type PersonToLink, planLinks } from "./plan-links.ts";
import { readGoldens } from "./resident.ts";

/** Somebody of a batch who has no outcome yet. */
export interface Open {
  /** Place in the batch. */
  readonly index: number;
  readonly person: PersonToLink;
}

/** What a round has in common. */
export interface Round {
  /** Instant. */
  readonly at: string;
  /** Filled in by index. */
  readonly outcomes: LinkOutcome[];
}

interface Planned {
  readonly write: Write;
  readonly members: readonly Open[];
  readonly outcomes: readonly LinkOutcome[];
}

interface RoundDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
}

/** Reads, decides and writes once; those are returned whose golden somebody else changed meanwhile, or who must become people of their own. */
export async function linkOnce(deps: RoundDeps, open: readonly Open[], round: Round): Promise<readonly Open[]> {
  const goldens = await readGoldens(deps.store, [...new Set(open.map(({ person }) => person.resident))]);
  const created: Planned[] = [];
  const updated: Planned[] = [];
  const apart: Open[] = [];
  for (const members of groupBy(open, ({ person }) => goldens.get(person.resident)?.id ?? person.resident)) {
    const stored = goldens.get(members[0]?.person.resident as ResidentId);
    const plan = planLinks(
      stored,
      members.map(({ person }) => person),
      { suite: deps.suite, at: round.at },
    );
    if (plan.golden === undefined || plan.golden === stored) apart.push(...settle(deps, round, members, plan.outcomes));
    else if (stored === undefined)
      created.push({ write: { kind: "put", resource: plan.golden }, members, outcomes: plan.outcomes });
    else updated.push({ write: updateOf(plan.golden, stored), members, outcomes: plan.outcomes });
  }
  const lost = await Promise.all([write(deps, created, round, true), write(deps, updated, round, false)]);
  return [...apart, ...lost.flat()];
}

/** One transaction; the people of it when it was refused. */
async function write(
  deps: RoundDeps,
  planned: readonly Planned[],
  round: Round,
  createOnly: boolean,
): Promise<readonly Open[]> {
  if (planned.length === 0) return [];
  // In the order of their ids, so that two feeds with the same people wait for each other rather than lock each other out.
  const writes = planned.map((one) => one.write).sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const outcome = await deps.store.commit("DEFAULT", writes, { createOnly });
  if (outcome.kind === "conflict") return planned.flatMap(({ members }) => members);
  return planned.flatMap(({ members, outcomes }) => settle(deps, round, members, outcomes));
}

/** Notes what was decided; who may not be linked there, by a steward's word, goes into the next round as a person of their own. */
function settle(deps: RoundDeps, round: Round, members: readonly Open[], outcomes: readonly LinkOutcome[]): Open[] {
  return members.flatMap(({ index, person }, at) => {
    const outcome = outcomes[at];
    if (outcome === undefined) return [];
    if (outcome.kind === "apart") return [{ index, person: ownPerson(person, deps.suite) }];
    round.outcomes[index] = outcome;
    return [];
  });
}

function idOf({ resource }: Write): string {
  return resource.id ?? "";
}

function updateOf(golden: Patient, stored: Patient): Write {
  const { meta: _meta, ...resource } = golden;
  return { kind: "update", resource, ifMatch: stored.meta?.versionId ?? "" };
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): T[][] {
  return [...Map.groupBy(list, keyOf).values()];
}
