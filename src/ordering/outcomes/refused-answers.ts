import type { AuditEvent } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { systems } from "../../fhir/systems.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import type { Grounds } from "./judge-outcome.ts";
import type { Recorded } from "./outcome.ts";

/** One event for the answers of a call that were refused, with the reason for each; none when none was. */
export function refusedAnswers(
  deps: Pick<CheckDeps, "suite" | "unique">,
  { check, asker, now }: Pick<Grounds, "check" | "asker" | "now">,
  refused: readonly Recorded[],
): AuditEvent[] {
  if (refused.length === 0) return [];
  // What no reminder was given for is told under the check as a whole.
  const uuidOf = ({ order, item }: Recorded) =>
    check.reminders.find((one) => one.order === order && one.item === item)?.uuid ?? check.uuid;
  return [
    auditEvent({
      id: deps.suite.computeId("DEFAULT", "AuditEvent", "recognition-answer-refused", deps.unique()),
      kind: "recognition-answered",
      at: now,
      outcome: "refused",
      reason: [...new Set(refused.map((one) => one.state))].join(" "),
      agent: asker,
      resident: check.resident,
      purpose: check.purpose,
      entities: refused.map((one) => ({
        what: { identifier: { system: systems.reminder, value: uuidOf(one) } },
        detail: { check: check.id, state: "why" in one ? one.why : one.state },
      })),
    }),
  ];
}
