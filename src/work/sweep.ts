import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { priorities, type Scheduler } from "./scheduler.ts";
import { queuedKinds, type TaskKind, taskKindOf, taskKindTokens } from "./task.ts";

/** What sweeping needs: the store, the queue, and who asks a waiting Task's condition again. */
export interface SweepDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  /** Asks the condition of an `on-hold` Task again: frees it, ends it when its date has passed, or leaves it. */
  readonly reconsider: Partial<Record<TaskKind, (task: Task, now: Date) => Promise<void>>>;
}

/**
 * Queues every open Task again. Selected by status, not by a time cursor, which would miss late commits. Two sweepers are harmless:
 * a queued Task is not queued twice, and a claim is fenced.
 */
export async function sweepOpen(deps: SweepDeps): Promise<number> {
  const open = await deps.store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens(...queuedKinds),
    status: "requested,in-progress",
  });
  for (const task of open) {
    const kind = taskKindOf(task);
    if (kind !== undefined && task.id !== undefined) await deps.scheduler.schedule(kind, task.id, priorityOf(task));
  }
  return open.length;
}

/** Asks every waiting Task's condition again, so that nothing waits for ever because a wake-up was lost. */
export async function sweepWaiting(deps: SweepDeps, now: Date): Promise<number> {
  const kinds = Object.keys(deps.reconsider) as TaskKind[];
  const waiting = await deps.store.searchAll("DEFAULT", "Task", { code: taskKindTokens(...kinds), status: "on-hold" });
  for (const task of waiting) {
    const kind = taskKindOf(task);
    if (kind !== undefined) await deps.reconsider[kind]?.(task, now);
  }
  return waiting.length;
}

/** The queue priority a Task asks for: `stat` before `routine`; what nobody sits and waits for after both. */
export function priorityOf(task: Task): number {
  if (taskKindOf(task) !== "lookup") return priorities.batch;
  return task.priority === "stat" ? priorities.emergency : priorities.clinic;
}
