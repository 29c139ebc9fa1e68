import { auditEvent } from "../../audit/audit-event.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { openTask } from "../../work/open-task.ts";
import { priorities } from "../../work/scheduler.ts";
import { readVersion } from "./list-versions.ts";
import { type MappingWork, mappingTask } from "./mapping-work.ts";
import type { VersionDeps } from "./version-deps.ts";

/** Work on a version over the exports accepted from `from` to `to` (now when absent). */
export interface WorkRequest {
  readonly client: string;
  readonly id: string;
  readonly from: string;
  readonly to?: string;
  readonly idempotencyKey?: string;
}

/** `not-active`: only the version that counts can be replayed through. `conflict`: the key came with another request. */
export type Started =
  | { readonly kind: "accepted"; readonly id: string }
  | { readonly kind: "not-active" }
  | { readonly kind: "conflict" };

/** Opens the Task of a dry-run or a replay, with its audit, and queues it. Undefined when there is no such version. */
export async function startWork(
  deps: VersionDeps,
  kind: MappingWork["kind"],
  request: WorkRequest,
): Promise<Started | undefined> {
  const version = await readVersion(deps.store, request.id);
  if (version === undefined) return undefined;
  if (kind === "mapping-replay" && version.status !== "active") return { kind: "not-active" };
  const { client, idempotencyKey = deps.unique() } = request;
  const period = {
    from: instant(new Date(request.from)),
    to: instant(request.to === undefined ? deps.now() : new Date(request.to)),
  };
  const id = deps.suite.computeId("DEFAULT", "Task", kind, client, idempotencyKey) as ResourceId;
  const task = mappingTask(id, { kind, feed: version.feed, version: version.id, period, client }, deps.now());
  const audit = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "mapping-work", id),
    kind: "mapping-work-started",
    at: deps.now(),
    outcome: "success",
    agent: { client },
    entities: [
      {
        what: resourceReference({ tenant: "DEFAULT", type: "Task", id }),
        detail: { kind, feed: version.feed, version: version.id, ...period },
      },
    ],
  });
  const opened = await openTask(deps.store, { task, audit: [audit] });
  if (opened.kind === "conflict") return { kind: "conflict" };
  if (opened.kind === "opened") await deps.scheduler.schedule(kind, id, priorities.batch);
  return { kind: "accepted", id };
}
