import type { Column, Row } from "./compiled.ts";
import type { Join } from "./compiled-template.ts";

/** Rows of a joined table by the values of their join columns. In memory; the only place that knows how rows are kept. */
export interface JoinedRows {
  add(row: Row): void;
  /** Rows that belong to a head row, in the order the join declares, else in file order. */
  of(head: Row): Row[];
}

/** An empty store for the rows of one join. */
export function joinRows(join: Join): JoinedRows {
  const rows = new Map<string, Row[]>();
  const inOrder = join.order === undefined ? undefined : byColumn(join.order);
  return {
    add(row) {
      const key = keyOf(row, join.columns);
      if (key === undefined) return; // it can belong to no head: an orphan
      const list = rows.get(key);
      if (list === undefined) rows.set(key, [row]);
      else list.push(row);
    },
    of(head) {
      const key = keyOf(head, join.headColumns);
      const list = key === undefined ? undefined : rows.get(key);
      if (list === undefined) return [];
      return inOrder === undefined || list.length === 1 ? list : [...list].sort(inOrder);
    },
  };
}

function keyOf(row: Row, columns: readonly Column[]): string | undefined {
  let key = "";
  for (const column of columns) {
    const cell = row.cells[column.index];
    if (cell === undefined) return undefined;
    key += `${cell}\0`;
  }
  return key;
}

function byColumn({ index, type }: Column): (a: Row, b: Row) => number {
  if (type === "integer" || type === "decimal") return (a, b) => Number(a.cells[index] ?? 0) - Number(b.cells[index] ?? 0);
  return (a, b) =>
    (a.cells[index] ?? "") < (b.cells[index] ?? "") ? -1 : (a.cells[index] ?? "") > (b.cells[index] ?? "") ? 1 : 0;
}
