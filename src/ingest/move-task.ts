import type { Task } from "@medplum/fhirtypes";
import type { Replacement } from "../fhir/replacement.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { instant, type Now } from "../kernel/clock.ts";
import { freeTask } from "../work/free-task.ts";
import type { Scheduler } from "../work/scheduler.ts";
import { inputText, outputText, taskCode, taskKindOf, textField } from "../work/task.ts";

/** One Patient of an institution gave way to another: their resources follow. */
export interface PatientMove {
  readonly tenant: InstitutionCode;
  /** Id of the Patient that gives way. */
  readonly patient: string;
  readonly replacement: Replacement;
  /** Id of whom it gave way to before. */
  readonly before?: string;
}

/** Opens the Tasks by which resources follow their Patient. */
export interface MoveDesk {
  /** Before the Patients are written: create-only, waiting. Their ids, in order. */
  open(moves: readonly PatientMove[]): Promise<readonly string[]>;
  /** After they are written. */
  free(ids: readonly string[]): Promise<void>;
}

/** What opening needs. */
export interface MoveDeskDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly suite: { computeId(...parts: readonly string[]): string };
  readonly now: Now;
}

/** `ingest` = id of the Task whose export tells it. */
export function createMoveDesk(deps: MoveDeskDeps, ingest: string): MoveDesk {
  return {
    async open(moves) {
      const tasks = moves.map((move) => moveTask(deps, ingest, move));
      await deps.store.createMissing("DEFAULT", tasks);
      return tasks.map((task) => task.id ?? "");
    },
    async free(ids) {
      for (const task of await deps.store.readMany("DEFAULT", "Task", ids)) await freeTask(deps, task);
    },
  };
}

function moveTask(deps: MoveDeskDeps, ingest: string, move: PatientMove): Task {
  const { tenant, patient, replacement, before = "" } = move;
  const { into, by, order, digest } = replacement;
  const at = instant(deps.now());
  return {
    resourceType: "Task",
    id: deps.suite.computeId("DEFAULT", "Task", "patient-move", tenant, patient, into, by, order, digest, before),
    status: "on-hold",
    intent: "order",
    code: taskCode("patient-move"),
    authoredOn: at,
    lastModified: at,
    input: [textField("move", JSON.stringify(move)), textField("ingest", ingest)],
  };
}

/** The move a Task stands for; undefined when it is none. */
export function moveOf(task: Task): PatientMove | undefined {
  const text = inputText(task, "move");
  return taskKindOf(task) !== "patient-move" || text === undefined ? undefined : (JSON.parse(text) as PatientMove);
}

/** The runs that were under way when the resources were moved, as `<task>@<attempt>`: what they wrote with an older view follows once they have ended. */
export function awaitedBy(task: Task): readonly string[] | undefined {
  const text = outputText(task, "awaits");
  return text === undefined ? undefined : (JSON.parse(text) as string[]);
}
