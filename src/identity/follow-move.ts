import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import { askAboutMerge } from "./ask-about-merge.ts";
import { changeGoldens } from "./change-goldens.ts";
import { type CurrentLink, currentLinks } from "./current-links.ts";
import { type Candidate, candidateOf, keyOf } from "./find-candidates.ts";
import { linksOf, withLink, withoutLink } from "./golden-patient.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import { linkWaiting } from "./link-waiting.ts";
import { mergeGoldens } from "./merge-goldens.ts";
import { dropLink } from "./move-links.ts";
import { type LocalPatient, usableNumber } from "./person.ts";
import { prepareCorrections } from "./prepare-corrections.ts";
import { readLocals } from "./read-locals.ts";
import { cannotBeOne, toldBefore } from "./weaker-records.ts";

/** One Patient of an institution that took the place of another of the same institution. */
export interface LocalMove {
  readonly tenant: InstitutionCode;
  readonly from: ResourceId;
  readonly into: ResourceId;
}

/** The two records as they are stored: who they are, what each tells, where each is linked. Read once. */
interface Pair {
  readonly from: LocalPatient;
  readonly into: LocalPatient;
  /** What the one that gave way told: it is inactive by now and still counts. */
  readonly weaker: Candidate | undefined;
  readonly standing: Candidate | undefined;
  /** The one that stands was taken back since. */
  readonly retracted: boolean;
  readonly olds: readonly CurrentLink[];
  readonly target: CurrentLink | undefined;
}

/**
 * What an institution's word that two of its records are one (a better key, HL7 v2 A40) means for who is who: the one that gave way keeps no
 * link; its golden and the other's become one, unless both have numbers or the two records cannot be one person. Then the steward is asked.
 * One that stands and was not linked is, by what it tells itself or else by what the other told; a retracted one is not. Who waited because of
 * a link that is gone now is looked at again. What comes of it follows from the records, whichever of them came last. Safe to repeat. Throws `Fault("store-down")`.
 */
export async function followMove(deps: LinkDeps, move: LocalMove): Promise<void> {
  const pair = await readPair(deps, move);
  if (pair.retracted) await dropAll(deps, pair);
  else if (cannotBeOne(pair.standing, pair.weaker)) await standApart(deps, pair);
  else if (pair.target === undefined && (pair.standing === undefined || pair.olds.some(isStewards))) await takeOver(deps, pair);
  else await becomeOne(deps, pair);
  await linkWaiting(deps, pair.olds.map(residentOf), [pair.from, pair.into]);
}

async function readPair(deps: LinkDeps, move: LocalMove): Promise<Pair> {
  const from: LocalPatient = { tenant: move.tenant, patientId: move.from };
  const into: LocalPatient = { tenant: move.tenant, patientId: move.into };
  const [patients, links] = await Promise.all([readLocals(deps.store, [from, into]), currentLinks(deps.store, [from, into])]);
  const standing = patients.get(keyOf(into));
  return {
    from,
    into,
    weaker: toldBefore(patients.get(keyOf(from)), deps.suite),
    standing: standing === undefined ? undefined : candidateOf(standing, deps.suite),
    retracted: standing?.active === false,
    olds: links.get(keyOf(from)) ?? [],
    target: links.get(keyOf(into))?.[0],
  };
}

/** The two records cannot be of one person: each is by itself, and the steward is asked. */
async function standApart(deps: LinkDeps, pair: Pair): Promise<void> {
  const { from, into, olds, standing, weaker } = pair;
  for (const old of olds) await dropLink(deps, from, residentOf(old), true);
  if (weaker !== undefined) await askAboutMerge(deps, into, { weaker, was: olds[0] && residentOf(olds[0]) });
  if (pair.target === undefined && standing !== undefined) await linkPatients(deps, [{ ...into, facts: standing.facts }]);
}

/** The one that stands has no link and tells nothing, or a steward linked the other: it takes over what there was, be it a place in the queue. */
async function takeOver(deps: LinkDeps, { olds, into, weaker }: Pair): Promise<void> {
  for (const old of olds) await handOver(deps, old, into);
  if (olds.length > 0 || weaker === undefined) return;
  await linkPatients(deps, [{ ...into, facts: { ...weaker.facts, patientId: into.patientId } }]);
}

/** The one that stands is where it belongs by its own record, and the person of the other is that person. */
async function becomeOne(deps: LinkDeps, pair: Pair): Promise<void> {
  const target = pair.target ?? (await linkByItself(deps, pair));
  if (target === undefined) return;
  for (const old of pair.olds) {
    if (old.golden.id !== target.golden.id) {
      const merged = await mergeGoldens(deps, [residentOf(old), residentOf(target)]);
      if (merged.kind === "two-numbers" || merged.kind === "refused") {
        await dropLink(deps, pair.from, residentOf(old), true);
        await askAboutMerge(deps, pair.into, { was: residentOf(old) });
      }
    }
    await dropQuietly(deps, pair.from, residentOf(target));
  }
  if (pair.standing !== undefined) await judgeAgain(deps, pair.into, pair.standing);
}

/** Links the one that stands by its own record; what the other said does not speak against it any more. Where it is linked then. */
async function linkByItself(deps: LinkDeps, pair: Pair): Promise<CurrentLink | undefined> {
  if (pair.standing === undefined) return undefined;
  await dropAll(deps, pair);
  await linkPatients(deps, [{ ...pair.into, facts: pair.standing.facts }]);
  return (await currentLinks(deps.store, [pair.into])).get(keyOf(pair.into))?.[0];
}

/** One that shows no number itself is where the other's number says: now, and no longer where that said before. */
async function judgeAgain(deps: LinkDeps, into: LocalPatient, { facts }: Candidate): Promise<void> {
  const options = { allowTestRegions: deps.allowTestRegions, today: deps.now() };
  if (usableNumber(facts, options).kind === "number") return;
  const person = { ...into, facts };
  await prepareCorrections(deps, [person]);
  await linkPatients(deps, [person]);
}

async function handOver(deps: LinkDeps, { golden, link }: CurrentLink, into: LocalPatient): Promise<void> {
  const resident = golden.id as ResidentId;
  await changeGoldens(deps, { read: [resident] }, (goldens) => {
    const stored = goldens.get(resident);
    if (stored === undefined) return undefined;
    const rest = withoutLink(stored, link);
    return {
      goldens: [linksOf(rest).some((one) => keyOf(one) === keyOf(into)) ? rest : withLink(rest, { ...link, ...into })],
      beside: [],
    };
  });
}

async function dropAll(deps: LinkDeps, { olds, from }: Pair): Promise<void> {
  for (const old of olds) await dropQuietly(deps, from, residentOf(old));
}

/** Takes the link of the record that is no more from the person it is of: nothing was wrong, so nothing follows. */
async function dropQuietly(deps: LinkDeps, local: LocalPatient, resident: ResidentId): Promise<void> {
  await changeGoldens(deps, { read: [resident] }, (goldens) => {
    const golden = goldens.get(resident);
    if (golden === undefined || !linksOf(golden).some((link) => keyOf(link) === keyOf(local))) return undefined;
    return { goldens: [withoutLink(golden, local)], beside: [] };
  });
}

function isStewards({ link }: CurrentLink): boolean {
  return link.basis === "steward";
}

function residentOf({ golden }: CurrentLink): ResidentId {
  return golden.id as ResidentId;
}
