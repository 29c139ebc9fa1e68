import type { Row, Table } from "./compiled.ts";
import type { RowIssue } from "./mapped.ts";

/** Rows that are not mapped because a file they belong together with could not be read: a sheet without some of its rows would mislead. */
export interface HeldRows {
  /** Says that what is known of a table is not all of it. */
  fail(table: Table): void;
  failed(table: Table): boolean;
  hold(row: Row): void;
  /** One issue for each table and file with held rows. */
  issues(): RowIssue[];
}

/** No row held, no table failed. */
export function createHeldRows(): HeldRows {
  const failed = new Set<Table>();
  const held = new Map<string, { table: Table; file: string; count: number }>();
  return {
    fail: (table) => void failed.add(table),
    failed: (table) => failed.has(table),
    hold(row) {
      const key = `${row.table.name}\0${row.file}`;
      const entry = held.get(key) ?? { table: row.table, file: row.file, count: 0 };
      entry.count++;
      held.set(key, entry);
    },
    issues: () =>
      [...held.values()].map(({ table, file, count }) => ({
        severity: "error",
        code: "companion-failed",
        file,
        reason: `${count} rows of ${table.name} are held back: a file they belong together with could not be read; deliver the export again when it is whole`,
      })),
  };
}
