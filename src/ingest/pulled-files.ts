import { Fault } from "../kernel/fault.ts";
import type { Delivery } from "./accept-export.ts";
import type { Pull } from "./pull-file.ts";
import type { PullPlan } from "./pull-window.ts";
import type { TablePage, TableSession } from "./table-source.ts";

interface Table {
  readonly filePattern: string;
  readonly columns: readonly { readonly headers: readonly string[] }[];
}

/** What of a feed a pull needs: how its delimited files look, and its tables with the names of their files. */
export interface PulledFeed {
  readonly name: string;
  readonly format: string;
  readonly encodings: readonly string[];
  readonly delimiter: string;
  readonly tables: ReadonlyMap<string, Table>;
}

/** Counts what a pull read. */
export interface PulledCount {
  files: number;
  rows: number;
  /** Every window was read to its end. */
  ended: boolean;
}

/**
 * The rows of a pull as the files the feed's mapping reads: one for each table that has rows, UTF-8 with a byte order mark, named after the feed's
 * pattern so that the same rows are the same file. Rows stream: the database is read at the pace at which they can be stored.
 * Throws `Fault("configuration-wrong")` when the feed cannot take such files.
 */
export async function* pulledFiles(
  { session, feed, pull, plan }: { session: TableSession; feed: PulledFeed; pull: Pull; plan: PullPlan },
  count: PulledCount,
): AsyncGenerator<Delivery["files"] extends AsyncIterable<infer File> ? File : never> {
  for (const [name, window] of plan.windows) {
    const table = feed.tables.get(name);
    if (table === undefined || feed.format !== "csv" || !feed.encodings.includes("utf-8")) {
      const detail = `The pull of ${feed.name} needs a feed of format csv that takes utf-8 and has a table ${name}.`;
      throw new Fault("configuration-wrong", { detail });
    }
    const pages = session.rows(window)[Symbol.asyncIterator]();
    const first = await pages.next();
    if (first.done === true || first.value.rows.length === 0) {
      await pages.return?.();
      continue;
    }
    const leftOut = new Set((pull.tables[name]?.leave_out ?? []).map(folded));
    count.files += 1;
    const content = csvOf({ first: first.value, pages, table, delimiter: feed.delimiter, leftOut }, count);
    yield { name: table.filePattern.replaceAll("*", "pull"), content };
  }
  count.ended = true;
}

interface CsvSource {
  readonly first: TablePage;
  readonly pages: AsyncIterator<TablePage>;
  readonly table: Table;
  readonly delimiter: string;
  readonly leftOut: ReadonlySet<string>;
}

async function* csvOf({ first, pages, table, delimiter, leftOut }: CsvSource, count: PulledCount): AsyncGenerator<Uint8Array> {
  const kept = first.columns.flatMap((column, at) => (leftOut.has(folded(column)) ? [] : [{ column, at }]));
  const line = (cells: readonly (string | null)[]) =>
    `${cells.map((cell) => quoted(cell ?? "", delimiter)).join(delimiter)}\r\n`;
  yield Buffer.from(`\ufeff${line(kept.map(({ column }) => headingOf(table, column)))}`);
  try {
    for (let page: TablePage | undefined = first; page !== undefined; ) {
      count.rows += page.rows.length;
      yield Buffer.from(page.rows.map((row) => line(kept.map(({ at }) => row[at] ?? null))).join(""));
      const next: IteratorResult<TablePage> = await pages.next();
      page = next.done === true ? undefined : next.value;
    }
  } finally {
    await pages.return?.();
  }
}

/** The heading the feed knows the column by: databases spell names in capitals, small letters or as they like. */
function headingOf(table: Table, column: string): string {
  for (const { headers } of table.columns) {
    const heading = headers.find((one) => folded(one) === folded(column));
    if (heading !== undefined) return heading;
  }
  return column;
}

function folded(name: string): string {
  return name.toLowerCase();
}

function quoted(cell: string, delimiter: string): string {
  return cell.includes('"') || cell.includes(delimiter) || /[\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
