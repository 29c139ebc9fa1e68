import type { Table } from "./compiled.ts";
import type { WrongFile } from "./decode-text.ts";

/** Where a table's columns stand in the records of one file. */
export interface Header {
  /** For each declared column the place in a record, or -1. */
  readonly places: readonly number[];
  readonly width: number;
  readonly undeclared: readonly string[];
}

/** Reads a header row: a file whose header lacks a column that is not optional, or names one twice, is a wrong file. */
export function readHeader(record: readonly string[], table: Table): Header | WrongFile {
  const names = record.map((name) => name.trim());
  const wrong = (reason: string, field?: string): WrongFile => ({
    code: "header",
    line: 1,
    ...(field === undefined ? {} : { field }),
    reason,
  });
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) return wrong(`the header names the column ${twice} twice`, twice);
  const places = table.columns.map((column) => column.headers.map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1);
  const missing = table.columns.filter(
    (column, index) => places[index] === -1 && !column.optional && column.unused === undefined,
  );
  if (missing.length > 0) {
    const list = missing.map((column) => column.headers.join(" or ")).join(", ");
    return wrong(
      `the header lacks ${missing.length === 1 ? "the column" : `${missing.length} columns:`} ${list}`,
      missing[0]?.headers[0],
    );
  }
  return { places, width: names.length, undeclared: names.filter((name, index) => name !== "" && !places.includes(index)) };
}
