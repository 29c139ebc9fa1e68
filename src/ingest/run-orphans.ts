import { asFault, Fault } from "../kernel/fault.ts";
import type { MappedSheet } from "../mapping/mapped.ts";
import { type Claim, checkpointTask, claimTask, closeTask } from "../work/claim-task.ts";
import { giveBackAfter } from "../work/give-back.ts";
import { inputText, textField } from "../work/task.ts";
import { appendIssues } from "./append-issues.ts";
import { createChangeDesk } from "./change-desk.ts";
import { checkSheet } from "./check-sheet.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { ExportIssue } from "./issue-list.ts";
import { type Landing, landedFile } from "./landing.ts";
import { createLedger } from "./ledger.ts";
import { createMoveDesk } from "./move-task.ts";
import { headsIn, lostRows, type Orphans, orphansOf, type WaitingSheet } from "./orphan-task.ts";
import { parentRows, type RawRows } from "./parent-rows.ts";
import { toSheet } from "./to-sheet.ts";
import { addressOf, readySheets, storedHeads } from "./wake-orphans.ts";
import { createSheetWriter } from "./write-sheets.ts";

/**
 * Maps rows that came without their sheet, together with the sheet's own row read again from its raw export, for every head that is stored by now; the
 * sheets go the normal way, so rows of one issue add up. What still has no head goes on waiting. Safe to repeat.
 * Throws `Fault("work-lost")`, `Fault("landing-failed")`, `Fault("store-down")` (then the attempt is given back).
 */
export async function runOrphans(deps: IngestDeps, taskId: string, signal?: AbortSignal): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const orphans = orphansOf(claimed.task);
  if (orphans === undefined) return void (await close(deps, claimed, { status: "failed", reason: "no-orphans" }));
  const run: Run = { claim: claimed, orphans, ...(signal === undefined ? {} : { signal }) };
  try {
    await work(deps, run);
  } catch (error) {
    await giveBackAfter(error, deps, run.claim, { signal });
    throw asFault(error);
  }
}

interface Run {
  claim: Claim;
  readonly orphans: Orphans;
  readonly signal?: AbortSignal;
}

async function work(deps: IngestDeps, run: Run): Promise<void> {
  const { task } = run.claim;
  const ingest = await deps.store.read("DEFAULT", "Task", inputText(task, "ingest") ?? "");
  // Its issue list is still being written; the end of the export wakes the rows again.
  const isUnderWay = ingest?.status === "in-progress" || ingest?.status === "requested";
  const ready = isUnderWay ? [] : readySheets(task, await storedHeads(deps.store, run.orphans.sheets));
  if (ready.length === 0) return close(deps, run.claim, { status: "on-hold", reason: "waits-for-sheet" });
  const again = await mapAgain(deps, run, ready).catch((error) => whenGone(deps, run, ready, error));
  const { mapped, issues } = again;
  await appendIssues(deps, inputText(task, "ingest") ?? "", issues);
  const lost = [...headsIn(task, "lost"), ...ready.map(addressOf).filter((address) => !mapped.has(address))];
  const done = [...headsIn(task, "done"), ...ready.map(addressOf)];
  const outputs = [textField("done", JSON.stringify(done)), textField("lost", JSON.stringify(lost))];
  if (run.orphans.sheets.length > ready.length)
    return close(deps, run.claim, { status: "on-hold", reason: "waits-for-sheet", outputs });
  if (lost.length > 0) return close(deps, run.claim, { status: "failed", reason: "sheet-not-mapped-again", outputs });
  return close(deps, run.claim, { status: "completed", outputs });
}

interface Mapped {
  /** Heads whose sheet was mapped with the rows that waited. */
  readonly mapped: ReadonlySet<string>;
  /** Of the rows that waited, by their own file names. */
  readonly issues: readonly ExportIssue[];
}

/**
 * A raw file that is no longer kept cannot be read again, today or later: its rows are told as lost. Any other fault is thrown on, and tried again.
 */
async function whenGone(deps: IngestDeps, run: Run, ready: readonly WaitingSheet[], error: unknown): Promise<Mapped> {
  if (asFault(error).code !== "landing-failed") throw error;
  const parents = await parentRows(deps.store, run.orphans.feed, ready);
  const isOwnGone = await anyGone(deps.landing, run.orphans.files);
  if (!isOwnGone && !(await anyGone(deps.landing, parents))) throw error;
  const what = isOwnGone ? "the raw file of this row" : "the raw file of this row's sheet";
  const reason = `${what} is not kept any more, so the row cannot be mapped with its sheet; deliver both again in one export`;
  return { mapped: new Set(), issues: lostRows(ready, "raw-gone", reason) };
}

/** Whether a file is not in the landing folder, as against a folder that does not work at the moment. */
async function anyGone(landing: Landing, files: readonly { readonly sha256: string }[]): Promise<boolean> {
  for (const { sha256 } of files) if (await landing.isGone(sha256)) return true;
  return false;
}

