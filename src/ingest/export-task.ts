import type { Task, TaskInput, TaskOutput } from "@medplum/fhirtypes";
import { institutionReference } from "../fhir/reference.ts";
import { systems } from "../fhir/systems.ts";
import type { ResourceId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { inputText, inputTexts, outputText, taskCode, taskKindOf, textField } from "../work/task.ts";
import type { Counts } from "./ledger.ts";

/** One file of an export as it lies in the landing folder. */
export interface ExportedFile {
  readonly name: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** What an export is: who delivered which files of which feed. */
export interface ExportFacts {
  readonly feed: string;
  /** Client that delivered. */
  readonly client: string;
  readonly files: readonly ExportedFile[];
}

/** The Task that stands for an export, before anything was done. `at` = when it was accepted. */
export function exportTask(id: ResourceId, facts: ExportFacts, at: Date): Task {
  return {
    resourceType: "Task",
    id,
    status: "requested",
    intent: "order",
    code: taskCode("ingest"),
    authoredOn: instant(at),
    lastModified: instant(at),
    requester: institutionReference(facts.client),
    // So that the exports of a feed can be searched for.
    focus: { identifier: { system: systems.feed, value: facts.feed } },
    input: feedInputs(facts),
  };
}

/** Task inputs that name an export by its feed, client and landed files. */
export function feedInputs(facts: ExportFacts): TaskInput[] {
  return [
    textField("feed", facts.feed),
    textField("client", facts.client),
    ...facts.files.map((file) => textField("file", JSON.stringify(file))),
  ];
}

/** The export a Task stands for; undefined when it is no ingest. */
export function exportOf(task: Task): ExportFacts | undefined {
  const feed = inputText(task, "feed");
  const client = inputText(task, "client");
  if (taskKindOf(task) !== "ingest" || feed === undefined || client === undefined) return undefined;
  return { feed, client, files: inputTexts(task, "file").map((text) => JSON.parse(text) as ExportedFile) };
}

/** How far a run came, as the Task remembers it. */
export interface StoredProgress {
  readonly sheets: number;
  readonly counts: Counts;
  /** The mapping whose sheets were counted; through another one they stand in other places. */
  readonly mapping?: string;
  /** How much of the files' bytes has been read. */
  readonly percent?: number;
  /** Landing address of the writer's issues so far. */
  readonly issues?: string;
}

/** Output that tells how far a run came; a later run goes on from there. */
export function progressOutput(progress: StoredProgress): TaskOutput {
  return textField("progress", JSON.stringify(progress));
}

/** How far an earlier run came, or undefined. */
export function progressOf(task: Task): StoredProgress | undefined {
  const text = outputText(task, "progress");
  return text === undefined ? undefined : (JSON.parse(text) as StoredProgress);
}

/** Landing addresses of the report and the issue list of a finished export. */
export function resultsOf(task: Task): { readonly report?: string; readonly issues?: string } {
  const report = outputText(task, "report");
  const issues = outputText(task, "issues");
  return { ...(report === undefined ? {} : { report }), ...(issues === undefined ? {} : { issues }) };
}
