import type { Task } from "@medplum/fhirtypes";
import { instant } from "../../kernel/clock.ts";
import { asFault } from "../../kernel/fault.ts";
import { type Closing, claimTask, closeTask } from "../../work/claim-task.ts";
import { freeTask } from "../../work/free-task.ts";
import { giveBackAfter } from "../../work/give-back.ts";
import { type CertificateChange, changesOf, type LinkChange, type SheetChange } from "../../work/result-change.ts";
import { outputText, textField } from "../../work/task.ts";
import { areStored } from "./are-stored.ts";
import type { ChaseDeps } from "./chase-deps.ts";
import { tellCorrectedLinks } from "./tell-corrected-links.ts";
import { tellLostBacking } from "./tell-lost-backing.ts";
import { tellSheet } from "./tell-sheet.ts";

/**
 * Finds every place where what a write changed was shown or adopted, and tells: once when the write is stored, and once more when nothing sealed before it can be shown any more.
 * A write that is not there yet is waited for. Safe to repeat after any cut. Throws `Fault("work-lost")`, `Fault("store-down")`.
 */
export async function followChange(deps: ChaseDeps, taskId: string, signal?: AbortSignal): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  try {
    await closeTask(deps.store, claimed, await followed(deps, claimed.task), deps.now());
  } catch (error) {
    await giveBackAfter(error, deps, claimed, { signal });
    throw asFault(error);
  }
}

async function followed(deps: ChaseDeps, task: Task): Promise<Closing> {
  const changes = changesOf(task);
  if (changes === undefined) return { status: "failed", outputs: [], audit: [], reason: "not-a-change" };
  if (!(await areStored(deps.store, changes))) return waiting("waits-for-write");
  const ofKind = <T>(kind: string) => changes.filter((one) => one.kind === kind) as T[];
  for (const sheet of ofKind<SheetChange>("sheet")) await tellSheet(deps, sheet);
  await tellLostBacking(deps, ofKind<CertificateChange>("certificate"));
  for (const { correction } of ofKind<LinkChange>("link")) await tellCorrectedLinks(deps, correction);
  if (againAt(task) !== undefined) return { status: "completed", outputs: [], audit: [] };
  const again = new Date(deps.now().getTime() + deps.sealedLifeMs);
  return waiting("searched-once", [textField("again", instant(again))]);
}

/** Waiting is no failed attempt. */
function waiting(reason: string, outputs: Closing["outputs"] = []): Closing {
  return { status: "on-hold", outputs: [...outputs, textField("attempt", "0")], audit: [], reason };
}

function againAt(task: Task): number | undefined {
  const text = outputText(task, "again");
  return text === undefined ? undefined : Date.parse(text);
}

/** Asks a waiting Task's condition again: whether the write is stored, or the second search is due. For the sweeper. */
export async function reconsiderChange(deps: Pick<ChaseDeps, "store" | "scheduler" | "now">, task: Task): Promise<void> {
  const again = againAt(task);
  const changes = changesOf(task);
  if (changes === undefined) return;
  const isDue = again === undefined ? await areStored(deps.store, changes) : again <= deps.now().getTime();
  if (isDue) await freeTask(deps, task);
}
