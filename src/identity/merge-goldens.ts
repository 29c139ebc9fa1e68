import type { AuditEvent, Patient, Task } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import { changeGoldens, type GoldenDeps } from "./change-goldens.ts";
import { isNumbered, linksOf, mergedGoldens, refuses } from "./golden-patient.ts";

/** What became of two goldens: who stands and who gave way, or why not. */
export type Merged =
  | { readonly kind: "merged"; readonly winner: ResidentId; readonly loser: ResidentId }
  | { readonly kind: "one-already" | "two-numbers" | "refused" };

/**
 * Makes one person of two goldens in one transaction: the loser carries `replaced-by` and its links go over. Who has a number stands; of two
 * alike the one with the smaller id, so that two feeds that find out at once do the same. A steward's earlier "not the same" is kept, and two
 * numbers are never made one by a machine: only `evenTwoNumbers`, a steward's word, does that.
 */
export async function mergeGoldens(
  deps: GoldenDeps,
  pair: readonly [ResidentId, ResidentId],
  how: {
    readonly evenTwoNumbers?: boolean;
    readonly make?: readonly ResidentId[];
    readonly beside?: (merged: Extract<Merged, { kind: "merged" }>, loser: Patient) => readonly (Task | AuditEvent)[];
  } = {},
): Promise<Merged> {
  let outcome: Merged = { kind: "one-already" };
  await changeGoldens(deps, { read: pair, ...(how.make === undefined ? {} : { make: how.make }) }, (goldens) => {
    const [a, b] = [goldens.get(pair[0]), goldens.get(pair[1])];
    outcome = { kind: "one-already" };
    if (a === undefined || b === undefined || a.id === b.id) return undefined;
    const [winner, loser] = order(a, b);
    if (isNumbered(loser) && how.evenTwoNumbers !== true) outcome = { kind: "two-numbers" };
    else if (how.evenTwoNumbers !== true && quarrel(winner, loser)) outcome = { kind: "refused" };
    else outcome = { kind: "merged", winner: winner.id as ResidentId, loser: loser.id as ResidentId };
    if (outcome.kind !== "merged") return undefined;
    const merged = mergedGoldens(winner, loser);
    return { goldens: [merged.winner, merged.loser], beside: how.beside?.(outcome, loser) ?? [] };
  });
  return outcome;
}

function order(a: Patient, b: Patient): [winner: Patient, loser: Patient] {
  const first = isNumbered(a) === isNumbered(b) ? (a.id ?? "") < (b.id ?? "") : isNumbered(a);
  return first ? [a, b] : [b, a];
}

/** Whether a steward keeps a record of the one out of the other. */
function quarrel(a: Patient, b: Patient): boolean {
  return linksOf(a).some((link) => refuses(b, link)) || linksOf(b).some((link) => refuses(a, link));
}
