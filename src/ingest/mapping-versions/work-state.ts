import type { Task } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { asFault } from "../../kernel/fault.ts";
import type { MappingDifference } from "../../mapping/diff-mappings.ts";
import { type Landing, readJson } from "../landing.ts";
import { type MappingProgress, type MappingWork, mappingProgressOf, mappingWorkOf } from "./mapping-work.ts";
import type { VersionDeps } from "./version-deps.ts";

/** A dry-run or replay as operators see it. */
export interface WorkState extends Omit<MappingWork, "client"> {
  readonly id: string;
  readonly status: "waiting" | "running" | "completed" | "failed" | "stopped";
  readonly startedAt?: string;
  readonly progress?: Omit<MappingProgress, "difference">;
  /** What differs in the exports compared so far. */
  readonly difference?: MappingDifference;
  /** Why it failed, a code. */
  readonly reason?: string;
}

const statuses: Partial<Record<Task["status"], WorkState["status"]>> = {
  requested: "waiting",
  "in-progress": "running",
  completed: "completed",
  cancelled: "stopped",
};

/** How far a piece of mapping work came; undefined when there is none by this id. */
export async function workState(
  deps: { readonly store: FhirStore; readonly landing: Landing },
  id: string,
): Promise<WorkState | undefined> {
  const task = await deps.store.read("DEFAULT", "Task", id);
  const work = task === undefined ? undefined : mappingWorkOf(task);
  if (task === undefined || work === undefined) return undefined;
  const { client: _, ...shown } = work;
  const { difference, ...progress } = mappingProgressOf(task) ?? {};
  return {
    id,
    ...shown,
    status: statuses[task.status] ?? "failed",
    ...(task.authoredOn === undefined ? {} : { startedAt: task.authoredOn }),
    ...("done" in progress ? { progress: progress as MappingProgress } : {}),
    ...(difference === undefined ? {} : { difference: await readJson<MappingDifference>(deps.landing, difference) }),
    ...(task.statusReason?.text === undefined ? {} : { reason: task.statusReason.text }),
  };
}

const mostTries = 10;

/**
 * Stops work that waits or runs: its Task is cancelled under the version that was read, so the worker's next checkpoint finds itself fenced out. Exports a
 * replay opened already are worked through. Undefined when there is no such work; `ended` when there is nothing to stop any more.
 */
export async function stopWork(
  deps: VersionDeps,
  request: { readonly client: string; readonly id: string },
): Promise<"stopped" | "ended" | undefined> {
  const { store, suite, now } = deps;
  for (let tries = 0; tries < mostTries; tries++) {
    const task = await store.read("DEFAULT", "Task", request.id);
    if (task === undefined || mappingWorkOf(task) === undefined) return undefined;
    if (task.status !== "requested" && task.status !== "in-progress") return task.status === "cancelled" ? "stopped" : "ended";
    const { meta, ...rest } = task;
    const stopped: Task = { ...rest, status: "cancelled", lastModified: instant(now()), statusReason: { text: "stopped" } };
    const audit = auditEvent({
      id: suite.computeId("DEFAULT", "AuditEvent", "mapping-work-stopped", request.id),
      kind: "mapping-work-stopped",
      at: now(),
      outcome: "success",
      agent: { client: request.client },
      entities: [{ what: resourceReference({ tenant: "DEFAULT", type: "Task", id: request.id as ResourceId }) }],
    });
    const writes = [
      { kind: "update", resource: stopped, ifMatch: meta?.versionId ?? "1" } as const,
      { kind: "put", resource: audit } as const,
    ];
    if ((await store.commit("DEFAULT", writes)).kind === "committed") return "stopped";
  }
  throw asFault(new Error("the work moves too fast to be stopped"));
}
