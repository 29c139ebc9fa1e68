import type { Patient } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { changeGoldens, type GoldenDeps } from "./change-goldens.ts";
import { correctionTask } from "./correction-task.ts";
import { type Decision, decisionTask } from "./decision-task.ts";
import { candidateOf, keyOf } from "./find-candidates.ts";
import { linksOf, separatedGoldens, withoutLink, withRefusal } from "./golden-patient.ts";
import type { Word } from "./join-record.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import type { LocalPatient } from "./person.ts";
import { readLocals } from "./read-locals.ts";

/**
 * Says for good that a record is not of this resident: the link goes, the golden keeps the refusal, which ingest reads before it links, and
 * whoever was shown the record as that resident's is followed. The record becomes a person of its own, or whom else it belongs to. Undefined
 * when there is no such resident. Throws `Fault("store-down")`.
 */
export async function partRecord(deps: LinkDeps, word: Word): Promise<Decision | undefined> {
  let made: Decision | undefined;
  await changeGoldens(deps, { read: [word.resident] }, (goldens) => {
    const golden = goldens.get(word.resident);
    if (golden === undefined) return undefined;
    const decision = decisionFrom(deps, word, golden, []);
    made = decision;
    return {
      goldens: [withRefusal(withoutLink(golden, word.local), word.local, true)],
      beside: [...told(word, decision), ...followUps(deps, golden, [word.local])],
    };
  });
  if (made !== undefined) await placeAnew(deps, [word.local]);
  return made;
}

/**
 * Takes a merge back: the golden that gave way stands again with the records it brought, and neither person's machine links the other's
 * records again. `merge` = the decision that made it.
 */
export async function partPeople(deps: LinkDeps, word: Word, merge: Decision): Promise<Decision | undefined> {
  const loserId = merge.loser;
  if (loserId === undefined) return undefined;
  const returning = new Set(merge.moved.map(keyOf));
  let made: Decision | undefined;
  await changeGoldens(deps, { read: [merge.resident, loserId], asTheyAre: true }, (goldens) => {
    const [winner, loser] = [goldens.get(merge.resident), goldens.get(loserId)];
    if (winner === undefined || loser === undefined) return undefined;
    const back = linksOf(winner).filter((link) => returning.has(keyOf(link)));
    const own = back.map((link) => (keyOf(link) === keyOf(merge.local) ? { ...link, basis: "provisional" as const } : link));
    const parted = separatedGoldens(winner, loser, own);
    const kept = merge.moved.reduce((golden, local) => withRefusal(golden, local, true), parted.winner);
    const decision = decisionFrom(deps, word, winner, merge.moved);
    made = decision;
    return { goldens: [kept, parted.loser], beside: [...told(word, decision), ...followUps(deps, winner, back)] };
  });
  return made;
}

function told(word: Word, decision: Decision) {
  return [decisionTask(decision), ...word.audit(decision), ...(word.closes?.(decision) ?? [])];
}

function decisionFrom(deps: LinkDeps, word: Word, golden: Patient, moved: readonly LocalPatient[]): Decision {
  const { local, by, id, undoes } = word;
  return {
    id,
    action: "unlink",
    local: { tenant: local.tenant, patientId: local.patientId },
    resident: golden.id as ResidentId,
    moved,
    by,
    at: instant(deps.now()),
    ...(undoes === undefined ? {} : { undoes }),
  };
}

function followUps(deps: GoldenDeps, golden: Patient, locals: readonly LocalPatient[]) {
  const linked = new Set(linksOf(golden).map(keyOf));
  return locals
    .filter((local) => linked.has(keyOf(local)))
    .map(({ tenant, patientId }) =>
      correctionTask({ local: { tenant, patientId }, from: golden.id as ResidentId }, golden.meta?.versionId ?? "", {
        suite: deps.suite,
        at: deps.now(),
      }),
    );
}

/** Links records again by what they told when they were stored. */
async function placeAnew(deps: LinkDeps, locals: readonly LocalPatient[]): Promise<void> {
  const patients = await readLocals(deps.store, locals);
  const people = locals.flatMap((local) => {
    const patient = patients.get(keyOf(local));
    const known = patient === undefined ? undefined : candidateOf(patient, deps.suite);
    return known === undefined ? [] : [{ tenant: local.tenant, patientId: local.patientId, facts: known.facts }];
  });
  if (people.length > 0) await linkPatients(deps, people);
}
