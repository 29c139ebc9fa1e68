/** A table as CSV (RFC 4180, UTF-8 with the byte order mark that Excel needs); the first row holds the titles. */
export function csvTable(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("")}`;
}

/** A cell that no spreadsheet takes for a formula, also not one set to Chinese (＝). */
export function csvCell(value: string | number | undefined): string {
  const text = String(value ?? "");
  const harmless = typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
