import type { Table } from "./compiled.ts";
import type { WrongFile } from "./source-row.ts";

/** Where a table's columns stand in the records of one file. */
export interface Header {
  /** For each declared column the place in a record, or -1. */
  readonly places: readonly number[];
  readonly width: number;
  readonly undeclared: readonly string[];
}

/**
 * Reads a header row: a file whose header lacks a column that is not optional, or names one twice, is a wrong file. Names are told only when the line
 * is seen to be a header: else they are somebody's data.
 */
export function readHeader(record: readonly string[], table: Table): Header | WrongFile {
  const names = record.map((name) => name.trim());
  const wrong = (reason: string, field?: string): WrongFile => ({
    code: "header",
    line: 1,
    ...(field === undefined ? {} : { field }),
    reason,
  });
  const declared = new Set(table.columns.flatMap((column) => column.headers));
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined && declared.has(twice)) return wrong(`the header names the column ${twice} twice`, twice);
  const places = table.columns.map((column) => column.headers.map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1);
  const missing = table.columns.filter(
    (column, index) => places[index] === -1 && !column.optional && column.unused === undefined,
  );
  if (missing.length > 0) {
    const list = missing.map((column) => column.headers.join(" or ")).join(", ");
    return wrong(
      `the header lacks ${missing.length === 1 ? "the column" : `${missing.length} columns:`} ${list}${hintFor(names, declared)}`,
      missing[0]?.headers[0],
    );
  }
  if (twice !== undefined)
    return wrong(
      `the columns ${names.indexOf(twice) + 1} and ${names.lastIndexOf(twice) + 1} of the header have the same name`,
    );
  return { places, width: names.length, undeclared: names.filter((name, index) => name !== "" && !places.includes(index)) };
}

/** What may be the matter with a line that lacks headings. */
function hintFor(names: readonly string[], declared: ReadonlySet<string>): string {
  const known = names.filter((name) => declared.has(name)).length;
  if (known === 0 && names.length === 1)
    return "; the whole line was read as one column: is the delimiter another than the feed says?";
  if (known === 0) return "; none of the feed's headings stands in the first line: does the file begin without a header?";
  const others = names.filter((name) => name !== "" && !declared.has(name));
  if (others.length === 0 || known * 2 < names.length) return "";
  const some = others.slice(0, 5).join(", ");
  return `; it has ${some}${others.length > 5 ? ", …" : ""}, which the feed does not declare: a new name of a column belongs to its header in feed.yaml`;
}
