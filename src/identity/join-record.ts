import type { AuditEvent, Patient, Task } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { changeGoldens, type GoldenDeps } from "./change-goldens.ts";
import { correctionTask } from "./correction-task.ts";
import { currentLinks } from "./current-links.ts";
import { type Decider, type Decision, decisionTask } from "./decision-task.ts";
import { candidateOf, keyOf } from "./find-candidates.ts";
import { linksOf, mergedGoldens, withLink, withoutLink, withRefusal } from "./golden-patient.ts";
import { normaliseName } from "./normalise-name.ts";
import type { LocalPatient } from "./person.ts";
import { readLocals } from "./read-locals.ts";

/** A steward's word about one record and one resident. */
export interface Word {
  readonly local: LocalPatient;
  readonly resident: ResidentId;
  readonly by: Decider;
  /** Id of the decision it becomes, computed by the caller from what asked for it. */
  readonly id: string;
  /** The decision it takes back. */
  readonly undoes?: string;
  /** Committed in the same transaction: no decision without its audit. */
  readonly audit: (decision: Decision) => readonly AuditEvent[];
  /** Other Tasks that end with it (the review it answers). */
  readonly closes?: (decision: Decision) => readonly Task[];
}

/**
 * Links a record to a resident by a steward's word, in one transaction with the decision, its audit and what follows. A record that was its
 * own person brings that whole person along (the two goldens become one); one that was linked to somebody else is taken from them. Undefined
 * when there is no such resident. Throws `Fault("store-down")`.
 */
export async function joinRecord(deps: GoldenDeps, word: Word): Promise<Decision | undefined> {
  const patient = (await readLocals(deps.store, [word.local])).get(keyOf(word.local));
  const name = normaliseName(patient === undefined ? undefined : candidateOf(patient, deps.suite)?.facts.name);
  const nameDigest = name === undefined ? {} : { nameDigest: deps.suite.blindIndex("name", name) };
  const before = (await currentLinks(deps.store, [word.local])).get(keyOf(word.local))?.[0]?.golden.id as
    | ResidentId
    | undefined;
  let made: Decision | undefined;
  await changeGoldens(deps, { read: [word.resident, ...(before === undefined ? [] : [before])] }, (goldens) => {
    const target = goldens.get(word.resident);
    if (target === undefined) return undefined;
    const old = before === undefined ? undefined : goldens.get(before);
    const joined = old === undefined || old.id === target.id ? { goldens: [target] } : joinPeople(deps, word, target, old);
    const [winner, ...others] = joined.goldens as [Patient, ...Patient[]];
    const link = { ...word.local, basis: "steward" as const, at: instant(deps.now()), ...nameDigest };
    const linked = withLink(withRefusal(winner, word.local, false), link);
    const decision = decide(deps, word, winner, joined);
    made = decision;
    return {
      goldens: [linked, ...others],
      beside: [decisionTask(decision), ...word.audit(decision), ...(word.closes?.(decision) ?? []), ...(joined.follow ?? [])],
    };
  });
  return made;
}

interface Joined {
  /** The one that stands first. */
  readonly goldens: readonly Patient[];
  readonly loser?: ResidentId;
  readonly moved?: readonly LocalPatient[];
  readonly nameDigest?: string;
  readonly follow?: readonly Task[];
}

function joinPeople(deps: GoldenDeps, { local }: Word, target: Patient, old: Patient): Joined {
  const link = linksOf(old).find((one) => keyOf(one) === keyOf(local));
  if (link?.basis === "provisional") {
    const { winner, loser } = mergedGoldens(target, old);
    const moved = linksOf(old).map(({ tenant, patientId }) => ({ tenant, patientId }));
    return { goldens: [winner, loser], loser: old.id as ResidentId, moved };
  }
  const correction = { local, from: old.id as ResidentId, to: target.id as ResidentId };
  const follow = [correctionTask(correction, old.meta?.versionId ?? "", { suite: deps.suite, at: deps.now() })];
  return { goldens: [target, withoutLink(old, local)], follow };
}

function decide(deps: GoldenDeps, word: Word, target: Patient, joined: Joined): Decision {
  const { local, by, id, undoes } = word;
  return {
    id,
    action: joined.loser === undefined ? "link" : "merge",
    local: { tenant: local.tenant, patientId: local.patientId },
    resident: target.id as ResidentId,
    ...(joined.loser === undefined ? {} : { loser: joined.loser }),
    moved: joined.moved ?? [],
    by,
    at: instant(deps.now()),
    ...(undoes === undefined ? {} : { undoes }),
  };
}
