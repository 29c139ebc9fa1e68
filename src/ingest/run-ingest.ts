import type { FhirStore } from "../fhir/store.ts";
import { type Now, pause } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { asFault, Fault } from "../kernel/fault.ts";
import type { ExportFile, MappedSheet, MappingReport, RowIssue } from "../mapping/mapped.ts";
import { type Claim, checkpointTask, claimTask, giveBackTask } from "../work/claim-task.ts";
import { attemptOf } from "../work/task.ts";
import { closeExport, failExport } from "./close-export.ts";
import { type ExportFacts, exportOf, progressOf, progressOutput } from "./export-task.ts";
import { createIssueList, type ExportIssue, type IssueList, readIssues } from "./issue-list.ts";
import type { Landing } from "./landing.ts";
import { createLedger, type Ledger, type Progress } from "./ledger.ts";
import type { Origin } from "./provenance.ts";
import { toSheet } from "./sheet.ts";
import type { IdentityPort } from "./write-pack.ts";
import { createSheetWriter, type SheetWriter, type WriteLimits } from "./write-sheets.ts";

/** An export being mapped: its sheets and issues in the order of the files, the same every time, and the counts at the end. */
export interface MappingRun {
  readonly events: AsyncIterable<
    { readonly kind: "sheet"; readonly sheet: MappedSheet } | { readonly kind: "issue"; readonly issue: RowIssue }
  >;
  report(): MappingReport;
}

/** What running an ingest needs. */
export interface IngestDeps {
  readonly store: FhirStore;
  readonly landing: Landing;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly identity: IdentityPort;
  /** Starts mapping the files of a feed; undefined when no such feed is loaded. */
  readonly mapExport: (feed: string, files: readonly ExportFile[]) => MappingRun | undefined;
  readonly now: Now;
  readonly limits: WriteLimits & {
    /** Longest time between two checkpoints, ms. */
    readonly checkpointMs: number;
    /** How long a failed run tries to give its attempt back while the store is away, ms. */
    readonly giveBackMs: number;
  };
}

/**
 * Works one export through: claim, map, write, link, report, close; a checkpoint under the fence tells how far it came, and a later run goes
 * on from there. Returns when there is nothing (more) to do. Throws `Fault("work-lost")` when another worker took over; when the store is
 * down or `signal` aborts, the attempt is given back and the sweeper brings the Task again.
 */
export async function runIngest(deps: IngestDeps, taskId: string, signal?: AbortSignal): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const facts = exportOf(claimed.task);
  if (facts === undefined) return failExport(deps, claimed, "not-an-export");
  const run: Run = { claim: claimed, checkpointAt: deps.now().getTime() };
  try {
    await work(deps, facts, run, signal);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === "store-down" || signal?.aborted) await giveBack(deps, run.claim, signal);
    throw fault;
  }
}

interface Run {
  claim: Claim;
  checkpointAt: number;
}

async function work(deps: IngestDeps, facts: ExportFacts, run: Run, signal?: AbortSignal): Promise<void> {
  const files = facts.files.map(({ name, sha256 }) => ({ name, open: () => deps.landing.open(sha256) }));
  const mapping = deps.mapExport(facts.feed, files);
  if (mapping === undefined) return failExport(deps, run.claim, "feed-unknown");
  const start = await resume(deps, run.claim);
  const ledger = createLedger(start);
  const replay = attemptOf(run.claim.task) > 1 || start.sheets > 0;
  const writer = createSheetWriter(
    {
      store: deps.store,
      identity: deps.identity,
      computeId: deps.suite.computeId,
      origin: originOf(deps, facts, run.claim),
      ledger,
      limits: deps.limits,
    },
    replay,
  );
  const issues = createIssueList(deps.landing);
  try {
    await pass(deps, mapping, { run, start, ledger, writer, issues, ...(signal === undefined ? {} : { signal }) });
    await writer.finish();
    for (const issue of ledger.progress().issues) await issues.add(issue);
    const issueList = await issues.close();
    await closeExport(deps, run.claim, { facts, progress: ledger.progress(), report: mapping.report(), issueList });
  } catch (error) {
    issues.discard();
    await writer.stop();
    throw error;
  }
}

interface Passing {
  readonly run: Run;
  readonly start: Progress;
  readonly ledger: Ledger;
  readonly writer: SheetWriter;
  readonly issues: IssueList;
  readonly signal?: AbortSignal;
}

/** Maps and writes side by side: mapping waits only when enough is on its way to the store. */
async function pass(deps: IngestDeps, mapping: MappingRun, passing: Passing): Promise<void> {
  const { run, start, ledger, writer, issues, signal } = passing;
  let place = 0;
  for await (const event of mapping.events) {
    if (signal?.aborted) throw new Fault("store-down", { detail: "The worker is stopping." });
    if (event.kind === "issue") await issues.add(event.issue);
    else if (++place > start.sheets) await writer.write(toSheet(event.sheet, place));
    if (deps.now().getTime() - run.checkpointAt < deps.limits.checkpointMs) continue;
    await writer.flush();
    run.claim = await checkpoint(deps, run.claim, ledger.progress());
    run.checkpointAt = deps.now().getTime();
  }
}

async function checkpoint(deps: IngestDeps, claim: Claim, progress: Progress): Promise<Claim> {
  const { sheets, counts } = progress;
  const issues =
    progress.issues.length === 0 ? {} : { issues: (await landIssues(deps.landing, progress.issues))?.sha256 ?? "" };
  return checkpointTask(deps.store, claim, [progressOutput({ sheets, counts, ...issues })], deps.now());
}

async function landIssues(landing: Landing, issues: readonly ExportIssue[]) {
  const list = createIssueList(landing);
  for (const issue of issues) await list.add(issue);
  return list.close();
}

async function resume(deps: IngestDeps, claim: Claim): Promise<Progress> {
  const stored = progressOf(claim.task);
  const issues: ExportIssue[] = [];
  if (stored?.issues) for await (const issue of readIssues(deps.landing, stored.issues)) issues.push(issue);
  return { sheets: stored?.sheets ?? 0, counts: stored?.counts ?? {}, issues };
}

function originOf(deps: IngestDeps, facts: ExportFacts, claim: Claim): Origin {
  return {
    feed: facts.feed,
    supplier: facts.client,
    acceptedAt: claim.task.authoredOn ?? "",
    files: new Map(facts.files.map((file) => [file.name, file.sha256])),
    exportId: deps.suite.computeId("export", facts.feed, ...facts.files.map((file) => file.sha256).sort()),
  };
}

/** An outage or a stop is no failure of the export: its attempt does not count. Tried until the store is back, for a while. */
async function giveBack(deps: IngestDeps, claim: Claim, signal?: AbortSignal): Promise<void> {
  for (let waitedMs = 0, waitMs = 500; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, 5_000)) {
    try {
      return await giveBackTask(deps.store, claim, deps.now());
    } catch (error) {
      const { code } = asFault(error);
      if (code !== "store-down" || waitedMs >= deps.limits.giveBackMs || signal?.aborted) return;
    }
    await pause(waitMs, signal);
  }
}
