import type { Task } from "@medplum/fhirtypes";
import { institutionReference, resourceReference } from "../../fhir/reference.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { inputText, outputText, taskCode, taskKindOf, textField } from "../../work/task.ts";
import type { Period } from "./period.ts";

/** What a Task of a mapping version is to do: try it on the exports of a period, or work them through again. */
export interface MappingWork {
  readonly kind: "mapping-dry-run" | "mapping-replay";
  readonly feed: string;
  /** Id of the version. */
  readonly version: string;
  readonly period: Period;
  /** Client that asked for it. */
  readonly client: string;
}

/** How far it came: exports done, of how many, and those that could not be read or failed. */
export interface MappingProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Landing address of the difference so far (dry-run). */
  readonly difference?: string;
}

/** The Task for a piece of mapping work. */
export function mappingTask(id: ResourceId, work: MappingWork, at: Date): Task {
  return {
    resourceType: "Task",
    id,
    status: "requested",
    intent: "order",
    code: taskCode(work.kind),
    focus: resourceReference({ tenant: "DEFAULT", type: "Library", id: work.version as ResourceId }),
    authoredOn: instant(at),
    lastModified: instant(at),
    requester: institutionReference(work.client),
    input: [
      textField("feed", work.feed),
      textField("client", work.client),
      textField("version", work.version),
      textField("from", work.period.from),
      textField("to", work.period.to),
    ],
  };
}

/** What a Task asks for, or undefined when it is none of ours. */
export function mappingWorkOf(task: Task): MappingWork | undefined {
  const kind = taskKindOf(task);
  if (kind !== "mapping-dry-run" && kind !== "mapping-replay") return undefined;
  const text = (name: string) => inputText(task, name) ?? "";
  const period = { from: text("from"), to: text("to") };
  return { kind, feed: text("feed"), version: text("version"), client: text("client"), period };
}

/** The output that tells how far the work came. */
export function mappingProgressField(progress: MappingProgress) {
  return textField("progress", JSON.stringify(progress));
}

/** How far the work came; undefined before its first checkpoint. */
export function mappingProgressOf(task: Task): MappingProgress | undefined {
  const text = outputText(task, "progress");
  return text === undefined ? undefined : (JSON.parse(text) as MappingProgress);
}
