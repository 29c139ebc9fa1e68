import { tmpdir } from "node:os";
import { horizonAfter } from "./cell.ts";
import type { Feed } from "./compile-feed.ts";
import type { Run, Table } from "./compiled.ts";
import { createHeldRows } from "./held-rows.ts";
import { createJoinedRows } from "./joined-rows.ts";
import { drain, isLocal, type MappingEvent, mapHead, type Pass, settleChildren } from "./map-rows.ts";
import type { ExportFile, MapOptions, MappingDeps, MappingReport, RowIssue } from "./mapped.ts";
import { rowsOf, tablesOf } from "./read-rows.ts";
import { countReport } from "./report.ts";
import { createRowCodec, type Spill, type StoredRow } from "./stored-row.ts";
import { createWaitingHeads } from "./waiting-heads.ts";

/** A running mapping: events to consume once, and the counts, complete when the events have ended. */
export interface MappedExport {
  readonly events: AsyncIterable<MappingEvent>;
  report(): MappingReport;
}

const memoryRows = 10_000;
const memoryChars = 16 * 1024 * 1024;

/**
 * Maps one export. Every row of every file becomes part of a sheet, an orphan or an issue. A file that cannot be read is one issue, and the others go on;
 * only rows whose sheet would be incomplete without it are held back, counted in one issue a file. Values are never told in issues, only their shape.
 * Memory does not grow with the files: joined rows beyond `memoryRows` wait, encrypted, in `spillDir`.
 */
export function mapExport(feed: Feed, files: readonly ExportFile[], deps: MappingDeps, options: MapOptions = {}): MappedExport {
  const counter = countReport([...feed.tables.keys()], feed.unusedColumns);
  const unreviewed = feed.origin === "analyser" || feed.origin === "poct" ? feed.origin : undefined;
  const run: Run = { deps, supplier: feed.supplier, counter, issues: [], ...(unreviewed === undefined ? {} : { unreviewed }) };
  const spill: Spill = { folder: options.spillDir ?? tmpdir(), memoryRows: options.memoryRows ?? memoryRows, memoryChars };
  const joins = feed.templates.flatMap((template) => template.joins);
  const codec = createRowCodec([...feed.tables.values()]);
  const gather = () => ({ children: createJoinedRows(joins, codec, spill), heads: createWaitingHeads(codec, spill), rows: 0 });
  const pass: Pass = {
    feed,
    run,
    rules: { absent: feed.absent, timeZone: feed.timeZone, horizon: horizonAfter(deps.now(), 24, feed.timeZone) },
    joined: new Set(joins.map((join) => join.table)),
    byRecord: joins.length > 0 && joins.every(isLocal),
    held: createHeldRows(),
    spill,
    options,
    gather,
    ...gather(),
  };
  return { events: eventsOf(pass, files), report: () => counter.report() };
}

async function* eventsOf(pass: Pass, files: readonly ExportFile[]): AsyncGenerator<MappingEvent> {
  try {
    yield* mapFiles(pass, files);
  } finally {
    pass.children.close();
    pass.heads.close();
  }
}

/** Files with joined rows first, then heads one by one. */
async function* mapFiles(pass: Pass, files: readonly ExportFile[]): AsyncGenerator<MappingEvent> {
  // In the order in which the feed declares its tables: patients before visits before reports, so that parents rarely come as stubs.
  const declared = [...pass.feed.tables.values()];
  const known = files
    .map((file) => ({ file, tables: tablesOf(pass.feed, file) }))
    .sort((one, other) => declared.indexOf(one.tables[0] as Table) - declared.indexOf(other.tables[0] as Table));
  for (const { file } of known.filter(({ tables }) => tables.length === 0)) pass.run.issues.push(unknownFile(pass.feed, file));
  const read = known.filter(({ tables }) => tables.length > 0);
  const isJoined = ({ tables }: KnownFile) => tables.some((table) => pass.joined.has(table));
  for (const one of read.filter(isJoined)) yield* gatherFile(pass, one);
  yield* mapGathered(pass);
  for (const one of read.filter((other) => !isJoined(other))) yield* mapHeads(pass, one);
  yield* settleChildren(pass);
  pass.run.issues.push(...pass.held.issues());
  yield* drain(pass.run);
}

interface KnownFile {
  readonly file: ExportFile;
  readonly tables: readonly Table[];
}

/**
 * Keeps the rows of a file until all joined rows are there; those of one message or document, where that is all they are joined with. (Events that are
 * there are yielded one by one: `yield*` in an async generator costs a promise more for each.)
 */
async function* gatherFile(pass: Pass, { file, tables }: KnownFile): AsyncGenerator<MappingEvent> {
  for await (const row of rowsOf(pass, file, tables)) {
    if (typeof row === "object") keep(pass, row);
    else if (row === "record-end" && pass.byRecord) for (const event of await mapRecord(pass)) yield event;
    if (pass.run.issues.length > 0) for (const event of drain(pass.run)) yield event;
  }
  yield* drain(pass.run);
}

async function* mapGathered(pass: Pass): AsyncGenerator<MappingEvent> {
  await pass.children.seal();
  for (const head of pass.heads.all()) for (const event of mapHead(pass, head)) yield event;
}

/** Maps the heads of a file as they come. */
async function* mapHeads(pass: Pass, { file, tables }: KnownFile): AsyncGenerator<MappingEvent> {
  for await (const row of rowsOf(pass, file, tables)) {
    if (typeof row === "object") for (const event of mapHead(pass, row)) yield event;
    else if (row === "issues") for (const event of drain(pass.run)) yield event;
  }
  yield* drain(pass.run);
}

/** Maps what was read of one message or document, and begins anew. */
async function mapRecord(pass: Pass): Promise<MappingEvent[]> {
  const events = drain(pass.run);
  await pass.children.seal();
  for (const head of pass.heads.all()) events.push(...mapHead(pass, head));
  events.push(...settleChildren(pass));
  pass.children.close();
  pass.heads.close();
  Object.assign(pass, pass.gather());
  return events;
}

function unknownFile(feed: Feed, file: ExportFile): RowIssue {
  const patterns = [...new Set([...feed.tables.values()].map((table) => table.filePattern))];
  return {
    severity: "error",
    code: "unknown-file",
    file: file.name,
    reason: `no table of the feed reads a file of this name (${patterns.join(", ")})`,
  };
}

function keep(pass: Pass, row: StoredRow): void {
  if (pass.feed.templates.some((template) => template.table === row.table)) pass.heads.add(row);
  if (pass.joined.has(row.table)) pass.children.add(row);
}
