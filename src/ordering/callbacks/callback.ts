import type { Task } from "@medplum/fhirtypes";
import { institutionReference } from "../../fhir/reference.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { inputText, taskCode, taskKindOf, textField } from "../../work/task.ts";

/** A word to an institution's own address: that there is a notice, or an answer that came after its check. What it is about is read here, with a token. */
export interface Callback {
  readonly institution: InstitutionCode;
  readonly type: "notice" | "late-answer";
  /** Id of the notice, or of the check. */
  readonly about: string;
  /** How often it was said before. */
  readonly ordinal: number;
}

/** The Task of one call; the same word is one Task, however often it is opened. */
export function callbackTask(
  suite: { computeId(...parts: readonly string[]): string },
  { institution, type, about, ordinal }: Callback,
  at: Date,
): Task {
  return {
    resourceType: "Task",
    id: suite.computeId("DEFAULT", "Task", "callback", institution, type, about, String(ordinal)),
    status: "requested",
    intent: "order",
    code: taskCode("callback"),
    authoredOn: instant(at),
    lastModified: instant(at),
    owner: institutionReference(institution),
    input: [textField("type", type), textField("about", about), textField("ordinal", String(ordinal))],
  };
}

/** The call a Task stands for; undefined when it is none. */
export function callbackOf(task: Task): Callback | undefined {
  const institution = task.owner?.identifier?.value as InstitutionCode | undefined;
  const type = inputText(task, "type");
  const about = inputText(task, "about");
  if (taskKindOf(task) !== "callback" || institution === undefined || about === undefined) return undefined;
  if (type !== "notice" && type !== "late-answer") return undefined;
  return { institution, type, about, ordinal: Number(inputText(task, "ordinal") ?? 0) };
}
