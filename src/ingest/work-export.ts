import { Fault } from "../kernel/fault.ts";
import { type Claim, checkpointTask } from "../work/claim-task.ts";
import { attemptOf } from "../work/task.ts";
import { createChangeDesk } from "./change-desk.ts";
import { checkSheet } from "./check-sheet.ts";
import { closeExport, failExport } from "./close-export.ts";
import { type ExportFacts, progressOf, progressOutput } from "./export-task.ts";
import type { IngestDeps, MappingRun } from "./ingest-deps.ts";
import { createIssueList, type ExportIssue, type IssueList, readIssues } from "./issue-list.ts";
import { type Landing, landedFile } from "./landing.ts";
import { createLedger, type Ledger, type Progress } from "./ledger.ts";
import { createMoveDesk } from "./move-task.ts";
import { createOrphanDesk, type OrphanDesk, waitingIssue } from "./orphan-task.ts";
import type { Origin } from "./provenance.ts";
import { mergeAsSheet, toSheet } from "./to-sheet.ts";
import { awaitReissue } from "./wake-orphans.ts";
import { createSheetWriter, type SheetWriter } from "./write-sheets.ts";

/** A claimed export under way. */
export interface Run {
  claim: Claim;
  checkpointAt: number;
  /** What maps, as `MappingRun.mapping`. */
  mapping?: string;
  /** How far the mapping has read, as `MappingRun.percent`. */
  percent?: () => number;
  /** The checkpoint being written: one at a time, each under the fence of the one before. */
  writing: Promise<void>;
}

/** Maps, writes, reports and closes a claimed export, from where its checkpoint says. Throws what the store and the landing folder throw. */
export async function workExport(deps: IngestDeps, facts: ExportFacts, run: Run, signal?: AbortSignal): Promise<void> {
  const files = facts.files.map((file) => landedFile(deps.landing, file));
  const mapping = deps.mapExport(facts.feed, files);
  if (mapping === undefined) return failExport(deps, run.claim, "feed-unknown");
  if (mapping.percent !== undefined) run.percent = mapping.percent;
  if (mapping.mapping !== undefined) run.mapping = mapping.mapping;
  const start = await resume(deps, run);
  const ledger = createLedger(start);
  const replay = attemptOf(run.claim.task) > 1 || progressOf(run.claim.task) !== undefined;
  const writer = createSheetWriter(
    {
      store: deps.store,
      identity: deps.identity,
      computeId: deps.suite.computeId,
      origin: originOf(deps, facts, run.claim),
      ledger,
      moves: createMoveDesk(deps, run.claim.task.id ?? ""),
      changes: createChangeDesk(deps, run.claim.task.id ?? ""),
      proveWritable: () => checkpoint(deps, run, ledger),
      reissuing: async (heads) => (mayWait(deps, facts) ? awaitReissue(deps, heads) : undefined),
      limits: deps.limits,
    },
    replay,
  );
  const issues = createIssueList(deps.landing);
  const orphans = createOrphanDesk(deps, {
    id: run.claim.task.id ?? "",
    facts,
    acceptedAt: run.claim.task.authoredOn ?? "",
  });
  const told = { waiting: 0, invalid: 0 };
  try {
    await pass(deps, mapping, {
      run,
      start,
      ledger,
      writer,
      issues,
      orphans,
      told,
      ...(signal === undefined ? {} : { signal }),
    });
    await writer.finish();
    await orphans.close();
    for (const issue of ledger.progress().issues) await issues.add(issue);
    const issueList = await issues.close();
    await closeExport(deps, run.claim, { facts, progress: ledger.progress(), report: mapping.report(), issueList, told });
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
  readonly orphans: OrphanDesk;
  readonly told: { waiting: number; invalid: number };
  readonly signal?: AbortSignal;
}

/** Maps and writes side by side: mapping waits only when enough is on its way to the store. */
async function pass(deps: IngestDeps, mapping: MappingRun, passing: Passing): Promise<void> {
  const { run, start, ledger, writer, issues, orphans, told, signal } = passing;
  let place = 0;
  for await (const event of mapping.events) {
    if (signal?.aborted) throw new Fault("store-down", { detail: "The worker is stopping." });
    if (event.kind === "issue") await issues.add(event.issue);
    else if (event.kind === "orphan") {
      told.waiting++;
      await orphans.add(event.orphan);
      await issues.add(waitingIssue(event.orphan));
    } else {
      place++;
      const mapped = event.kind === "merge" ? mergeAsSheet(event.merge, place) : toSheet(event.sheet, place);
      const { sheet, wrong } = checkSheet(deps.check, mapped);
      told.invalid += wrong.length;
      for (const issue of wrong) await issues.add(issue);
      if (sheet !== undefined && place > start.sheets) await writer.write(sheet);
    }
    if (deps.now().getTime() - run.checkpointAt < deps.limits.checkpointMs) continue;
    await writer.flush();
    await checkpoint(deps, run, ledger);
  }
}

/** Writes how far the run came, under its fence. Throws `Fault("work-lost")`, and `Fault("store-down")` when nothing can be written. */
function checkpoint(deps: IngestDeps, run: Run, ledger: Ledger): Promise<void> {
  const write = async () => {
    const { sheets, counts, issues: told } = ledger.progress();
    const issues = told.length === 0 ? {} : { issues: (await landIssues(deps.landing, told))?.sha256 ?? "" };
    run.claim = await checkpointTask(
      deps.store,
      run.claim,
      [progressOutput({ sheets, counts, ...percentOf(run), ...mappingOf(run), ...issues })],
      deps.now(),
    );
    run.checkpointAt = deps.now().getTime();
  };
  run.writing = run.writing.then(write);
  return run.writing;
}

function percentOf({ percent }: Run): { readonly percent?: number } {
  return percent === undefined ? {} : { percent: percent() };
}

function mappingOf({ mapping }: Run): { readonly mapping?: string } {
  return mapping === undefined ? {} : { mapping };
}

async function landIssues(landing: Landing, issues: readonly ExportIssue[]) {
  const list = createIssueList(landing);
  for (const issue of issues) await list.add(issue);
  return list.close();
}

/** From where this run goes on: the last checkpoint, or the beginning when the feed's mapping is another one since, whose sheets stand in other places. */
async function resume(deps: IngestDeps, run: Run): Promise<Progress> {
  const known = progressOf(run.claim.task);
  const stored = known?.mapping === run.mapping ? known : undefined;
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

/** Whether rows of this export's feed may come in another export than their sheet. */
export function mayWait(deps: IngestDeps, facts: ExportFacts): boolean {
  return deps.mayWait?.(facts.feed) !== false;
}
