import type { BRecord } from "./b-snake.ts";
import type { Row } from "./export-files.ts";

/** One deliberate fault: where it stands in the delivered files. Line 1 is the header (CSV) or the first segment (HL7). */
export interface DirtNote {
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** Remembers rows by identity until their files are written and their lines are known. */
export interface DirtBook {
  note(kind: string, row: Row | BRecord, what: string): void;
  /** Lines of those noted rows that stand in `rows`, the first of them on line `firstLine`. */
  settle(file: string, rows: readonly (Row | BRecord)[], firstLine: number): void;
  add(note: DirtNote): void;
  readonly notes: DirtNote[];
}

export function createDirtBook(): DirtBook {
  const pending = new Map<object, { kind: string; what: string }[]>();
  const notes: DirtNote[] = [];
  return {
    notes,
    note(kind, row, what) {
      pending.set(row, [...(pending.get(row) ?? []), { kind, what }]);
    },
    settle(file, rows, firstLine) {
      rows.forEach((row, at) => {
        for (const found of pending.get(row) ?? []) notes.push({ ...found, file, line: firstLine + at });
      });
    },
    add: (note) => notes.push(note),
  };
}
