import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { ResourceId } from "../kernel/brand.ts";
import { instant, type Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { type Claim, checkpointTask } from "../work/claim-task.ts";
import { openTask } from "../work/open-task.ts";
import { outputText, taskCode, textField } from "../work/task.ts";
import type { Watermarks } from "./pull-window.ts";

/** What keeping the state of a pull needs. */
export interface PullStateDeps {
  readonly store: FhirStore;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly now: Now;
}

/** How far a feed's pull has come and when the next one is due; it stands in DEFAULT as a Task that is never finished. */
export interface PullState {
  readonly watermarks: Watermarks;
  /** ISO instant. While a pull runs: until when nobody else begins one. */
  readonly dueAt: string;
  /** Pulls that failed since the last good one. */
  readonly failures: number;
  /** Code of the last failure. */
  readonly failed?: string;
}

/** The state of a feed's pull, or undefined before its first. */
export async function readPullState(
  deps: Pick<PullStateDeps, "store" | "suite">,
  feed: string,
): Promise<PullState | undefined> {
  const task = await deps.store.read("DEFAULT", "Task", idOf(deps, feed));
  return task === undefined ? undefined : stateOf(task);
}

/** A pull in our hands: nobody else pulls this feed until `dueAt`. */
export interface PullClaim {
  readonly state: PullState;
  /** Writes a new state under the fence. Throws `Fault("work-lost")` when somebody else took the pull over. */
  write(state: PullState): Promise<void>;
}

/** Takes the pull over when it is due; undefined when it is not, or somebody else was faster. `leaseMs`: how long we hold it without renewing. */
export async function claimPull(deps: PullStateDeps, feed: string, leaseMs: number): Promise<PullClaim | undefined> {
  const task = (await deps.store.read("DEFAULT", "Task", idOf(deps, feed))) ?? (await firstTask(deps, feed));
  const state = stateOf(task);
  const now = deps.now();
  if (state.dueAt > instant(now)) return undefined;
  let claim: Claim = { task, fence: task.meta?.versionId ?? "" };
  const write = async (next: PullState) => {
    claim = await checkpointTask(deps.store, claim, [textField("pull", JSON.stringify(next))], deps.now());
  };
  try {
    await write({ ...state, dueAt: instant(new Date(now.getTime() + leaseMs)) });
  } catch {
    return undefined; // somebody else was faster, or the store is away: the next look tells
  }
  return { state, write };
}

async function firstTask(deps: PullStateDeps, feed: string): Promise<Task> {
  const at = instant(deps.now());
  const task: Task = {
    resourceType: "Task",
    id: idOf(deps, feed),
    status: "on-hold",
    intent: "order",
    code: taskCode("table-pull"),
    authoredOn: at,
    lastModified: at,
    input: [textField("feed", feed)],
  };
  const opened = await openTask(deps.store, { task, audit: [] });
  return opened.kind === "conflict" ? task : opened.task;
}

function stateOf(task: Task): PullState {
  const text = outputText(task, "pull");
  return text === undefined ? { watermarks: {}, dueAt: "", failures: 0 } : (JSON.parse(text) as PullState);
}

function idOf({ suite }: Pick<PullStateDeps, "suite">, feed: string): ResourceId {
  return suite.computeId("DEFAULT", "Task", "table-pull", feed) as ResourceId;
}
