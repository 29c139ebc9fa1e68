import type { CellRules } from "./cell.ts";
import { checkRow } from "./check-row.ts";
import type { Feed } from "./compile-feed.ts";
import type { Run, Table } from "./compiled.ts";
import type { HeldRows } from "./held-rows.ts";
import type { ExportFile, MapOptions } from "./mapped.ts";
import { readCsv } from "./read-csv.ts";
import { readHl7v2 } from "./read-hl7v2.ts";
import { readJson } from "./read-json.ts";
import { readXlsx } from "./read-xlsx.ts";
import { readXml } from "./read-xml.ts";
import { createSeenRows, type SeenRows } from "./seen-rows.ts";
import type { ReadEvent } from "./source-row.ts";
import type { Spill, StoredRow } from "./stored-row.ts";

/** What reading the rows of an export's files needs. */
export interface Reading {
  readonly feed: Feed;
  readonly run: Run;
  readonly rules: CellRules;
  readonly held: HeldRows;
  readonly spill: Spill;
  readonly options: Pick<MapOptions, "only" | "observe">;
  /** Rows read so far. */
  rows: number;
}

/** The tables of a feed that stand in a file of this name; of a delimited file the first one. */
export function tablesOf(feed: Feed, file: ExportFile): Table[] {
  const name = file.name.slice(file.name.lastIndexOf("/") + 1);
  const tables = [...feed.tables.values()].filter((table) => table.file.test(name));
  return feed.format === "csv" ? tables.slice(0, 1) : tables;
}

/** The good rows of a file and the ends of its records; everything else becomes issues and counts. `issues` stands where these pile up. */
export async function* rowsOf(
  reading: Reading,
  file: ExportFile,
  tables: readonly Table[],
): AsyncGenerator<StoredRow | "record-end" | "issues"> {
  const { feed, options, spill, run } = reading;
  // Equal rows are a mistake only where a row is all there is: messages and nested records may repeat themselves.
  const seen = feed.format === "csv" || feed.format === "xlsx" ? createSeenRows<StoredRow>(spill) : undefined;
  try {
    for await (const event of read(feed, file, tables)) {
      if (options.only !== undefined && !isWanted(event, file, options.only)) continue;
      if (event.kind === "row") {
        const row = checkedRow(reading, event, file);
        if (isNew(reading, row, seen)) yield row;
        if (seen?.full()) yield* settled(reading, seen);
      } else if (event.kind === "record-end") yield event.kind;
      else tellEvent(reading, event, file, tables);
      if (run.issues.length > 100) yield "issues";
    }
    if (seen !== undefined) yield* settled(reading, seen);
  } finally {
    seen?.close();
  }
}

/** Whether a row is good and did not come before; of what cannot be told at once `settled` tells later. */
function isNew(reading: Reading, row: StoredRow | undefined, seen: SeenRows<StoredRow> | undefined): row is StoredRow {
  if (row === undefined || seen === undefined) return row !== undefined;
  const verdict = seen.see(row);
  if (verdict === "seen") tellDuplicate(reading, row);
  return verdict === "new";
}

function read(feed: Feed, file: ExportFile, tables: readonly Table[]): AsyncIterable<ReadEvent> {
  if (feed.format === "json") return readJson(file, tables, feed.encodings);
  if (feed.format === "hl7v2") return readHl7v2(file, tables, feed.encodings);
  if (feed.format === "xlsx") return readXlsx(file, tables);
  if (feed.format === "xml") return readXml(file, tables, feed);
  return readCsv(file, tables[0] as Table, feed);
}

function isWanted(event: ReadEvent, file: ExportFile, only: NonNullable<MapOptions["only"]>): boolean {
  if (event.kind === "undeclared") return false;
  return event.kind === "failed" || event.kind === "record-end" || only(file.name, event.line);
}

function checkedRow(reading: Reading, event: Extract<ReadEvent, { kind: "row" }>, file: ExportFile): StoredRow | undefined {
  const { run, rules, options } = reading;
  const raw = { table: event.table, cells: event.cells, file: file.name, line: event.line };
  if (options.observe !== undefined) {
    const cells = event.table.columns.map((column) => {
      const field = column.path === column.name ? (column.headers[0] ?? column.name) : column.path;
      return [column.name, { field, text: event.cells[column.index] }] as const;
    });
    options.observe({ table: event.table.name, file: file.name, line: event.line, cells: Object.fromEntries(cells) });
  }
  const row = checkRow(raw, { run, rules });
  return row === undefined ? undefined : Object.assign(row, { number: reading.rows++ });
}

function* settled({ run }: Reading, seen: SeenRows<StoredRow>): Generator<StoredRow> {
  for (const { row, seen: before } of seen.settle()) {
    if (before) tellDuplicate({ run }, row);
    else yield row;
  }
}

function tellDuplicate({ run }: Pick<Reading, "run">, row: StoredRow): void {
  const { file, line, table } = row;
  run.issues.push({
    severity: "warning",
    file,
    line,
    code: "duplicate",
    reason: "the identical row stands earlier in this file",
  });
  run.counter.skipped(table.name);
}

function tellEvent(
  reading: Reading,
  event: Exclude<ReadEvent, { kind: "row" | "record-end" }>,
  file: ExportFile,
  tables: readonly Table[],
): void {
  const { counter, issues } = reading.run;
  if (event.kind === "undeclared") {
    counter.unmapped(event.table.name, event.column);
    return;
  }
  const { kind, code, line, reason } = event;
  const severity = kind === "note" || code === "message-type" ? "warning" : "error";
  const field = "field" in event && event.field !== undefined ? { field: event.field } : {};
  issues.push({ severity, code, file: file.name, ...(line === undefined ? {} : { line }), ...field, reason });
  if (kind === "failed") for (const table of tables) reading.held.fail(table);
  if (kind === "bad-row" && event.table !== undefined) {
    counter.read(event.table.name);
    counter.skipped(event.table.name);
  }
}
