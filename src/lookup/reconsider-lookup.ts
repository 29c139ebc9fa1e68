import type { Task } from "@medplum/fhirtypes";
import { auditEvent } from "../audit/audit-event.ts";
import type { Write } from "../fhir/store.ts";
import { instant } from "../kernel/clock.ts";
import { priorityOf } from "../work/sweep.ts";
import { judgeLookup } from "./judge-lookup.ts";
import { lookupOf } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";

/**
 * Asks a waiting lookup's condition again: sets it free when consent permits it now, ends it when its answer window is over. For the moment
 * after it was put to wait, and for the sweeper. Somebody who was faster is no error.
 */
export async function reconsiderLookup(deps: LookupDeps, task: Task): Promise<"freed" | "ended" | "waits"> {
  const lookup = lookupOf(task);
  const judged = await judgeLookup(deps, lookup);
  if (judged.kind === "permit") {
    const outcome = await deps.store.commit("DEFAULT", freeing(deps, task));
    if (outcome.kind === "conflict") return "waits";
    await deps.scheduler.schedule("lookup", lookup.id, priorityOf(task));
    await deps.progress.tell(lookup.id, "status");
    return "freed";
  }
  if (deps.now() < lookup.waitsUntil) return "waits";
  const outcome = await deps.store.commit("DEFAULT", ending(deps, task));
  return outcome.kind === "committed" ? "ended" : "waits";
}

/** The writes that set a waiting lookup free: the Task under its version, and the event that tells it. */
export function freeing(deps: Pick<LookupDeps, "suite" | "now">, task: Task): Write[] {
  return moving(deps, task, { status: "requested", event: "lookup-woken", outcome: "success" });
}

function ending(deps: LookupDeps, task: Task): Write[] {
  return moving(deps, task, { status: "failed", event: "refusal", outcome: "refused", reason: "answer-window-over" });
}

interface Move {
  readonly status: "requested" | "failed";
  readonly event: "lookup-woken" | "refusal";
  readonly outcome: "success" | "refused";
  readonly reason?: string;
}

function moving(deps: Pick<LookupDeps, "suite" | "now">, task: Task, move: Move): Write[] {
  const lookup = lookupOf(task);
  const at = deps.now();
  const version = task.meta?.versionId ?? "";
  const { statusReason: _, ...rest } = task;
  const reason = move.reason === undefined ? {} : { statusReason: { text: move.reason } };
  const audit = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", move.event, lookup.id, version),
    kind: move.event,
    at,
    outcome: move.outcome,
    ...(move.reason === undefined ? {} : { reason: move.reason }),
    agent: lookup.asker,
    resident: lookup.resident,
    purpose: lookup.purpose,
    entities: [{ what: { reference: `Task/${lookup.id}` } }],
  });
  return [
    { kind: "update", resource: { ...rest, status: move.status, lastModified: instant(at), ...reason }, ifMatch: version },
    { kind: "put", resource: audit },
  ];
}
