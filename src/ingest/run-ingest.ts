import { asFault } from "../kernel/fault.ts";
import { type Claim, claimTask } from "../work/claim-task.ts";
import { giveBackAfter } from "../work/give-back.ts";
import { failExport } from "./close-export.ts";
import { type ExportFacts, exportOf } from "./export-task.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import { wakeOrphans } from "./wake-orphans.ts";
import { mayWait, type Run, workExport } from "./work-export.ts";

/**
 * Works one export through: claim, map, write, link, report, close; a checkpoint under the fence tells how far it came, and a later run goes
 * on from there. Returns when there is nothing (more) to do. Throws `Fault("work-lost")` when another worker took over; when the store is
 * down or `signal` aborts, the attempt is given back and the sweeper brings the Task again.
 */
export async function runIngest(deps: IngestDeps, taskId: string, signal?: AbortSignal): Promise<void> {
  const known = await deps.store.read("DEFAULT", "Task", taskId);
  if (known === undefined) return;
  const facts = exportOf(known);
  // Not its turn: other feeds come first, the sweeper queues it again.
  const leave = await (deps.turns?.take(facts?.feed ?? "") ?? (() => {}));
  if (leave === undefined) return;
  try {
    const claimed = await claimTask(deps.store, taskId, deps.now(), known);
    if (claimed.kind !== "claimed") return;
    if (facts === undefined) return await failExport(deps, claimed, "not-an-export");
    await workClaimed(deps, facts, claimed, signal);
  } finally {
    leave();
  }
}

async function workClaimed(deps: IngestDeps, facts: ExportFacts, claim: Claim, signal?: AbortSignal): Promise<void> {
  const run: Run = { claim, checkpointAt: deps.now().getTime(), writing: Promise.resolve() };
  try {
    await workExport(deps, facts, run, signal);
  } catch (error) {
    await run.writing.catch(() => undefined);
    await giveBackAfter(error, deps, run.claim, { signal, forMs: deps.limits.giveBackMs });
    throw asFault(error);
  }
  if (mayWait(deps, facts)) await wakeOrphans(deps, facts.feed);
}
