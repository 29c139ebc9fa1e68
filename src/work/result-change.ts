import type { Task } from "@medplum/fhirtypes";
import type { Issue } from "../fhir/issue.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { inputTexts, taskCode, taskKindOf, textField } from "./task.ts";

/** A stored result that a write is about to change: which version it takes the place of, and the issue that will then be stored. */
export interface ChangedResult {
  /** Literal reference in the tenant: `Observation/h…`. */
  readonly ref: string;
  /** The version that was shown until now. */
  readonly version: string;
  readonly how: "amended" | "voided";
  readonly issue: Issue;
}

/** A resource by which the change may have been shown too: the report of a changed result, the study of a changed report. */
export interface ShownBeside {
  readonly ref: string;
  /** The last version without the change; absent = it is not written again, and no version tells. */
  readonly version?: string;
}

/** Results of one sheet that change together. */
export interface SheetChange {
  readonly kind: "sheet";
  readonly tenant: InstitutionCode;
  /** Literal reference of the sheet's head: the report. */
  readonly head: string;
  readonly results: readonly ChangedResult[];
  readonly beside: readonly ShownBeside[];
}

/** A quality certificate (室间质评) that comes or changes in a way that may take the backing from results already measured. */
export interface CertificateChange {
  readonly kind: "certificate";
  readonly tenant: InstitutionCode;
  readonly id: string;
  readonly issue: Issue;
  /** The resource as it is stored until now, as JSON; absent = it is new. */
  readonly before?: string;
}

/** A record was taken from a resident it did not belong to: the Task that told it. */
export interface LinkChange {
  readonly kind: "link";
  readonly correction: string;
}

/** Why whoever was shown something must be told: opened before the write it follows (DESIGN §8 "Work that follows from a write"). */
export type ResultChange = SheetChange | CertificateChange | LinkChange;

interface Opening {
  readonly suite: { computeId(...parts: readonly string[]): string };
  readonly at: Date;
  /** Waits for the write it follows (`on-hold`), or may run at once. */
  readonly status: "on-hold" | "requested";
  /** Id of the Task whose work brings the change. */
  readonly by: string;
}

/** The Task that follows these changes, which one transaction writes: its id says which issue takes the place of which version, so that opening it again finds it. */
export function resultChangedTask(changes: readonly ResultChange[], { suite, at, status, by }: Opening): Task {
  const told = changes.map((change) => JSON.stringify(change)).sort();
  return {
    resourceType: "Task",
    id: suite.computeId("DEFAULT", "Task", "result-changed", ...told),
    status,
    intent: "order",
    code: taskCode("result-changed"),
    authoredOn: instant(at),
    lastModified: instant(at),
    input: [textField("by", by), ...told.map((change) => textField("change", change))],
  };
}

/** The changes a Task follows; undefined when it is none of this kind. */
export function changesOf(task: Task): readonly ResultChange[] | undefined {
  if (taskKindOf(task) !== "result-changed") return undefined;
  return inputTexts(task, "change").map((text) => JSON.parse(text) as ResultChange);
}
