import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import { instant } from "../../kernel/clock.ts";
import { claimTask, closeTask } from "../../work/claim-task.ts";
import { openTask } from "../../work/open-task.ts";
import { priorities, type Scheduler } from "../../work/scheduler.ts";
import { inputText, taskCode, textField } from "../../work/task.ts";
import { settledFrom } from "./count-month.ts";
import type { FiguresDeps } from "./figures-deps.ts";
import { monthAt, monthBefore, monthNamed } from "./month.ts";
import { type StoredFigures, storeFigures } from "./store-figures.ts";

/** The nightly counting, and what opens and queues it. */
interface NightlyDeps extends FiguresDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
}

/**
 * Opens today's counting of every month that can still change, and of the one that just settled: one Task per month and day of the region, its id computed, so that
 * however many workers ask, each is opened once; the work itself is repeatable. Throws `Fault("store-down")`; the next look opens it.
 */
export async function openFigures(deps: NightlyDeps): Promise<void> {
  const { catalogue } = await deps.recognitionData();
  const at = deps.now();
  const { utcOffset } = catalogue.head;
  const current = monthAt(utcOffset, at);
  const before = monthBefore(utcOffset, current);
  // A day more than it takes to settle, so that what is stored at last is settled.
  const stillOpen = at.getTime() < settledFrom(before, deps.answerWindowMs).getTime() + 2 * 86_400_000;
  for (const { name } of stillOpen ? [before, current] : [current]) {
    const id = deps.suite.computeId("DEFAULT", "Task", "recognition-figures", name, catalogue.dayOf(at));
    if ((await deps.store.read("DEFAULT", "Task", id)) !== undefined) continue;
    const opened = await openTask(deps.store, { task: figuresTask(id, name, at), audit: [] });
    if (opened.kind === "opened") await deps.scheduler.schedule("recognition-figures", id, priorities.batch);
  }
}

function figuresTask(id: string, month: string, at: Date): Task {
  return {
    resourceType: "Task",
    id,
    status: "requested",
    intent: "order",
    code: taskCode("recognition-figures"),
    authoredOn: instant(at),
    lastModified: instant(at),
    input: [textField("month", month)],
  };
}

/** Counts a month for every institution, one after the other, and keeps what changed. Throws `Fault("work-lost")`, `Fault("store-down")`; what is kept stays. */
export async function runFigures(deps: NightlyDeps, taskId: string): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const name = inputText(claimed.task, "month");
  if (name === undefined) {
    const failed = { status: "failed", outputs: [], audit: [], reason: "no-month" } as const;
    return void (await closeTask(deps.store, claimed, failed, deps.now()));
  }
  const { catalogue } = await deps.recognitionData();
  const month = monthNamed(catalogue.head.utcOffset, name);
  const became: Record<StoredFigures, number> = { empty: 0, unchanged: 0, written: 0 };
  for (const { code } of deps.institutions) became[await storeFigures(deps, code, month)] += 1;
  const outputs = Object.entries(became).map(([what, count]) => textField(what, String(count)));
  await closeTask(deps.store, claimed, { status: "completed", outputs, audit: [] }, deps.now());
}
