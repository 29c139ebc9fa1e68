import type { MappingReport, RowCounts, RowIssue } from "./mapped.ts";

/** Collects the counts of one run; cheap enough to be called for every row. */
export interface ReportCounter {
  read(table: string): void;
  mapped(table: string): void;
  skipped(table: string): void;
  unmapped(table: string, column: string): void;
  missed(table: string, code: string, unit: string | undefined): void;
  issue(issue: RowIssue): void;
  report(): MappingReport;
}

/** A counter for a run; `tables` are counted even when no row of them comes, `unusedColumns` are known when the feed is compiled. */
export function countReport(tables: readonly string[], unusedColumns: MappingReport["unusedColumns"]): ReportCounter {
  const rows = new Map<string, RowCounts>(tables.map((table) => [table, { read: 0, mapped: 0, skipped: 0 }]));
  const unmapped = new Map<string, { table: string; column: string; count: number }>();
  const misses = new Map<string, { table: string; code: string; unit?: string; count: number }>();
  const issues = new Map<string, number>();
  const of = (table: string): RowCounts => {
    const counts = rows.get(table) ?? { read: 0, mapped: 0, skipped: 0 };
    rows.set(table, counts);
    return counts;
  };
  return {
    read: (table) => void of(table).read++,
    mapped: (table) => void of(table).mapped++,
    skipped: (table) => void of(table).skipped++,
    unmapped(table, column) {
      const key = `${table}\0${column}`;
      const entry = unmapped.get(key);
      if (entry === undefined) unmapped.set(key, { table, column, count: 1 });
      else entry.count++;
    },
    missed(table, code, unit) {
      const key = `${table}\0${code}\0${unit ?? ""}`;
      const entry = misses.get(key);
      if (entry === undefined) misses.set(key, { table, code, ...(unit === undefined ? {} : { unit }), count: 1 });
      else entry.count++;
    },
    issue: (issue) => void issues.set(issue.code, (issues.get(issue.code) ?? 0) + 1),
    report: () => ({
      rows: Object.fromEntries(rows),
      unmappedColumns: [...unmapped.values()],
      unusedColumns,
      tableMisses: [...misses.values()].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
      issues: Object.fromEntries([...issues].sort()),
    }),
  };
}
