import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { instant } from "../kernel/clock.ts";
import type { Scheduler } from "./scheduler.ts";
import { priorityOf } from "./sweep.ts";
import { taskKindOf } from "./task.ts";

/** Moves a waiting Task to `requested` and queues it. False when it does not wait (any more): somebody was faster. */
export async function freeTask(
  deps: { readonly store: FhirStore; readonly scheduler: Scheduler; readonly now: () => Date },
  task: Task,
): Promise<boolean> {
  const kind = taskKindOf(task);
  if (task.status !== "on-hold" || kind === undefined || task.id === undefined) return false;
  const { statusReason: _, ...rest } = task;
  const freed: Task = { ...rest, status: "requested", lastModified: instant(deps.now()) };
  const outcome = await deps.store.commit("DEFAULT", [
    { kind: "update", resource: freed, ifMatch: task.meta?.versionId ?? "" },
  ]);
  if (outcome.kind === "conflict") return false;
  await deps.scheduler.schedule(kind, task.id, priorityOf(task));
  return true;
}

/** Ends a waiting Task as failed, with a code. False when somebody was faster. */
export async function endTask(
  deps: { readonly store: FhirStore; readonly now: () => Date },
  task: Task,
  reason: string,
): Promise<boolean> {
  const failed: Task = { ...task, status: "failed", statusReason: { text: reason }, lastModified: instant(deps.now()) };
  const outcome = await deps.store.commit("DEFAULT", [
    { kind: "update", resource: failed, ifMatch: task.meta?.versionId ?? "" },
  ]);
  return outcome.kind === "committed";
}
