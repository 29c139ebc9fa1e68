import type { ExportIssue } from "../../../src/ingest/issue-list.ts";
import type { Feed } from "../../../src/mapping/compile-feed.ts";
import type { ObservedRow } from "../../../src/mapping/mapped.ts";
import { type Picked, placeOf } from "../pick-sheets.ts";

/** How a cell is marked: its code stands in no table, its column is read by nothing, its value cannot be used. */
export type Mark = "miss" | "unread" | "bad";

/** What is to be said about rows and cells. */
export interface Marks {
  issuesAt(place: { readonly file: string; readonly line?: number }): readonly ExportIssue[];
  cell(row: ObservedRow, column: string): Mark | undefined;
  /** Whether the text is this feed's way of saying "nothing". */
  isAbsent(text: string | undefined): boolean;
  /** Why the feed leaves a column out on purpose. */
  unusedReason(table: string, column: string): string | undefined;
}

/** Looks up marks by place; a code miss is known by its column's tables and its text. */
export function createMarks(input: {
  readonly feed: Feed;
  readonly picked: Picked;
  readonly tablesOf: ReadonlyMap<string, ReadonlySet<string>>;
}): Marks {
  const { feed, picked, tablesOf } = input;
  const { report } = picked.survey;
  const issues = Map.groupBy(picked.issues, placeOf);
  const unread = new Set(report.unusedColumns.map(({ table, column }) => `${table}\0${column}`));
  const missed = new Set(report.tableMisses.map(({ table, code }) => `${table}\0${code.normalize("NFKC").trim()}`));
  const issuesAt: Marks["issuesAt"] = (place) => issues.get(placeOf(place)) ?? [];
  return {
    issuesAt,
    cell(row, column) {
      if (issuesAt(row).some((issue) => issue.column === column)) return "bad";
      if (unread.has(`${row.table}\0${column}`)) return "unread";
      const code = row.cells[column]?.text?.normalize("NFKC").trim();
      const isMissed = code !== undefined && [...(tablesOf.get(column) ?? [])].some((table) => missed.has(`${table}\0${code}`));
      return isMissed ? "miss" : undefined;
    },
    isAbsent: (text) => text === undefined || feed.absent.has(text.trim()),
    unusedReason: (table, column) => feed.tables.get(table)?.byName.get(column)?.unused,
  };
}
