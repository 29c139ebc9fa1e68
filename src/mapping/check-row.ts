import { type BadCell, type CellRules, readCell } from "./cell.ts";
import { type Cell, type Column, fieldOf, type Row, type Run, type Scope, type Sheet, type Table } from "./compiled.ts";
import type { IssueCode, RowIssue } from "./mapped.ts";
import { maskValue } from "./mask.ts";

/** A row as a reader gave it, and where it stands. */
export interface RawRow {
  readonly table: Table;
  readonly cells: readonly Cell[];
  readonly file: string;
  readonly line: number;
}

/** What checking rows needs. */
export interface RowCheck {
  readonly run: Run;
  readonly rules: CellRules;
}

/** Reads the cells of a row by their columns' types. Undefined when the row cannot be used: that is told as an issue and counted. */
export function checkRow(raw: RawRow, { run, rules }: RowCheck): Row | undefined {
  const { table, file, line } = raw;
  run.counter.read(table.name);
  const cells: Cell[] = new Array<Cell>(table.columns.length);
  let lacking: Column | undefined;
  let digested = "";
  for (const column of table.columns) {
    const text = raw.cells[column.index];
    const cell = column.unused === undefined ? readCell(text, column, rules) : undefined;
    if (typeof cell === "object") run.issues.push(badCell(cell, text ?? "", column, raw));
    const value = typeof cell === "object" ? undefined : cell;
    cells[column.index] = value;
    if (value === undefined && column.required) lacking ??= column;
    if (column.digested) digested += value === undefined ? "-" : `${value.length}:${value}`; // lengths keep "ab","c" and "a","bc" apart
  }
  if (lacking !== undefined)
    return skip(raw, run, { code: "missing-value", reason: `${fieldOf(lacking)} is required, and empty in this row` }, lacking);
  const row: Row = { table, cells, file, line, digest: run.deps.digest(table.name, digested), fate: "unread" };
  const rejection = table.reject.length === 0 ? undefined : rejectionOf(run, row);
  if (rejection !== undefined) return skip(raw, run, { code: "rejected", reason: rejection });
  return row;
}

function skip({ table, file, line }: RawRow, run: Run, issue: { code: IssueCode; reason: string }, column?: Column): undefined {
  const severity = column === undefined ? "warning" : "error";
  run.issues.push({
    severity,
    file,
    line,
    ...issue,
    ...(column === undefined ? {} : { column: column.name, field: fieldOf(column) }),
  });
  run.counter.skipped(table.name);
}

function rejectionOf(run: Run, row: Row): string | undefined {
  const noSheet = undefined as unknown as Sheet; // a reject rule names columns of the row only: the compiler gives it no head
  const scope: Scope = { run, sheet: noSheet, row, lets: [], around: [], failed: false };
  return row.table.reject.find((rule) => rule.when(scope) === true)?.reason;
}

function badCell(cell: BadCell, text: string, column: Column, { file, line }: RawRow): RowIssue {
  const field = fieldOf(column);
  const reason = `${field} ${cell.reason} (like ${maskValue(text)}); the row goes on without it`;
  return { severity: "warning", code: "bad-value", file, line, column: column.name, field, reason };
}
