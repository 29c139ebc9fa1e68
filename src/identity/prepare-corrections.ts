import type { ResidentId } from "../kernel/brand.ts";
import type { GoldenDeps } from "./change-goldens.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { keyOf } from "./find-candidates.ts";
import { isNumbered } from "./golden-patient.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import { recordsWaiting } from "./match-people.ts";
import { dropLink, moveLinks } from "./move-links.ts";
import type { LocalPatient, PersonFacts } from "./person.ts";
import { type PersonToLink, personToLink } from "./plan-links.ts";
import { agreesWithOthers } from "./rescore-reviews.ts";

/** A stored local Patient that is about to change. `facts` absent = its row is taken back. */
export interface PersonToChange extends LocalPatient {
  readonly facts?: PersonFacts;
}

/**
 * Closes wrong links before the corrected record is written, so that nothing new is ever shown under a resident it was taken from: a
 * corrected number moves the link, a retracted Patient loses it (a steward's too: the record is no more), facts that speak against what a
 * comparison had found undo it. Each with the Task that follows. Who waited for the steward because of a link that is closed now is looked at again. One search when nobody is linked. Throws `Fault("store-down")`.
 */
export async function prepareCorrections(deps: LinkDeps, people: readonly PersonToChange[]): Promise<void> {
  const current = await currentLinks(deps.store, people);
  const options = { allowTestRegions: deps.allowTestRegions, today: deps.now() };
  const numbered: PersonToLink[] = [];
  const left: ResidentId[] = [];
  const drop = async (one: LocalPatient, { golden }: CurrentLink, evenStewards = false) => {
    if (await dropLink(deps, one, golden.id as ResidentId, evenStewards)) left.push(golden.id as ResidentId);
  };
  for (const one of people) {
    const links = current.get(keyOf(one)) ?? [];
    if (one.facts === undefined) for (const link of links) await drop(one, link, true);
    if (one.facts === undefined || links.length === 0) continue;
    const person = personToLink(one, one.facts, deps.suite, options);
    if (person.number.kind === "number") numbered.push(person);
    for (const link of links) if (await speaksAgainst(deps, person, link)) await drop(one, link);
  }
  for (const moved of await moveLinks(deps, numbered, current)) left.push(...(current.get(keyOf(moved)) ?? []).map(residentOf));
  await linkWaiting(deps, left, people);
}

async function linkWaiting(deps: LinkDeps, left: readonly ResidentId[], people: readonly PersonToChange[]): Promise<void> {
  const waiting = left.length === 0 ? [] : await recordsWaiting(deps, left, people);
  if (waiting.length > 0) await linkPatients(deps, waiting);
}

/** Whether what the record says now no longer carries a link that a machine made. */
async function speaksAgainst(deps: GoldenDeps, person: PersonToLink, { golden, link }: CurrentLink): Promise<boolean> {
  if (link.basis === "provisional" || link.basis === "steward") return false;
  if (link.basis === "score") return !(await agreesWithOthers(deps, person, golden));
  if (person.number.kind === "none") return isNumbered(golden);
  const { birthDate, sex } = person.number.facts;
  const here = golden.id === person.resident;
  return (
    here &&
    ((person.birthDate ?? birthDate) !== birthDate || (person.sex ?? sex) !== sex || person.nameDigest !== link.nameDigest) &&
    !(await agreesWithOthers(deps, person, golden))
  );
}

function residentOf({ golden }: CurrentLink): ResidentId {
  return golden.id as ResidentId;
}
