import type { Task, TaskInput, TaskOutput } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";

/** Kinds of work; machine kinds are queued, the rest waits for a person. */
export const taskKinds = [
  "ingest",
  "lookup",
  "identity-review",
  "table-pull",
  "orphan-row",
  "patient-move",
  "link-correction",
  "identity-decision",
  "mapping-dry-run",
  "mapping-replay",
  "recognition-answer",
  "result-changed",
  "recognition-notice",
  "callback",
  "recognition-figures",
] as const;
export type TaskKind = (typeof taskKinds)[number];

/** Kinds of work that machines do, each with a queue of its own, so that one never starves another. */
export const queuedKinds = [
  "ingest",
  "lookup",
  "orphan-row",
  "patient-move",
  "link-correction",
  "mapping-dry-run",
  "mapping-replay",
  "result-changed",
  "callback",
  "recognition-figures",
] as const satisfies readonly TaskKind[];

/** How often a Task may be started before it becomes a dead letter. */
export const maxAttempts = 5;

/** The code that tells what kind of work a Task is. */
export function taskCode(kind: TaskKind): NonNullable<Task["code"]> {
  return { coding: [{ system: systems.taskKind, code: kind }] };
}

/** The value of a search's `code` for Tasks of any of these kinds. */
export function taskKindTokens(...kinds: readonly TaskKind[]): string {
  return kinds.map((kind) => `${systems.taskKind}|${kind}`).join(",");
}

/** The kind of a Task of ours; undefined for any other. */
export function taskKindOf(task: Task): TaskKind | undefined {
  const code = task.code?.coding?.find((coding) => coding.system === systems.taskKind)?.code;
  return taskKinds.find((kind) => kind === code);
}

/** One named text input (or output) of a Task. Never personal data: ids, codes, dates, counts. */
export function textField(name: string, valueString: string): TaskInput & TaskOutput {
  return { type: { coding: [{ system: systems.taskField, code: name }] }, valueString };
}

/** The text of the first input with this name. */
export function inputText(task: Task, name: string): string | undefined {
  return named(task.input, name)[0]?.valueString;
}

/** The texts of all inputs with this name, in order. */
export function inputTexts(task: Task, name: string): string[] {
  return named(task.input, name).flatMap((input) => input.valueString ?? []);
}

/** The text of the first output with this name. */
export function outputText(task: Task, name: string): string | undefined {
  return named(task.output, name)[0]?.valueString;
}

/** The texts of all outputs with this name, in order. */
export function outputTexts(task: Task, name: string): string[] {
  return named(task.output, name).flatMap((output) => output.valueString ?? []);
}

/** How often the Task was started. */
export function attemptOf(task: Task): number {
  return Number(outputText(task, "attempt") ?? 0);
}

/** The same Task with these outputs in place of those of the same names. */
export function withOutputs<T extends Task>(task: T, outputs: readonly TaskOutput[]): T {
  const names = new Set(outputs.map(nameOf));
  return { ...task, output: [...(task.output ?? []).filter((output) => !names.has(nameOf(output))), ...outputs] };
}

function named<F extends TaskInput | TaskOutput>(fields: readonly F[] | undefined, name: string): F[] {
  return (fields ?? []).filter((field) => nameOf(field) === name);
}

function nameOf(field: TaskInput | TaskOutput): string | undefined {
  return field.type.coding?.find((coding) => coding.system === systems.taskField)?.code;
}
