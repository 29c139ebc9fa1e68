import type { Row, Table } from "./compiled.ts";

/** A row that is kept until its sheet is mapped; the number tells rows apart, in the order in which they were read. */
export interface StoredRow extends Row {
  readonly number: number;
}

/** Bounds of what an export keeps at once. */
export interface Spill {
  /** Folder for what does not stay in memory. */
  readonly folder: string;
  /** Rows kept in memory. */
  readonly memoryRows: number;
  /** Characters kept in memory: rows may be long. */
  readonly memoryChars: number;
}

/** Writes rows as text without line feeds, and reads them again. Files and tables are remembered by number. */
export interface RowCodec {
  encode(row: StoredRow): string;
  decode(text: string, fate: Row["fate"]): StoredRow;
  /** Number and table of an encoded row, without reading its cells. */
  peek(text: string): { readonly number: number; readonly table: Table };
}

/** A codec for the rows of one run. */
export function createRowCodec(tables: readonly Table[]): RowCodec {
  const files: string[] = [];
  const fileNumbers = new Map<string, number>();
  const numberOf = (file: string): number => {
    const known = fileNumbers.get(file);
    if (known !== undefined) return known;
    fileNumbers.set(file, files.length);
    return files.push(file) - 1;
  };
  const tableAt = (index: string | undefined): Table => tables[Number(index)] as Table;
  return {
    encode: ({ number, table, file, line, digest, cells }) =>
      `${number} ${tables.indexOf(table)} ${numberOf(file)} ${line} ${JSON.stringify([digest, ...cells])}`,
    decode(text, fate) {
      const [number = "", table, file, line] = text.split(" ", 4);
      const [digest, ...cells] = JSON.parse(text.slice(text.indexOf("["))) as (string | null)[];
      return {
        number: Number(number),
        table: tableAt(table),
        file: files[Number(file)] ?? "",
        line: Number(line),
        digest: digest ?? "",
        cells: cells.map((cell) => cell ?? undefined),
        fate,
      };
    },
    peek(text) {
      const [number, table] = text.split(" ", 2);
      return { number: Number(number), table: tableAt(table) };
    },
  };
}

/** Roughly what a row takes in memory. */
export function charsOf(row: Row): number {
  return row.cells.reduce((sum, cell) => sum + 40 + (cell?.length ?? 0), 200);
}
