import type { Column, Row, Table } from "./compiled.ts";
import type { Join } from "./compiled-template.ts";
import { type SortedRecords, sortOnDisk } from "./sorted-records.ts";
import { charsOf, type RowCodec, type Spill, type StoredRow } from "./stored-row.ts";

/** The rows of all joined tables of an export: in memory while they are few, else sorted on disk. */
export interface JoinedRows {
  /** Takes a row; rows come with growing numbers, from 0. */
  add(row: StoredRow): void;
  /** Says that all rows are there; before the first `of`. */
  seal(): Promise<void>;
  /** Rows that belong to a head row, in the order the join declares, else as they were read. */
  of(join: Join, head: Row): readonly StoredRow[];
  fateOf(row: StoredRow): Row["fate"];
  /** Remembers what became of rows. */
  settle(rows: Iterable<StoredRow>): void;
  /** Every row with what became of it: as read while in memory, else by the key of its table's first join. Cells only of unread rows. */
  fates(): Generator<{ readonly table: Table; readonly fate: Row["fate"]; readonly row: StoredRow | undefined }>;
  close(): void;
}

const fateCodes = ["unread", "mapped", "issue"] as const;

/** An empty store for the joins of a feed. Each join has its own order on disk; the fate of a row is kept once, one byte a row. */
export function createJoinedRows(joins: readonly Join[], codec: RowCodec, spill: Spill): JoinedRows {
  let batch: StoredRow[] = [];
  let chars = 0;
  let fates = new Uint8Array(0);
  let count = 0;
  const inMemory = new Map<Join, Map<string, StoredRow[]>>();
  const onDisk = new Map<Join, SortedRecords>();
  const homes = new Map(joins.map((join) => [join.table, join] as const).reverse());

  function toDisk(row: StoredRow): void {
    for (const join of joins) {
      if (row.table !== join.table) continue;
      const key = keyOf(row, join.columns);
      // The first join of a table keeps rows without a key too: they can belong to no head, but are counted.
      if (key === undefined && homes.get(join.table) !== join) continue;
      const records = onDisk.get(join) ?? sortOnDisk(spill.folder);
      onDisk.set(join, records);
      records.add(key ?? "", codec.encode(row));
    }
  }

  return {
    add(row) {
      count = row.number + 1;
      if (onDisk.size > 0) return toDisk(row);
      batch.push(row);
      chars += charsOf(row);
      if (batch.length < spill.memoryRows && chars < spill.memoryChars) return;
      for (const one of batch) toDisk(one);
      batch = [];
    },
    async seal() {
      if (onDisk.size === 0) {
        for (const join of joins) inMemory.set(join, byKey(join, batch));
        return;
      }
      fates = new Uint8Array(count);
      for (const records of onDisk.values()) await records.merge();
    },
    of(join, head) {
      const key = keyOf(head, join.headColumns);
      if (key === undefined) return [];
      const stored = onDisk.get(join)?.of(key);
      const rows =
        stored === undefined
          ? (inMemory.get(join)?.get(key) ?? [])
          : stored.map((text) => codec.decode(text, fateCodes[fates[codec.peek(text).number] ?? 0] ?? "unread"));
      return join.order === undefined || rows.length < 2 ? rows : [...rows].sort(byColumn(join.order));
    },
    fateOf: (row) => (onDisk.size === 0 ? row.fate : (fateCodes[fates[row.number] ?? 0] ?? "unread")),
    settle(rows) {
      if (onDisk.size === 0) return; // the rows themselves remember
      for (const row of rows) fates[row.number] = fateCodes.indexOf(row.fate);
    },
    *fates() {
      for (const row of batch) yield { table: row.table, fate: row.fate, row };
      for (const [join, records] of onDisk) {
        if (homes.get(join.table) !== join) continue;
        for (const text of records.all()) {
          const { number, table } = codec.peek(text);
          const fate = fateCodes[fates[number] ?? 0] ?? "unread";
          yield { table, fate, row: fate === "unread" ? codec.decode(text, fate) : undefined };
        }
      }
    },
    close() {
      for (const records of onDisk.values()) records.close();
    },
  };
}

function byKey(join: Join, rows: readonly StoredRow[]): Map<string, StoredRow[]> {
  const lists = new Map<string, StoredRow[]>();
  for (const row of rows) {
    const key = row.table === join.table ? keyOf(row, join.columns) : undefined;
    if (key === undefined) continue;
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [row]);
    else list.push(row);
  }
  return lists;
}

/** The join columns as one ASCII text without tabs and line feeds; undefined when one of them is empty. */
function keyOf(row: Row, columns: readonly Column[]): string | undefined {
  const cells: string[] = [];
  for (const column of columns) {
    const cell = row.cells[column.index];
    if (cell === undefined) return undefined;
    cells.push(cell);
  }
  return JSON.stringify(cells).replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function byColumn({ index, type }: Column): (a: Row, b: Row) => number {
  if (type === "integer" || type === "decimal") return (a, b) => Number(a.cells[index] ?? 0) - Number(b.cells[index] ?? 0);
  return (a, b) =>
    (a.cells[index] ?? "") < (b.cells[index] ?? "") ? -1 : (a.cells[index] ?? "") > (b.cells[index] ?? "") ? 1 : 0;
}
