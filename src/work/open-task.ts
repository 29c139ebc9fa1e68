import type { AuditEvent, Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { Fault } from "../kernel/fault.ts";

/** `existed`: the same request came before and this is its Task. `conflict`: the same key came with another request. */
export type Opened = { readonly kind: "opened" | "existed"; readonly task: Task } | { readonly kind: "conflict" };

/**
 * Writes the Task and its audit in one create-only transaction of DEFAULT: afterwards the work cannot be lost, whatever the queue does.
 * A Task with the same id and the same request (`code`, `requester`, `for`, `input`) is the answer to a repeat.
 * Throws `Fault("store-down")`: nothing was accepted.
 */
export async function openTask(
  store: FhirStore,
  work: { readonly task: Task; readonly audit: readonly AuditEvent[] },
): Promise<Opened> {
  const writes = [work.task, ...work.audit].map((resource) => ({ kind: "put", resource }) as const);
  const outcome = await store.commit("DEFAULT", writes, { createOnly: true });
  if (outcome.kind === "committed")
    return { kind: "opened", task: { ...work.task, meta: { ...work.task.meta, versionId: outcome.versions[0] ?? "1" } } };
  const stored = await store.read("DEFAULT", "Task", work.task.id ?? "");
  // A conflict with nothing stored: the audit's id was taken, which only a defect in computing ids can cause.
  if (stored === undefined) throw new Fault("conflict");
  return requestOf(stored) === requestOf(work.task) ? { kind: "existed", task: stored } : { kind: "conflict" };
}

function requestOf(task: Task): string {
  const { code, requester, for: subject, input } = task;
  return JSON.stringify([
    code?.coding,
    requester?.identifier,
    subject?.identifier,
    (input ?? []).map((one) => [one.type.coding, one.valueString]),
  ]);
}
