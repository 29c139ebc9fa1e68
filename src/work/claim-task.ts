import type { AuditEvent, Task, TaskOutput } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { instant } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { attemptOf, maxAttempts, textField, withOutputs } from "./task.ts";

/** A Task in our hands. `fence` is the version our claim wrote: whoever holds a later one owns the Task. */
export interface Claim {
  readonly task: Task;
  readonly fence: string;
}

export type Claimed =
  | ({ readonly kind: "claimed" } & Claim)
  /** Nothing to do: it is closed, waits for somebody, does not exist, or another worker was faster. */
  | { readonly kind: "finished" | "waiting" | "missing" | "lost" }
  /** It failed too often and has just been closed as a dead letter. */
  | { readonly kind: "given-up" };

/**
 * Takes a Task over: `in-progress`, one more attempt, under If-Match. The sixth start of a Task makes it a dead letter (`failed`).
 * `known`: the Task as the caller has just read it.
 */
export async function claimTask(store: FhirStore, id: string, now: Date, known?: Task): Promise<Claimed> {
  // Read first: If-Match on a Task that does not exist would create it.
  const task = known ?? (await store.read("DEFAULT", "Task", id));
  if (task === undefined) return { kind: "missing" };
  if (task.status === "on-hold") return { kind: "waiting" };
  if (task.status !== "requested" && task.status !== "in-progress") return { kind: "finished" };
  const attempt = attemptOf(task) + 1;
  if (attempt > maxAttempts) {
    const dead: Task = { ...task, status: "failed", statusReason: { text: "attempts-exhausted" }, lastModified: instant(now) };
    const outcome = await store.commit("DEFAULT", [{ kind: "update", resource: dead, ifMatch: versionOf(task) }]);
    return { kind: outcome.kind === "committed" ? "given-up" : "lost" };
  }
  return write(
    store,
    { ...withOutputs(task, [textField("attempt", String(attempt))]), status: "in-progress", lastModified: instant(now) },
    versionOf(task),
  );
}

async function write(store: FhirStore, task: Task, ifMatch: string): Promise<Claimed> {
  const outcome = await store.commit("DEFAULT", [{ kind: "update", resource: task, ifMatch }]);
  return outcome.kind === "committed" ? { kind: "claimed", task, fence: outcome.versions[0] ?? "" } : { kind: "lost" };
}

/** Writes progress under the fence and returns the claim with its new fence. Throws `Fault("work-lost")` when another worker took over. */
export async function checkpointTask(
  store: FhirStore,
  claim: Claim,
  outputs: readonly TaskOutput[],
  now: Date,
): Promise<Claim> {
  const task = { ...withOutputs(claim.task, outputs), lastModified: instant(now) };
  const written = await write(store, task, claim.fence);
  if (written.kind !== "claimed") throw new Fault("work-lost");
  return written;
}

/** How work ends: closed for good, or handed back to wait for a person or a date. */
export interface Closing {
  readonly status: "completed" | "failed" | "on-hold";
  readonly outputs: readonly TaskOutput[];
  /** A code, e.g. `no-consent`. */
  readonly reason?: string;
  readonly audit: readonly AuditEvent[];
}

/**
 * Ends a claim: Task and audit in one transaction under the fence, so nothing a fenced-out worker did becomes visible.
 * Throws `Fault("work-lost")` when another worker took over, `Fault("store-down")` when the outcome is unknown (the sweeper tries again).
 */
export async function closeTask(store: FhirStore, claim: Claim, closing: Closing, now: Date): Promise<Task> {
  const { statusReason: _, ...rest } = withOutputs(claim.task, closing.outputs);
  const task: Task = {
    ...rest,
    status: closing.status,
    lastModified: instant(now),
    ...(closing.reason === undefined ? {} : { statusReason: { text: closing.reason } }),
  };
  const writes = [
    { kind: "update", resource: task, ifMatch: claim.fence } as const,
    ...closing.audit.map((resource) => ({ kind: "put", resource }) as const),
  ];
  if ((await store.commit("DEFAULT", writes)).kind === "conflict") throw new Fault("work-lost");
  return task;
}

/** Gives an attempt back (a stop, an outage of the store): the Task is `requested` again and the attempt does not count. */
export async function giveBackTask(store: FhirStore, claim: Claim, now: Date): Promise<void> {
  const attempt = Math.max(0, attemptOf(claim.task) - 1);
  const task: Task = {
    ...withOutputs(claim.task, [textField("attempt", String(attempt))]),
    status: "requested",
    lastModified: instant(now),
  };
  await store.commit("DEFAULT", [{ kind: "update", resource: task, ifMatch: claim.fence }]);
}

function versionOf(task: Task): string {
  return task.meta?.versionId ?? "";
}
