import type { AuditEvent } from "@medplum/fhirtypes";
import type { ResourceId } from "../../kernel/brand.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckRecord, RecordedReminder } from "../check/check-record.ts";
import type { IssueCode } from "./detected-issue.ts";
import { type FactEventKind, factEvent } from "./fact-event.ts";
import type { ReadIssue } from "./read-issue.ts";

const kinds: Record<IssueCode, FactEventKind> = {
  adopted: "recognition-answered",
  declined: "recognition-answered",
  explained: "recognition-answered",
  revoked: "recognition-revoked",
  appealed: "recognition-appealed",
  "fault-reported": "recognition-fault-reported",
};

/**
 * The fact that a stored DetectedIssue tells, computed from it and its check alone: whoever tells it, and however often, it is one event.
 * `in`: the check the issue names.
 */
export function issueFact(
  suite: CryptoSuite,
  issue: ReadIssue,
  of: CheckRecord,
  holder: string = of.institution,
): AuditEvent | undefined {
  const reminder = of.reminders.find((one) => one.uuid === issue.reminder);
  if (reminder === undefined) return undefined;
  const { client, practitioner, code, result } = issue;
  return factEvent({
    id: suite.computeId("DEFAULT", "AuditEvent", "recognition-fact", issue.id),
    kind: kinds[code],
    at: issue.at,
    agent: {
      client,
      institution: of.institution,
      ...(practitioner === undefined ? {} : { practitioner: { id: practitioner } }),
    },
    check: of,
    reminder,
    ...(result === undefined ? {} : { result }),
    issue: { tenant: holder as CheckRecord["institution"], type: "DetectedIssue", id: issue.id as ResourceId },
    detail: {
      outcome: code,
      ordinal: code === "fault-reported" ? undefined : String(issue.ordinal),
      recognition: issue.recognition,
      laboratory: issue.laboratory,
      reason: issue.reason,
      counts: issue.counts === undefined ? undefined : String(issue.counts),
      explained: code === "declined" ? String(issue.explained !== undefined) : undefined,
      fen: issue.fen === undefined ? undefined : String(issue.fen),
      revokes: issue.revokes,
    },
  });
}

/** What makes the fact that an answer came without its reason one: its case and which answer of it would be next. */
export function incompleteId(suite: CryptoSuite, reminder: RecordedReminder, ordinal: number): string {
  return suite.computeId("DEFAULT", "AuditEvent", "recognition-incomplete", reminder.case, String(ordinal));
}

/** The fact that a refusal came without its reason: it stays to be asked for, and closes nothing. */
export function incompleteFact(
  suite: CryptoSuite,
  of: { readonly check: CheckRecord; readonly reminder: RecordedReminder; readonly ordinal: number },
  by: { readonly asker: Orderer; readonly at: Date },
): AuditEvent {
  return factEvent({
    id: incompleteId(suite, of.reminder, of.ordinal),
    kind: "recognition-answered",
    at: by.at,
    agent: by.asker,
    check: of.check,
    reminder: of.reminder,
    detail: { outcome: "incomplete", ordinal: String(of.ordinal) },
  });
}
