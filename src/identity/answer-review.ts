import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";
import { instant } from "../kernel/clock.ts";
import type { Decider, Decision } from "./decision-task.ts";
import { joinRecord, type Word } from "./join-record.ts";
import type { LinkDeps } from "./link-patients.ts";
import { partRecord } from "./part-record.ts";
import { reviewFacts } from "./review-task.ts";

/** A steward's answer to one review. */
export interface ReviewAnswer {
  /** Id of the review. */
  readonly id: string;
  readonly answer: "same" | "different";
  readonly by: Decider;
  readonly audit: (decision: Decision) => readonly AuditEvent[];
}

/** `closed`: somebody answered it before, or it resolved itself. */
export type ReviewAnswered =
  | { readonly kind: "decided"; readonly decision: Decision }
  | { readonly kind: "not-found" | "closed" };

/** Carries out what a steward answered and closes the review with it, in one transaction. Throws `Fault("store-down")`. */
export async function answerReview(deps: LinkDeps, answer: ReviewAnswer): Promise<ReviewAnswered> {
  const task = await deps.store.read("DEFAULT", "Task", answer.id);
  const review = task === undefined ? undefined : reviewFacts(task);
  if (task === undefined || review === undefined) return { kind: "not-found" };
  if (task.status !== "on-hold") return { kind: "closed" };
  const word: Word = {
    local: review.local,
    resident: review.resident,
    by: answer.by,
    id: deps.suite.computeId("DEFAULT", "Task", "identity-decision", review.id, answer.answer),
    audit: answer.audit,
    closes: (decision) => [closedReview(task, answer.answer, decision.at, decision.id)],
  };
  const decision = answer.answer === "same" ? await joinRecord(deps, word) : await partRecord(deps, word);
  if (decision !== undefined) return { kind: "decided", decision };
  // Nobody is known under that number any more: there is nothing to link to and nothing to be kept from.
  await deps.store.commit("DEFAULT", [
    {
      kind: "update",
      resource: closedReview(task, "resolved-itself", instant(deps.now())),
      ifMatch: task.meta?.versionId ?? "",
    },
  ]);
  return { kind: "closed" };
}

/** A review that needs nobody any more: `outcome` is what became of it. */
export function closedReview(
  task: Task,
  outcome: "same" | "different" | "resolved-itself",
  at: string,
  decision?: string,
): Task {
  const { meta: _meta, ...rest } = task;
  const field = (name: string) => ({ coding: [{ system: systems.taskField, code: name }] });
  return {
    ...rest,
    status: "completed",
    lastModified: at,
    output: [
      { type: field("outcome"), valueCode: outcome },
      ...(decision === undefined ? [] : [{ type: field("decision"), valueString: decision }]),
    ],
  };
}
