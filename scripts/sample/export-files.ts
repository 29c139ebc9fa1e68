import iconv from "iconv-lite";

/** One row of an export: column name to printed text. */
export type Row = Record<string, string>;

/** Prints rows as delimited text: header first; cells with a comma, quote or line break are quoted. */
export function csvText(columns: readonly string[], rows: readonly Row[], newline = "\r\n"): string {
  const lines = rows.map((row) => columns.map((column) => csvCell(row[column] ?? "-")).join(","));
  return [columns.join(","), ...lines, ""].join(newline);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Text as GB18030 bytes. Throws when a character would not survive the way back. */
export function gb18030(text: string): Buffer {
  const bytes = iconv.encode(text, "gb18030");
  if (new TextDecoder("gb18030", { fatal: true }).decode(bytes) !== text)
    throw new Error("a character of the sample has no true GB18030 form");
  return bytes;
}

/** Text as GBK bytes; what GBK lacks becomes `?`, as old systems write it. */
export function gbk(text: string): Buffer {
  return iconv.encode(text, "gbk");
}

/** Text as UTF-8 with a byte order mark, as spreadsheet programs save CSV. */
export function utf8WithBom(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, "utf8");
}
