import type { Row, Run } from "./compiled.ts";
import type { IssueCode } from "./mapped.ts";

type Joined = ReadonlyMap<string, readonly Row[]>;

/** Tells an issue that concerns a whole row, without a place in the mapping. */
export function tellRow(
  run: Run,
  row: Row,
  code: IssueCode,
  reason: string,
  more: { column?: string; field?: string } = {},
): void {
  const severity = code === "superseded" || code === "left-out" ? "warning" : "error";
  run.issues.push({ severity, code, file: row.file, line: row.line, ...more, reason });
}

/** The sheet was mapped: its head and every joined row that is in it, and did not become an issue, is accounted for. */
export function settleRows(head: Row, joined: Joined, mappedRows: ReadonlySet<Row>): void {
  head.fate = "mapped";
  for (const rows of joined.values()) {
    for (const row of rows) if (mappedRows.has(row) || row.fate === "unread") row.fate = "mapped";
  }
}

/** There is no sheet: each of its rows that no other sheet took becomes an issue. */
export function giveUpRows(head: Row, joined: Joined, run: Run, reason: string): void {
  if (head.fate !== "mapped") head.fate = "issue"; // another template may have mapped it
  for (const rows of joined.values()) {
    for (const row of rows) {
      if (row.fate === "unread") tellRow(run, row, "sheet-failed", reason);
      if (row.fate !== "mapped") row.fate = "issue";
    }
  }
}
