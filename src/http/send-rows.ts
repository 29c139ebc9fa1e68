import type { ServerResponse } from "node:http";
import { ExportIssue } from "./contract/export.ts";
import { csvCell } from "./csv.ts";
import { end, write } from "./sending.ts";

const columns = Object.keys(ExportIssue.shape) as (keyof ExportIssue)[];

/** Streams the issues of an export, however many, as a JSON array or as CSV (RFC 4180, UTF-8 with the byte order mark that Excel needs). */
export async function sendRows(
  response: ServerResponse,
  rows: AsyncIterable<ExportIssue>,
  format: "json" | "csv",
): Promise<void> {
  const csv = format === "csv";
  response.setHeader("Content-Type", csv ? "text/csv; charset=utf-8" : "application/json; charset=utf-8");
  let first = true;
  if (csv) await write(response, `\ufeff${columns.join(",")}\r\n`);
  for await (const row of rows) {
    if (response.destroyed) return;
    const issue = ExportIssue.parse(row);
    await write(
      response,
      csv
        ? `${columns.map((column) => csvCell(issue[column])).join(",")}\r\n`
        : `${first ? "[" : ","}\n${JSON.stringify(issue)}`,
    );
    first = false;
  }
  await end(response, csv ? "" : first ? "[]" : "\n]");
}
