import { type CellRules, horizonAfter } from "./cell.ts";
import { checkRow, type RowCheck } from "./check-row.ts";
import type { Feed } from "./compile-feed.ts";
import type { Row, Run, Table } from "./compiled.ts";
import type { Join } from "./compiled-template.ts";
import { createHeldRows, type HeldRows } from "./held-rows.ts";
import { type JoinedRows, joinRows } from "./join-rows.ts";
import { mapSheet } from "./map-sheet.ts";
import type { ExportFile, MappedSheet, MappingDeps, MappingReport, RowIssue } from "./mapped.ts";
import { readCsv } from "./read-csv.ts";
import { readHl7v2 } from "./read-hl7v2.ts";
import { readJson } from "./read-json.ts";
import { countReport } from "./report.ts";
import { resolveInstitution } from "./resolve-institution.ts";
import { giveUpRows } from "./row-fate.ts";
import type { ReadEvent } from "./source-row.ts";

/** What the mapping of an export yields, file by file and the same every time. */
export type MappingEvent =
  | { readonly kind: "sheet"; readonly sheet: MappedSheet }
  | { readonly kind: "issue"; readonly issue: RowIssue };

/** A running mapping: events to consume once, and the counts, complete when the events have ended. */
export interface MappedExport {
  readonly events: AsyncIterable<MappingEvent>;
  report(): MappingReport;
}

interface Pass {
  readonly feed: Feed;
  readonly run: Run;
  readonly rules: CellRules;
  readonly joins: ReadonlyMap<Join, JoinedRows>;
  /** Tables whose rows are joined to heads. */
  readonly joined: ReadonlySet<Table>;
  /** Joined rows, to see at the end which of them no sheet took. */
  readonly children: Row[];
  /** Head rows of files that hold joined tables too. */
  readonly heads: Row[];
  readonly held: HeldRows;
}

/**
 * Maps one export. Every row of every file becomes part of a sheet or an issue. A file that cannot be read is one issue, and the others go on; only rows
 * whose sheet would be incomplete without it are held back, counted in one issue a file. Values are never told in issues, only their shape.
 */
export function mapExport(feed: Feed, files: readonly ExportFile[], deps: MappingDeps): MappedExport {
  const counter = countReport([...feed.tables.keys()], feed.unusedColumns);
  const unreviewed = feed.origin === "analyser" || feed.origin === "poct" ? feed.origin : undefined;
  const run: Run = { deps, supplier: feed.supplier, counter, issues: [], ...(unreviewed === undefined ? {} : { unreviewed }) };
  const rules = { absent: feed.absent, timeZone: feed.timeZone, horizon: horizonAfter(deps.now(), 24, feed.timeZone) };
  const joins = new Map(feed.templates.flatMap((template) => template.joins.map((join) => [join, joinRows(join)] as const)));
  const joined = new Set([...joins.keys()].map((join) => join.table));
  const pass: Pass = { feed, run, rules, joins, joined, children: [], heads: [], held: createHeldRows() };
  return { events: eventsOf(pass, files), report: () => counter.report() };
}

/** Files with joined rows first, then heads one by one: only joined rows are kept in memory. */
async function* eventsOf(pass: Pass, files: readonly ExportFile[]): AsyncGenerator<MappingEvent> {
  // In the order in which the feed declares its tables: patients before visits before reports, so that parents rarely come as stubs.
  const declared = [...pass.feed.tables.values()];
  const known = files
    .map((file) => ({ file, tables: tablesOf(pass.feed, file) }))
    .sort((one, other) => declared.indexOf(one.tables[0] as Table) - declared.indexOf(other.tables[0] as Table));
  const isJoined = ({ tables }: { tables: readonly Table[] }) => tables.some((table) => pass.joined.has(table));
  for (const { file } of known.filter(({ tables }) => tables.length === 0)) pass.run.issues.push(unknownFile(pass.feed, file));
  for (const { file, tables } of known.filter(isJoined)) {
    for await (const row of rowsOf(pass, file, tables)) keep(pass, row);
    for (const event of drain(pass.run)) yield event;
  }
  for (const head of pass.heads) for (const event of mapHead(pass, head)) yield event;
  for (const { file, tables } of known.filter((one) => one.tables.length > 0 && !isJoined(one))) {
    for await (const row of rowsOf(pass, file, tables)) for (const event of mapHead(pass, row)) yield event;
    for (const event of drain(pass.run)) yield event;
  }
  settleChildren(pass);
  pass.run.issues.push(...pass.held.issues());
  for (const event of drain(pass.run)) yield event;
}

