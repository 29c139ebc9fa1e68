import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { type Decider, type Decision, decisionOf, decisionTask } from "./decision-task.ts";
import { joinRecord, type Word } from "./join-record.ts";
import type { LinkDeps } from "./link-patients.ts";
import { partPeople, partRecord } from "./part-record.ts";

/** What became of an undo; `undone`: it was taken back before. */
export type Undone = { readonly kind: "decided"; readonly decision: Decision } | { readonly kind: "not-found" | "undone" };

/**
 * Takes a steward's decision back. The undo is a decision of its own and lasts: what was linked is kept apart from now on, what was kept apart
 * is linked, whatever the next export brings; it can be undone in turn. Throws `Fault("store-down")`.
 */
export async function undoDecision(
  deps: LinkDeps,
  undo: { readonly id: string; readonly by: Decider; readonly audit: (decision: Decision) => readonly AuditEvent[] },
): Promise<Undone> {
  const task = await deps.store.read("DEFAULT", "Task", undo.id);
  const decision = task === undefined ? undefined : decisionOf(task);
  if (decision === undefined) return { kind: "not-found" };
  if (decision.undoneBy !== undefined) return { kind: "undone" };
  const word: Word = {
    local: decision.local,
    resident: decision.resident,
    by: undo.by,
    id: deps.suite.computeId("DEFAULT", "Task", "identity-decision", decision.id, "undo"),
    undoes: decision.id,
    audit: undo.audit,
    closes: (made): Task[] => [decisionTask({ ...decision, undoneBy: made.id })],
  };
  const made = await carryOut(deps, word, decision);
  return made === undefined ? { kind: "not-found" } : { kind: "decided", decision: made };
}

function carryOut(deps: LinkDeps, word: Word, decision: Decision): Promise<Decision | undefined> {
  if (decision.action === "merge") return partPeople(deps, word, decision);
  return decision.action === "link" ? partRecord(deps, word) : joinRecord(deps, word);
}
