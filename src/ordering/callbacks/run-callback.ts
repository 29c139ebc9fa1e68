import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant, type Now } from "../../kernel/clock.ts";
import { asFault } from "../../kernel/fault.ts";
import { type Closing, claimTask, closeTask } from "../../work/claim-task.ts";
import { freeTask } from "../../work/free-task.ts";
import { giveBackAfter } from "../../work/give-back.ts";
import type { Scheduler } from "../../work/scheduler.ts";
import { outputText, textField } from "../../work/task.ts";
import { type Callback, callbackOf } from "./callback.ts";

/** How a call ended. `gone`: the address says it is none any more (410). */
export type CallOutcome = "delivered" | "refused" | "unreachable" | "gone";

/** One call as it goes out. Its id is the same at every try, so that the receiver may know it again. */
export interface OutgoingCall {
  readonly institution: InstitutionCode;
  readonly id: string;
  readonly at: Date;
  readonly body: string;
}

/** Port to the institutions' own addresses. Never throws; bounded in time. */
export interface CallInstitution {
  /** Undefined = the institution has no address, or no secret to sign with. */
  call(call: OutgoingCall): Promise<CallOutcome> | undefined;
}

/** What calling needs. */
export interface CallbackDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly now: Now;
  readonly callbacks: CallInstitution;
}

const minuteMs = 60_000;
/** How long after each try the next one follows; after the last it is given up: about two days. */
const waitsMs = [0.5, 2, 10, 30, 120, 360, 720, 1440].map((minutes) => minutes * minuteMs);

/** A late answer is kept this long; afterwards there is nothing to come for. */
const lateAnswerMs = 10 * minuteMs;

/**
 * Says a word to an institution, and again later when it was not taken. A word about a notice that somebody took note of meanwhile is not said.
 * Throws `Fault("work-lost")`, `Fault("store-down")`.
 */
export async function runCallback(deps: CallbackDeps, taskId: string, signal?: AbortSignal): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  try {
    await closeTask(deps.store, claimed, await said(deps, claimed.task), deps.now());
  } catch (error) {
    await giveBackAfter(error, deps, claimed, { signal });
    throw asFault(error);
  }
}

async function said(deps: CallbackDeps, task: Task): Promise<Closing> {
  const callback = callbackOf(task);
  if (callback === undefined) return ended("failed", "not-a-callback");
  if (callback.type === "notice" && (await isSettled(deps, callback.about))) return ended("completed", "acknowledged-before");
  const at = deps.now();
  if (callback.type === "late-answer" && at.getTime() - Date.parse(task.authoredOn ?? "") > lateAnswerMs)
    return ended("completed", "too-late");
  const outcome = await deps.callbacks.call({
    institution: callback.institution,
    id: task.id ?? "",
    at,
    body: bodyOf(callback, task),
  });
  if (outcome === undefined) return ended("failed", "no-address");
  if (outcome === "delivered") return ended("completed");
  if (outcome === "gone") return ended("failed", "address-gone");
  const tries = Number(outputText(task, "tries") ?? 0);
  const waitMs = waitsMs[tries];
  if (waitMs === undefined) return ended("failed", `not-taken-${outcome}`);
  return {
    status: "on-hold",
    // A try that was not taken is no failed attempt of ours.
    outputs: [
      textField("tries", String(tries + 1)),
      textField("next", instant(new Date(at.getTime() + waitMs))),
      textField("attempt", "0"),
    ],
    reason: outcome,
    audit: [],
  };
}

function ended(status: "completed" | "failed", reason?: string): Closing {
  return { status, outputs: [], audit: [], ...(reason === undefined ? {} : { reason }) };
}

async function isSettled(deps: CallbackDeps, notice: string): Promise<boolean> {
  return (await deps.store.read("DEFAULT", "Task", notice))?.status !== "on-hold";
}

/** No person, no result: only that there is something to read, and where. */
function bodyOf({ type, about, ordinal }: Callback, task: Task): string {
  const path = type === "notice" ? `/notices/${about}` : `/recognitions/${about}/events`;
  return JSON.stringify({
    type: type === "notice" ? "recognition.notice" : "recognition.late-answer",
    timestamp: task.authoredOn,
    data: { id: about, path, ...(ordinal === 0 ? {} : { reminder: ordinal }) },
  });
}

/** Frees a call whose next try is due. For the sweeper. */
export async function reconsiderCallback(deps: Omit<CallbackDeps, "callbacks">, task: Task): Promise<void> {
  const next = Date.parse(outputText(task, "next") ?? "");
  if (!(next > deps.now().getTime())) await freeTask(deps, task);
}
