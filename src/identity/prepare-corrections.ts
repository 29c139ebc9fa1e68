import type { Patient } from "@medplum/fhirtypes";
import { replacementOf } from "../fhir/replacement.ts";
import type { ResidentId, ResourceId } from "../kernel/brand.ts";
import { askAboutMerge } from "./ask-about-merge.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { keyOf } from "./find-candidates.ts";
import { isNumbered, linksOf, replacedBefore } from "./golden-patient.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import { linkWaiting } from "./link-waiting.ts";
import { dropLink, moveLinks } from "./move-links.ts";
import { type LocalPatient, type PersonFacts, residentIdOf } from "./person.ts";
import { type PersonToLink, personToLink } from "./plan-links.ts";
import { readLocals } from "./read-locals.ts";
import { agreesWithOthers } from "./rescore-reviews.ts";
import { cannotBeOne, standingCandidates, vouchedNumbers, weakerRecords } from "./weaker-records.ts";

/** A stored local Patient that is about to change. `facts` absent = its row is taken back. */
export interface PersonToChange extends LocalPatient {
  readonly facts?: PersonFacts;
}

/**
 * Closes wrong links before the corrected record is written, so that nothing new is ever shown under a resident it was taken from: a
 * corrected number moves the link, a retracted Patient loses it (a steward's too: the record is no more), facts that speak against what a
 * comparison had found undo it. Each with the Task that follows. A record that stood by what a retracted one had told is placed anew; who
 * waited for the steward because of a link that is closed now is looked at again; one that speaks against a record which gave way to it is
 * put before the steward. Two searches when nobody is linked. Throws `Fault("store-down")`.
 */
export async function prepareCorrections(deps: LinkDeps, people: readonly PersonToChange[]): Promise<void> {
  const retracted = people.filter((one) => one.facts === undefined);
  const left = await closeLinks(deps, people, true);
  await linkWaiting(deps, left, people);
  if (retracted.length > 0) await placeAnew({ ...deps, gone: new Set(retracted.map(keyOf)) }, retracted);
}

/** Places those who stand for retracted records by what is left to tell of them. */
async function placeAnew(deps: LinkDeps, retracted: readonly LocalPatient[]): Promise<void> {
  const standing = await standingFor(deps, retracted);
  if (standing.length === 0) return;
  const told = await standingCandidates(deps, await readLocals(deps.store, standing));
  const placed = told.map(({ tenant, patientId, facts }) => ({ tenant, patientId, facts }));
  const known = new Set(placed.map(keyOf));
  const silent = standing.filter((local) => !known.has(keyOf(local)));
  const left = await closeLinks(deps, [...placed, ...silent], false);
  if (placed.length > 0) await linkPatients(deps, placed);
  await linkWaiting(deps, left, standing);
}

/** Closes or moves what these people's facts do not bear out; the residents somebody left. Of one that tells nothing a steward's link only when told so. */
async function closeLinks(deps: LinkDeps, people: readonly PersonToChange[], evenStewards: boolean): Promise<ResidentId[]> {
  const current = await currentLinks(deps.store, people);
  const options = { allowTestRegions: deps.allowTestRegions, today: deps.now() };
  const persons = people.flatMap((one) => (one.facts === undefined ? [] : personToLink(one, one.facts, deps.suite, options)));
  const left: ResidentId[] = [];
  for (const one of people.filter(({ facts }) => facts === undefined)) {
    for (const link of current.get(keyOf(one)) ?? [])
      if (await dropLink(deps, one, residentOf(link), evenStewards)) left.push(residentOf(link));
  }
  const unlinked = persons.filter((one) => !current.has(keyOf(one)));
  const denied = new Set<PersonToLink>(unlinked);
  for (const person of persons) {
    for (const link of current.get(keyOf(person)) ?? []) {
      if (!(await speaksAgainst(deps, person, link)) || !(await dropLink(deps, person, residentOf(link)))) continue;
      left.push(residentOf(link));
      denied.add(person);
    }
  }
  const numbered = persons.filter(({ number }) => number.kind === "number");
  for (const moved of await moveLinks(deps, numbered, current)) {
    left.push(...(current.get(keyOf(moved)) ?? []).map(residentOf));
    denied.add(moved);
  }
  if (denied.size > 0) await askAboutWeaker(deps, [...denied]);
  return left;
}

/** Whether what the record says now no longer carries a link that a machine made. */
async function speaksAgainst(deps: LinkDeps, person: PersonToLink, { golden, link }: CurrentLink): Promise<boolean> {
  if (link.basis === "provisional" || link.basis === "steward") return false;
  if (link.basis === "score" && !isNumbered(golden) && linksOf(golden).length === 1) return false;
  if (link.basis === "score")
    return !(await agreesWithOthers(deps, person, golden)) && !(await isVouchedFor(deps, person, golden));
  if (person.number.kind === "none") return isNumbered(golden) && !(await isVouchedFor(deps, person, golden));
  const { birthDate, sex } = person.number.facts;
  const here = golden.id === person.resident;
  return (
    here &&
    ((person.birthDate ?? birthDate) !== birthDate || (person.sex ?? sex) !== sex || person.nameDigest !== link.nameDigest) &&
    !(await agreesWithOthers(deps, person, golden))
  );
}

/** Whether a record that gave way to this one shows the resident's number and may be of the same person. */
async function isVouchedFor(deps: LinkDeps, person: PersonToLink, golden: Patient): Promise<boolean> {
  const residents = new Set([golden.id, ...replacedBefore(golden)]);
  const options = { allowTestRegions: deps.allowTestRegions, today: deps.now() };
  const weaker = (await weakerRecords(deps, [person])).get(keyOf(person)) ?? [];
  return vouchedNumbers(person, weaker, options).some(({ number }) => residents.has(residentIdOf(deps.suite, number)));
}

/** Asks about the records that gave way to these and cannot be of the person they name now. */
async function askAboutWeaker(deps: LinkDeps, people: readonly PersonToLink[]): Promise<void> {
  const weaker = await weakerRecords(deps, people);
  for (const person of people) {
    const into = { tenant: person.tenant, patientId: person.patientId };
    for (const one of weaker.get(keyOf(person)) ?? [])
      if (cannotBeOne(person, one)) await askAboutMerge(deps, into, { weaker: one });
  }
}

/** The records that stand for these, where they gave way: every replacement followed. */
async function standingFor(deps: LinkDeps, locals: readonly LocalPatient[]): Promise<LocalPatient[]> {
  const standing = new Map<string, LocalPatient>();
  const seen = new Set(locals.map(keyOf));
  for (let open = locals; open.length > 0; ) {
    const patients = await readLocals(deps.store, open);
    const next = open.flatMap((local) => {
      const patient = patients.get(keyOf(local));
      const into = patient === undefined ? undefined : replacementOf(patient)?.into;
      if (into !== undefined) return { tenant: local.tenant, patientId: into as ResourceId };
      if (!locals.includes(local)) standing.set(keyOf(local), local);
      return [];
    });
    open = next.filter((local) => !seen.has(keyOf(local)));
    for (const local of open) seen.add(keyOf(local));
  }
  return [...standing.values()];
}

function residentOf({ golden }: CurrentLink): ResidentId {
  return golden.id as ResidentId;
}
