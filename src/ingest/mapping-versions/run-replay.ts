import type { Task } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { type Now, pause } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { Fault } from "../../kernel/fault.ts";
import { type Claim, checkpointTask, claimTask, closeTask } from "../../work/claim-task.ts";
import { giveBackAfter } from "../../work/give-back.ts";
import { openTask } from "../../work/open-task.ts";
import { priorities, type Scheduler } from "../../work/scheduler.ts";
import { textField } from "../../work/task.ts";
import { exportTask } from "../export-task.ts";
import {
  type MappingProgress,
  type MappingWork,
  mappingProgressField,
  mappingProgressOf,
  mappingWorkOf,
} from "./mapping-work.ts";
import { exportsOf, type StoredExport } from "./period.ts";

/** What replaying needs. */
export interface ReplayDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly now: Now;
  /** How often running exports are looked after, ms. */
  readonly pollMs: number;
}

/** Exports under way at once: the day's own deliveries come first. */
const inFlight = 2;
/** Longest time without a checkpoint, which is also how soon a stop is noticed, ms. */
const checkpointMs = 2_000;

/**
 * Works the raw exports of a period through again, oldest first: an ingest Task for each, a few under way at once. What the write rules find unchanged
 * stays as it is, so a second replay changes nothing. Throws `Fault("work-lost")` when it was stopped or taken over: no further export is opened then.
 */
export async function runReplay(deps: ReplayDeps, taskId: string, signal: AbortSignal): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const work = mappingWorkOf(claimed.task);
  if (work === undefined) return;
  const run = { claim: claimed as Claim, checkpointAt: deps.now().getTime() };
  try {
    await replayAll(deps, work, run, signal);
  } catch (error) {
    await giveBackAfter(error, deps, run.claim, { signal });
    throw error;
  }
}

async function replayAll(
  deps: ReplayDeps,
  work: MappingWork,
  run: { claim: Claim; checkpointAt: number },
  signal: AbortSignal,
): Promise<void> {
  const replay = run.claim.task.id as ResourceId;
  const exports = await exportsOf(deps.store, work.feed, work.period);
  const start = mappingProgressOf(run.claim.task);
  let { done, failed } = start ?? { done: 0, failed: 0 };
  const waiting = exports.slice(done);
  const running = new Set<ResourceId>();
  const progress = (): MappingProgress => ({ done, failed, total: exports.length });
  const checkpoint = async () => {
    run.claim = await checkpointTask(deps.store, run.claim, [mappingProgressField(progress())], deps.now());
    run.checkpointAt = deps.now().getTime();
  };
  await checkpoint();
  while (waiting.length > 0 || running.size > 0) {
    if (signal.aborted) throw new Fault("store-down", { detail: "The worker is stopping." });
    while (running.size < inFlight && waiting.length > 0)
      running.add(await openAgain(deps, replay, waiting.shift() as StoredExport));
    // One after another in the order of delivery: only what is done without a gap counts as done, so that a later run leaves nothing out.
    for (const id of running) {
      const ended = await endOf(deps.store, id);
      if (ended === undefined) break;
      running.delete(id);
      done++;
      if (ended === "failed") failed++;
    }
    if (deps.now().getTime() - run.checkpointAt >= checkpointMs) await checkpoint();
    if (running.size > 0) await pause(deps.pollMs, signal);
  }
  const outputs = [mappingProgressField(progress())];
  await closeTask(
    deps.store,
    run.claim,
    { status: "completed", outputs, audit: [finished(deps, work, replay, progress())] },
    deps.now(),
  );
}

/** The same export as a new piece of work; opened once per replay, however often the replay itself is taken up again. */
async function openAgain(
  deps: ReplayDeps,
  replay: ResourceId,
  { id: original, facts, acceptedAt }: StoredExport,
): Promise<ResourceId> {
  const id = deps.suite.computeId("DEFAULT", "Task", "ingest", "replay", replay, original) as ResourceId;
  const fresh = exportTask(id, facts, deps.now());
  // Provenance tells when the export was delivered, not when it was replayed.
  const task: Task = { ...fresh, authoredOn: acceptedAt, input: [...(fresh.input ?? []), textField("replay", replay)] };
  const opened = await openTask(deps.store, { task, audit: [] });
  if (opened.kind === "opened") await deps.scheduler.schedule("ingest", id, priorities.batch);
  return id;
}

async function endOf(store: FhirStore, id: string): Promise<"completed" | "failed" | undefined> {
  const status = (await store.read("DEFAULT", "Task", id))?.status;
  if (status === "requested" || status === "in-progress" || status === "on-hold") return undefined;
  return status === "completed" ? "completed" : "failed";
}

function finished({ suite, now }: ReplayDeps, work: MappingWork, replay: ResourceId, { done, failed }: MappingProgress) {
  return auditEvent({
    id: suite.computeId("DEFAULT", "AuditEvent", "mapping-replay-finished", replay),
    kind: "mapping-replayed",
    at: now(),
    outcome: "success",
    agent: { client: work.client },
    entities: [
      {
        what: resourceReference({ tenant: "DEFAULT", type: "Task", id: replay }),
        detail: { feed: work.feed, version: work.version, exports: String(done), failed: String(failed) },
      },
    ],
  });
}
