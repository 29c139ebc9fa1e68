import type { Task } from "@medplum/fhirtypes";
import { compareReplacements, replacementOf } from "../fhir/replacement.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { ResourceId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import { claimTask, closeTask } from "../work/claim-task.ts";
import { freeTask } from "../work/free-task.ts";
import type { Scheduler } from "../work/scheduler.ts";
import { attemptOf, taskKindTokens, textField } from "../work/task.ts";
import { createStandIns, moveResources } from "./move-resources.ts";
import { awaitedBy, moveOf, type PatientMove } from "./move-task.ts";
import type { IdentityPort } from "./write-deps.ts";

/** What moving needs. */
export interface MoveDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly identity: IdentityPort;
  readonly now: Now;
}

/** Kinds of work that write clinical resources, with what they know of Patients when they begin. */
const writers = taskKindTokens("ingest", "orphan-row");

/**
 * Lets the resources of a Patient, and its golden link, follow to whom it gave way to. Once at once; and once more when every run has ended that was under
 * way then and may have written with an older view. Throws `Fault("work-lost")`, `Fault("store-down")`.
 */
export async function runMove(deps: MoveDeps, taskId: string): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const move = moveOf(claimed.task);
  if (move === undefined) return void (await closeTask(deps.store, claimed, failed("not-a-move"), deps.now()));
  const { tenant, patient } = move;
  const finalOf = createStandIns(deps.store, tenant);
  const into = await finalOf(patient);
  if (into !== patient) await deps.identity.moved?.({ tenant, from: patient as ResourceId, into: into as ResourceId });
  const moved = await moveResources(deps.store, tenant, { patients: await concerned(deps.store, move), finalOf });
  const underWay = awaitedBy(claimed.task) === undefined ? await runsUnderWay(deps.store) : [];
  const closing =
    underWay.length === 0
      ? ({ status: "completed", outputs: [textField("moved", String(moved))], audit: [] } as const)
      : ({
          status: "on-hold",
          outputs: [textField("awaits", JSON.stringify(underWay))],
          audit: [],
          reason: "runs-under-way",
        } as const);
  await closeTask(deps.store, claimed, closing, deps.now());
}

function failed(reason: string) {
  return { status: "failed", outputs: [], audit: [], reason } as const;
}

/** The Patient that gave way, whom it gave way to before, and whoever stands in their place: its resources are with one of these. */
async function concerned(store: FhirStore, move: PatientMove): Promise<ReadonlySet<string>> {
  const patients = new Set([move.patient]);
  for (let at = move.before; at !== undefined && !patients.has(at); ) {
    patients.add(at);
    const patient = await store.read(move.tenant, "Patient", at);
    at = patient === undefined ? undefined : replacementOf(patient)?.into;
  }
  return patients;
}

async function runsUnderWay(store: FhirStore): Promise<string[]> {
  return (await store.searchAll("DEFAULT", "Task", { code: writers, status: "in-progress" })).map(runOf);
}

function runOf(task: Task): string {
  return `${task.id}@${attemptOf(task)}`;
}

/** Asks a waiting move's condition again: whether its Patient gave way (or the runs it waits for have ended). For the sweeper. */
export async function reconsiderMove(deps: Omit<MoveDeps, "identity">, task: Task): Promise<void> {
  const move = moveOf(task);
  if (move === undefined) return;
  const awaited = awaitedBy(task);
  if (awaited === undefined) {
    const patient = await deps.store.read(move.tenant, "Patient", move.patient);
    const stored = patient === undefined ? undefined : replacementOf(patient);
    if (stored === undefined || compareReplacements(stored, move.replacement) < 0) return; // its export ended before it was written: a replay of that writes it
  } else {
    const ids = awaited.map((run) => run.split("@")[0] ?? "");
    const tasks = await deps.store.readMany("DEFAULT", "Task", ids);
    if (tasks.some((one) => one.status === "in-progress" && awaited.includes(runOf(one)))) return;
  }
  await freeTask(deps, task);
}
