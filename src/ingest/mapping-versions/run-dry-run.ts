import type { FhirStore } from "../../fhir/store.ts";
import type { Now } from "../../kernel/clock.ts";
import { asFault, Fault } from "../../kernel/fault.ts";
import { addDifferences, noDifference } from "../../mapping/add-differences.ts";
import type { Feed } from "../../mapping/compile-feed.ts";
import { diffMappings, type MappingDifference } from "../../mapping/diff-mappings.ts";
import type { ExportFile } from "../../mapping/mapped.ts";
import { type Claim, checkpointTask, claimTask, closeTask } from "../../work/claim-task.ts";
import { giveBackAfter } from "../../work/give-back.ts";
import type { MappingRun } from "../ingest-deps.ts";
import { type Landing, landedFile, landJson, readJson } from "../landing.ts";
import type { FeedBook } from "./feed-book.ts";
import {
  type MappingProgress,
  type MappingWork,
  mappingProgressField,
  mappingProgressOf,
  mappingWorkOf,
} from "./mapping-work.ts";
import { exportsOf, type StoredExport } from "./period.ts";

/** What trying a version needs. */
export interface DryRunDeps {
  readonly store: FhirStore;
  readonly landing: Landing;
  readonly book: FeedBook;
  /** Maps files with the given feed, as an ingest would. */
  readonly mapWith: (feed: Feed, files: readonly ExportFile[]) => MappingRun;
  readonly now: Now;
}

/**
 * Maps the raw exports of a period with the version that counts and with the one to be tried, and adds up what differs; nothing is written but the
 * Task. A checkpoint after each export: a later run goes on from there. Throws `Fault("work-lost")` when it was stopped or taken over.
 */
export async function runDryRun(deps: DryRunDeps, taskId: string, signal: AbortSignal): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const work = mappingWorkOf(claimed.task);
  const run = { claim: claimed as Claim };
  try {
    const fresh = work === undefined ? undefined : await deps.book.version(work.version);
    if (work === undefined || fresh === undefined) {
      const closing = { status: "failed", outputs: [], reason: "version-unusable", audit: [] } as const;
      return void (await closeTask(deps.store, claimed, closing, deps.now()));
    }
    await compareAll(deps, work, fresh, run, signal);
  } catch (error) {
    await giveBackAfter(error, deps, run.claim, { signal });
    throw error;
  }
}

async function compareAll(
  deps: DryRunDeps,
  work: MappingWork,
  fresh: Feed,
  run: { claim: Claim },
  signal: AbortSignal,
): Promise<void> {
  await deps.book.refresh();
  const before = deps.book.feeds.get(work.feed);
  const exports = await exportsOf(deps.store, work.feed, work.period);
  const start = mappingProgressOf(run.claim.task);
  let difference =
    start?.difference === undefined ? noDifference : await readJson<MappingDifference>(deps.landing, start.difference);
  let progress: MappingProgress = { done: start?.done ?? 0, total: exports.length, failed: start?.failed ?? 0 };
  for (const one of exports.slice(progress.done)) {
    if (signal.aborted) throw new Fault("store-down", { detail: "The worker is stopping." });
    const found = await compareOne(deps, one, before, fresh);
    difference = found === undefined ? difference : addDifferences(difference, found);
    progress = {
      ...progress,
      done: progress.done + 1,
      failed: progress.failed + (found === undefined ? 1 : 0),
      difference: await landJson(deps.landing, difference),
    };
    run.claim = await checkpointTask(deps.store, run.claim, [mappingProgressField(progress)], deps.now());
  }
  const final = progress.difference ?? (await landJson(deps.landing, difference));
  const outputs = [mappingProgressField({ ...progress, difference: final })];
  await closeTask(deps.store, run.claim, { status: "completed", outputs, audit: [] }, deps.now());
}

/** Undefined when the raw export cannot be read any more (its time to be kept is over). */
async function compareOne(
  deps: DryRunDeps,
  { facts }: StoredExport,
  before: Feed | undefined,
  fresh: Feed,
): Promise<MappingDifference | undefined> {
  const files = facts.files.map((file) => landedFile(deps.landing, file));
  try {
    return await diffMappings(before === undefined ? nothing : deps.mapWith(before, files), deps.mapWith(fresh, files));
  } catch (error) {
    if (asFault(error).code === "landing-failed") return undefined;
    throw error;
  }
}

const nothing: MappingRun = {
  events: (async function* () {})(),
  report: () => ({ rows: {}, unmappedColumns: [], unusedColumns: [], tableMisses: [], issues: {} }),
};