function drain({ issues, counter }: Run): MappingEvent[] {
  if (issues.length === 0) return [];
  return issues.splice(0).map((issue) => {
    counter.issue(issue);
    return { kind: "issue", issue };
  });
}

function tablesOf(feed: Feed, file: ExportFile): Table[] {
  const name = file.name.slice(file.name.lastIndexOf("/") + 1);
  const tables = [...feed.tables.values()].filter((table) => table.file.test(name));
  return feed.format === "csv" ? tables.slice(0, 1) : tables;
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

function keep(pass: Pass, row: Row): void {
  if (pass.feed.templates.some((template) => template.table === row.table)) pass.heads.push(row);
  if (!pass.joined.has(row.table)) return;
  pass.children.push(row);
  for (const [join, rows] of pass.joins) if (join.table === row.table) rows.add(row);
}

function read(feed: Feed, file: ExportFile, tables: readonly Table[]): AsyncIterable<ReadEvent> {
  if (feed.format === "json") return readJson(file, tables, feed.encodings);
  if (feed.format === "hl7v2") return readHl7v2(file, tables, feed.encodings);
  return readCsv(file, tables[0] as Table, feed);
}

/** The good rows of a file; everything else becomes issues and counts. */
async function* rowsOf(pass: Pass, file: ExportFile, tables: readonly Table[]): AsyncGenerator<Row> {
  const check: RowCheck = { run: pass.run, rules: pass.rules, seen: pass.feed.format === "csv" ? new Set() : undefined };
  for await (const event of read(pass.feed, file, tables)) {
    if (event.kind !== "row") tellEvent(pass, event, file, tables);
    else {
      const row = checkRow({ table: event.table, cells: event.cells, file: file.name, line: event.line }, check);
      if (row !== undefined) yield row;
    }
  }
}

function tellEvent(pass: Pass, event: Exclude<ReadEvent, { kind: "row" }>, file: ExportFile, tables: readonly Table[]): void {
  const { counter, issues } = pass.run;
  if (event.kind === "undeclared") {
    counter.unmapped(event.table.name, event.column);
    return;
  }
  const { kind, code, line, reason } = event;
  const severity = kind === "note" || code === "message-type" ? "warning" : "error";
  const field = "field" in event && event.field !== undefined ? { field: event.field } : {};
  issues.push({ severity, code, file: file.name, ...(line === undefined ? {} : { line }), ...field, reason });
  if (kind === "failed") for (const table of tables) pass.held.fail(table);
  if (kind === "bad-row" && event.table !== undefined) {
    counter.read(event.table.name);
    counter.skipped(event.table.name);
  }
}

function mapHead(pass: Pass, head: Row): MappingEvent[] {
  const events: MappingEvent[] = [];
  const templates = pass.feed.templates.filter((template) => template.table === head.table);
  if (templates.some((template) => template.joins.some((join) => pass.held.failed(join.table)))) {
    pass.held.hold(head);
    head.fate = "issue";
  } else {
    const institution = resolveInstitution(head.table, head, pass.run);
    for (const template of templates) {
      const joined = new Map(template.joins.map((join) => [join.name, pass.joins.get(join)?.of(head) ?? []]));
      const sheet = institution === undefined ? undefined : mapSheet(template, { head, joined, institution }, pass.run);
      if (institution === undefined) giveUpRows(head, joined, pass.run, "the institution of its sheet is not registered");
      events.push(...drain(pass.run));
      if (sheet !== undefined) events.push({ kind: "sheet", sheet });
    }
  }
  if (!pass.joined.has(head.table)) count(pass, head); // else counted with the joined rows
  return events;
}

/** At the end: joined rows that no sheet took are orphans, or held back when a file of their sheets could not be read. */
function settleChildren(pass: Pass): void {
  const uncertain = new Set<Table>();
  for (const template of pass.feed.templates) {
    for (const { table } of template.joins)
      if (pass.held.failed(template.table) || pass.held.failed(table)) uncertain.add(table);
  }
  for (const row of pass.children) {
    if (row.fate === "unread") {
      if (uncertain.has(row.table)) pass.held.hold(row);
      else
        pass.run.issues.push({
          severity: "error",
          code: "orphan",
          file: row.file,
          line: row.line,
          reason: `no sheet in this export has the key of this ${row.table.name} row`,
        });
      row.fate = "issue";
    }
    count(pass, row);
  }
}

function count({ run }: Pass, row: Row): void {
  if (row.fate === "mapped") run.counter.mapped(row.table.name);
  else run.counter.skipped(row.table.name);
}