/** Files of several exports in one mapping: their names are kept apart by a folder, `0` for the rows that waited. */
async function mapAgain(deps: IngestDeps, run: Run, ready: readonly WaitingSheet[]): Promise<Mapped> {
  const { orphans } = run;
  const parents = await parentRows(deps.store, orphans.feed, ready);
  const folders = [...new Set(parents.map((rows) => rows.sha256))];
  const files = new Map<string, string>(orphans.files.map(({ name, sha256 }) => [`0/${name}`, sha256]));
  for (const rows of parents) files.set(`${folders.indexOf(rows.sha256) + 1}/${landedName(rows.name)}`, rows.sha256);
  const sizes = new Map(orphans.files.map(({ sha256, size }) => [sha256, size]));
  const opened = [...files].map(([name, sha256]) => landedFile(deps.landing, { name, sha256, size: sizes.get(sha256) }));
  const mapping = deps.mapExport(orphans.feed, opened, { only: wantedRows(ready, parents, folders) });
  if (mapping === undefined) throw new Fault("configuration-wrong");
  const wanted = new Set(ready.map(addressOf));
  const away = folders.map((sha256) =>
    apartMs(
      orphans.acceptedAt,
      parents.filter((rows) => rows.sha256 === sha256),
    ),
  );
  const nearest = new Map<string, { readonly sheet: MappedSheet; readonly awayMs: number }>();
  const issues: ExportIssue[] = [];
  for await (const event of mapping.events) {
    if (run.signal?.aborted) throw new Fault("store-down", { detail: "The worker is stopping." });
    if (event.kind === "issue") issues.push(event.issue);
    if (event.kind !== "sheet" || !wanted.has(addressOf(event.sheet))) continue;
    const { sheet } = event;
    const awayMs = away[Number(sheet.members[0]?.file.split("/")[0]) - 1] ?? 0;
    const other = nearest.get(addressOf(sheet));
    if (other === undefined || awayMs < other.awayMs || (awayMs === other.awayMs && sheet.order > other.sheet.order))
      nearest.set(addressOf(sheet), { sheet, awayMs });
  }
  const written = await writeAgain(deps, run, { files, sheets: [...nearest.values()].map((one) => one.sheet) });
  const own = [...issues, ...written.issues].filter(({ file }) => file.startsWith("0/"));
  return { mapped: written.mapped, issues: own.map((one) => ({ ...one, file: one.file.slice(2) })) };
}

/** A row that came apart does not tell which issue of its sheet it belongs to; the one that was delivered nearest to it is taken. */
function apartMs(acceptedAt: string, rows: readonly RawRows[]): number {
  return Math.min(...rows.map(({ recorded }) => Math.abs(Date.parse(recorded) - Date.parse(acceptedAt))));
}

/** Writes the sheets as any export's; which of them hold rows that waited, and what was wrong with these. */
async function writeAgain(
  deps: IngestDeps,
  run: Run,
  { files, sheets }: { readonly files: ReadonlyMap<string, string>; readonly sheets: readonly MappedSheet[] },
): Promise<Mapped> {
  const { orphans } = run;
  const ledger = createLedger();
  let proving = Promise.resolve();
  const prove = async () => {
    run.claim = await checkpointTask(deps.store, run.claim, [], deps.now());
  };
  const origin = {
    feed: orphans.feed,
    supplier: orphans.client,
    acceptedAt: orphans.acceptedAt,
    files,
    exportId: deps.suite.computeId("orphans", orphans.feed, ...[...files.values()].sort()),
    readAgain: true as const,
  };
  const writer = createSheetWriter(
    {
      ...{ ...deps, computeId: deps.suite.computeId, origin, ledger },
      moves: createMoveDesk(deps, inputText(run.claim.task, "ingest") ?? ""),
      changes: createChangeDesk(deps, inputText(run.claim.task, "ingest") ?? ""),
      proveWritable() {
        proving = proving.then(prove);
        return proving;
      },
      // What is written here is of an issue that is stored.
      reissuing: async () => undefined,
    },
    true,
  );
  const mapped = new Set<string>();
  const issues: ExportIssue[] = [];
  try {
    for (const [index, one] of sheets.entries()) {
      const { sheet, wrong } = checkSheet(deps.check, toSheet(one, index + 1));
      issues.push(...wrong);
      if (wrong.length > 0 || one.members.some(({ file }) => file.startsWith("0/"))) mapped.add(addressOf(one));
      if (sheet !== undefined) await writer.write(sheet);
    }
    await writer.finish();
  } catch (error) {
    await writer.stop();
    throw error;
  }
  return { mapped, issues: [...issues, ...ledger.progress().issues] };
}

function wantedRows(ready: readonly WaitingSheet[], parents: readonly RawRows[], folders: readonly string[]) {
  const lines = new Map<string, Set<number>>();
  for (const sheet of ready)
    for (const [file, some] of Object.entries(sheet.lines)) {
      const known = lines.get(`0/${file}`) ?? new Set();
      lines.set(`0/${file}`, known);
      for (const line of some) known.add(line);
    }
  const ranges = Map.groupBy(parents, ({ sha256, name }) => `${folders.indexOf(sha256) + 1}/${name}`);
  return (file: string, line: number): boolean =>
    lines.get(file)?.has(line) === true ||
    (ranges.get(file)?.some(({ first, last }) => line >= first && line <= last) ?? false);
}

/** The landed file that holds this one: an archive is landed whole, and taken apart again. */
function landedName(name: string): string {
  return /^.*?\.(zip|gz)(?=\/)/i.exec(name)?.[0] ?? name;
}

/** How often it was started counts from anew: a Task that waits for many heads may be woken many times. */
async function close(
  deps: IngestDeps,
  claim: Claim,
  how: { status: "completed" | "failed" | "on-hold"; reason?: string; outputs?: readonly ReturnType<typeof textField>[] },
): Promise<void> {
  const { status, reason, outputs = [] } = how;
  const again = status === "on-hold" ? [textField("attempt", "0")] : [];
  const closing = { status, outputs: [...outputs, ...again], audit: [], ...(reason === undefined ? {} : { reason }) };
  await closeTask(deps.store, claim, closing, deps.now());
}
