import { type AuditEntity, auditEvent } from "../audit/audit-event.ts";
import type { ResourceId } from "../kernel/brand.ts";
import { openTask } from "../work/open-task.ts";
import { priorityOf } from "../work/sweep.ts";
import { type Judged, judgeLookup } from "./judge-lookup.ts";
import { type LookupRequest, lookupTask, type SourceLine } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";
import { reconsiderLookup } from "./reconsider-lookup.ts";

/** `conflict`: the same key came with another request. Otherwise the answer is the same for every resident, known or not. */
export type LookupAccepted = { readonly kind: "accepted"; readonly id: ResourceId } | { readonly kind: "conflict" };

/**
 * Accepts a lookup: consent decides whether it runs or waits, then one Task and its audit are stored in one transaction, then it is queued.
 * `key` is the Idempotency-Key (or a random one). Throws `Fault("store-down")`: nothing was accepted.
 *
 * To read a lookup from end to end: this file, judge-lookup, run-lookup, sources/ask-hosted, sources/check-answer, release-lookup.
 */
export async function requestLookup(deps: LookupDeps, request: LookupRequest, key: string): Promise<LookupAccepted> {
  const at = deps.now();
  const judged = await judgeLookup(deps, request);
  const id = deps.suite.computeId(
    "DEFAULT",
    "Task",
    "lookup",
    request.asker.institution,
    request.asker.client,
    key,
  ) as ResourceId;
  const status = judged.kind === "permit" ? "requested" : "on-hold";
  const task = lookupTask(request, { id, status, at, waitsUntil: new Date(at.getTime() + deps.answerWindowMs) });
  const opened = await openTask(deps.store, { task, audit: [accepted(deps, request, { id, judged, at })] });
  if (opened.kind === "conflict") return { kind: "conflict" };
  if (opened.task.status === "requested") await deps.scheduler.schedule("lookup", id, priorityOf(opened.task));
  // Asked once more now that it waits: a consent given between the first question and this write would have found nothing to wake.
  if (opened.task.status === "on-hold") await reconsiderLookup(deps, opened.task);
  return { kind: "accepted", id };
}

function accepted(deps: LookupDeps, request: LookupRequest, is: { id: ResourceId; judged: Judged; at: Date }) {
  return auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "lookup-accepted", is.id),
    kind: "lookup-accepted",
    at: is.at,
    outcome: is.judged.kind === "permit" ? "success" : "refused",
    ...(is.judged.kind === "deny" ? { reason: is.judged.reason } : {}),
    agent: request.asker,
    resident: request.resident,
    purpose: request.purpose,
    entities: [lookupEntity(is.id), ...basisEntities(is.judged)],
  });
}

/** The lookup itself, as a thing an event is about, with a line per source where the event tells what they said. */
export function lookupEntity(id: ResourceId, lines: readonly SourceLine[] = []): AuditEntity {
  const what = { reference: `Task/${id}` };
  if (lines.length === 0) return { what };
  return { what, detail: Object.fromEntries(lines.map((line) => [`line:${line.source}`, `${line.outcome} ${line.count}`])) };
}

/** The consents a permit rests on, in the versions that were read. */
export function basisEntities(judged: Judged): AuditEntity[] {
  if (judged.kind === "deny") return [];
  return judged.basis.map(({ id, version }) => ({ what: { reference: `Consent/${id}/_history/${version}` } }));
}
