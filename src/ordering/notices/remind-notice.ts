import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { institutionReference, resourceReference } from "../../fhir/reference.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { priorities } from "../../work/scheduler.ts";
import { textField, withOutputs } from "../../work/task.ts";
import { callbackTask } from "../callbacks/callback.ts";
import { type Notice, noticeOf } from "./notice.ts";
import type { NoticeDeps } from "./open-notice.ts";

/** When a notice that nobody takes note of is told again, and when it becomes the operator's too; milliseconds. */
export interface NoticePatience {
  readonly retellMs: number;
  readonly escalateMs: number;
}

/** A notice is told so often at most; by then it has long been the operator's. */
const mostTold = 30;

/** Tells a notice again, and puts it before the operator, when its time has come: each in one transaction with what follows from it. For the sweeper; two at once are harmless. */
export async function remindNotice(
  deps: NoticeDeps & { readonly log: Log },
  patience: NoticePatience,
  task: Task,
): Promise<void> {
  const notice = noticeOf(task);
  if (notice === undefined || notice.state !== "open") return;
  const now = deps.now();
  const isDue = now.getTime() - Date.parse(notice.toldAt) >= patience.retellMs && notice.told < mostTold;
  const isOverdue = notice.escalatedAt === undefined && now.getTime() - Date.parse(notice.at) >= patience.escalateMs;
  if (!isDue && !isOverdue) return;
  const { institution, id, told } = notice;
  const resource = withOutputs({ ...task, lastModified: instant(now) }, [
    ...(isDue ? [textField("told", String(told + 1)), textField("toldAt", instant(now))] : []),
    ...(isOverdue ? [textField("escalatedAt", instant(now))] : []),
  ]);
  const call =
    isDue && deps.hasCallback(institution)
      ? [callbackTask(deps.suite, { institution, type: "notice", about: id, ordinal: told }, now)]
      : [];
  const audit = isOverdue ? [escalatedEvent(deps, notice)] : [];
  const outcome = await deps.store.commit("DEFAULT", [
    { kind: "update", resource, ifMatch: task.meta?.versionId ?? "" },
    ...[...call, ...audit].map((one) => ({ kind: "put", resource: one }) as const),
  ]);
  // Somebody took note, or another sweeper was faster.
  if (outcome.kind === "conflict") return;
  if (isOverdue) deps.log.warn({ notice: id, institution, kind: notice.kind }, "nobody took note of a notice in time");
  for (const one of call) await deps.scheduler.schedule("callback", one.id ?? "", priorities.batch);
}

function escalatedEvent({ suite, now }: NoticeDeps, { id, institution }: Notice): AuditEvent {
  return auditEvent({
    id: suite.computeId("DEFAULT", "AuditEvent", "notice-escalated", id),
    kind: "notice-escalated",
    at: now(),
    outcome: "success",
    agent: { client: "hutong" },
    entities: [
      { what: resourceReference({ tenant: "DEFAULT", type: "Task", id: id as ResourceId }) },
      { what: institutionReference(institution) },
    ],
  });
}
