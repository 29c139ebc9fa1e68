import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import { changeGoldens } from "./change-goldens.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { candidateOf, keyOf } from "./find-candidates.ts";
import { linksOf, withLink, withoutLink } from "./golden-patient.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import { mergeGoldens } from "./merge-goldens.ts";
import { dropLink } from "./move-links.ts";
import type { LocalPatient, PersonFacts } from "./person.ts";
import { readLocals } from "./read-locals.ts";
import { reviewTask } from "./review-task.ts";
import { scoreMatch } from "./score-match.ts";

/** One Patient of an institution that took the place of another of the same institution. */
export interface LocalMove {
  readonly tenant: InstitutionCode;
  readonly from: ResourceId;
  readonly into: ResourceId;
}

/**
 * What an institution's word that two of its records are one (a better key, HL7 v2 A40) means for who is who: the one that gave way keeps no
 * link; its golden and the other's become one, unless both have numbers or the two records cannot be one person. Then the steward is asked.
 * One that stands and was not linked is, by what it tells itself, now that the other does not speak against it; a retracted one is not.
 * Safe to repeat. Throws `Fault("store-down")`.
 */
export async function followMove(deps: LinkDeps, move: LocalMove): Promise<void> {
  const from: LocalPatient = { tenant: move.tenant, patientId: move.from };
  const into: LocalPatient = { tenant: move.tenant, patientId: move.into };
  const current = await currentLinks(deps.store, [from, into]);
  const olds = current.get(keyOf(from)) ?? [];
  const target = current.get(keyOf(into))?.[0] ?? (await linkByItself(deps, olds, into));
  const retracted = (await readLocals(deps.store, [into])).get(keyOf(into))?.active === false;
  for (const old of olds) {
    if (retracted) await dropQuietly(deps, old.link, residentOf(old));
    else if (target === undefined)
      await (old.link.basis === "number" && (await tells(deps, into))
        ? askSteward(deps, old, into)
        : handOver(deps, old, into));
    else if (!(await becomeOne(deps, { old, target, from, into }))) await askSteward(deps, old, into);
    await dropQuietly(deps, from, residentOf(target ?? old));
  }
}

/** Links the one that stands by its own record, when that tells anything; the link of the one that gave way is gone before. Where it is linked then. */
async function linkByItself(
  deps: LinkDeps,
  olds: readonly CurrentLink[],
  into: LocalPatient,
): Promise<CurrentLink | undefined> {
  const facts = await tells(deps, into);
  if (facts === undefined || olds.some(({ link }) => link.basis !== "number")) return undefined;
  for (const { golden, link } of olds) await dropQuietly(deps, link, golden.id as ResidentId);
  await linkPatients(deps, [{ ...into, facts }]);
  return (await currentLinks(deps.store, [into])).get(keyOf(into))?.[0];
}

async function tells(deps: LinkDeps, local: LocalPatient): Promise<PersonFacts | undefined> {
  const patient = (await readLocals(deps.store, [local])).get(keyOf(local));
  return patient === undefined ? undefined : candidateOf(patient, deps.suite)?.facts;
}

/** The one that stands has no link yet and tells nothing, or it has nothing better: it takes over the one there was. */
async function handOver(deps: LinkDeps, { golden, link }: CurrentLink, into: LocalPatient): Promise<void> {
  const resident = golden.id as ResidentId;
  await changeGoldens(deps, { read: [resident] }, (goldens) => {
    const stored = goldens.get(resident);
    if (stored === undefined || linksOf(stored).some((one) => keyOf(one) === keyOf(into))) return undefined;
    return { goldens: [withLink(withoutLink(stored, link), { ...link, ...into })], beside: [] };
  });
}

async function becomeOne(
  deps: LinkDeps,
  { old, target, from, into }: { old: CurrentLink; target: CurrentLink; from: LocalPatient; into: LocalPatient },
): Promise<boolean> {
  if (old.golden.id === target.golden.id) return true;
  const patients = await readLocals(deps.store, [from, into]);
  const [a, b] = [from, into].map((local) => {
    const patient = patients.get(keyOf(local));
    // The one that gave way is inactive by now; what it told about its person still counts here.
    return patient === undefined ? undefined : candidateOf({ ...patient, active: true }, deps.suite);
  });
  if (a !== undefined && b !== undefined && scoreMatch(a.match, b.match).veto !== undefined) return false;
  const merged = await mergeGoldens(deps, [residentOf(old), residentOf(target)]);
  return merged.kind === "merged" || merged.kind === "one-already";
}

async function askSteward(deps: LinkDeps, { golden, link }: CurrentLink, into: LocalPatient): Promise<void> {
  await dropLink(deps, link, golden.id as ResidentId, true);
  const found = { local: into, resident: golden.id as ResidentId, reasons: ["merge-disagrees"] as const };
  await deps.openReviews([reviewTask(found, deps.suite, deps.now())]);
}

/** Takes the link of the record that is no more from the person it is of: nothing was wrong, so nothing follows. */
async function dropQuietly(deps: LinkDeps, local: LocalPatient, resident: ResidentId): Promise<void> {
  await changeGoldens(deps, { read: [resident] }, (goldens) => {
    const golden = goldens.get(resident);
    if (golden === undefined || !linksOf(golden).some((link) => keyOf(link) === keyOf(local))) return undefined;
    return { goldens: [withoutLink(golden, local)], beside: [] };
  });
}

function residentOf({ golden }: CurrentLink): ResidentId {
  return golden.id as ResidentId;
}
