import type { Patient, Task } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { changeGoldens, type GoldenDeps } from "./change-goldens.ts";
import { correctionTask } from "./correction-task.ts";
import type { CurrentLink } from "./current-links.ts";
import { keyOf } from "./find-candidates.ts";
import { isNumbered, linksOf, mergedGoldens, withoutLink } from "./golden-patient.ts";
import type { LocalPatient } from "./person.ts";
import { type PersonToLink, planLinks } from "./plan-links.ts";

/**
 * Moves each person who is linked elsewhere than they belong now: the old link is closed and the new one made in one transaction, with the
 * Task that follows the correction. A provisional golden gives way to the golden of the number that arrived. What no machine may link at the
 * new place only loses the old link. A steward's link stays. Returns who was moved. Throws `Fault("store-down")`.
 */
export async function moveLinks(
  deps: GoldenDeps,
  people: readonly PersonToLink[],
  current: ReadonlyMap<string, readonly CurrentLink[]>,
): Promise<PersonToLink[]> {
  const moved = new Set<PersonToLink>();
  for (const person of people) {
    const links = current.get(keyOf(person)) ?? [];
    if (links.some(({ link }) => link.basis === "steward")) continue;
    for (const { golden } of links) {
      if (golden.id !== person.resident && (await moveLink(deps, person, golden.id as ResidentId))) moved.add(person);
    }
  }
  return [...moved];
}

/** Takes a local Patient from the golden that links it, wherever it belongs now; with the Task that follows. A steward's link too, when `evenStewards`. */
export async function dropLink(
  deps: GoldenDeps,
  local: LocalPatient,
  from: ResidentId,
  evenStewards = false,
): Promise<boolean> {
  return changeGoldens(deps, { read: [from] }, (goldens) => {
    const golden = goldens.get(from);
    const link = golden === undefined ? undefined : linksOf(golden).find((one) => keyOf(one) === keyOf(local));
    if (golden === undefined || link === undefined || (link.basis === "steward" && !evenStewards)) return undefined;
    return { goldens: [withoutLink(golden, local)], beside: [followUp(deps, local, golden)] };
  });
}

async function moveLink(deps: GoldenDeps, person: PersonToLink, from: ResidentId): Promise<boolean> {
  // Without a number it is told later where it belongs; its own provisional golden is never wrong for it.
  const make = person.basis === "provisional" ? [] : [person.resident];
  return changeGoldens(deps, { read: [from, ...make], make }, (goldens) => {
    const [old, target] = [goldens.get(from), goldens.get(person.resident)];
    const link = old === undefined ? undefined : linksOf(old).find((one) => keyOf(one) === keyOf(person));
    if (old === undefined || link === undefined || link.basis === "steward" || old.id === target?.id) return undefined;
    const own = link.basis === "provisional" && !isNumbered(old);
    const joined = make.length === 0 || target === undefined ? undefined : linkedTo(deps, person, target);
    if (joined === undefined)
      return own ? undefined : { goldens: [withoutLink(old, person)], beside: [followUp(deps, person, old)] };
    if (own) {
      const merged = mergedGoldens(joined, withoutLink(old, person));
      return { goldens: [merged.winner, merged.loser], beside: [] };
    }
    const changed = joined === target ? [] : [joined];
    return { goldens: [withoutLink(old, person), ...changed], beside: [followUp(deps, person, old, person.resident)] };
  });
}

/** The golden with the person linked; undefined when no machine may link them there. */
function linkedTo(deps: GoldenDeps, person: PersonToLink, target: Patient): Patient | undefined {
  const { golden, outcomes } = planLinks(target, [person], { suite: deps.suite, at: instant(deps.now()) });
  const kind = outcomes[0]?.kind;
  return kind === "linked" || kind === "matched" || kind === "kept" ? golden : undefined;
}

function followUp(deps: GoldenDeps, local: LocalPatient, old: Patient, to?: ResidentId): Task {
  const { tenant, patientId } = local;
  const correction = { local: { tenant, patientId }, from: old.id as ResidentId, ...(to === undefined ? {} : { to }) };
  return correctionTask(correction, old.meta?.versionId ?? "", { suite: deps.suite, at: deps.now() });
}
