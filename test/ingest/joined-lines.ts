import type { MappingRun } from "../../src/ingest/ingest-deps.ts";
import type { ExportFile, MapOptions, MappedSheet, OrphanRow, RowIssue } from "../../src/mapping/mapped.ts";
import { type ReportTold, reportSheet, tenant } from "./sheets.ts";

/** One line of a file: the head of a report, one of its rows, or (`bad`) a row that becomes an issue as soon as its report is known. */
export type Line =
  | { readonly head: string; readonly order?: string; readonly digest?: string; readonly state?: "present" | "retracted" }
  | { readonly row: string; readonly of: string; readonly digest?: string; readonly bad?: boolean };

/** The text of a file with these lines. */
export function linesText(lines: readonly Line[]): string {
  return lines.map((line) => JSON.stringify(line)).join("\n");
}

type Placed = Line & { readonly file: string; readonly line: number };

type Event = MappingRun["events"] extends AsyncIterable<infer E> ? E : never;

/** A mapping as ingest sees it: heads and rows of all files of an export are joined; rows without a head are orphans. */
export function mapLines(_feed: string, files: readonly ExportFile[], options: MapOptions = {}): MappingRun {
  const issues: Record<string, number> = {};
  async function* events(): AsyncGenerator<Event> {
    const placed: Placed[] = [];
    for (const file of files) placed.push(...(await linesOf(file, options)));
    const heads = placed.filter((line) => "head" in line);
    for (const head of heads) yield* eventsOf(head, rowsOf(placed, head.head), issues);
    const known = new Set(heads.map((head) => head.head));
    for (const row of placed) if ("of" in row && !known.has(row.of)) yield { kind: "orphan", orphan: orphanOf(row, row.of) };
  }
  const report = () => ({ rows: {}, unmappedColumns: [], unusedColumns: [], tableMisses: [], issues });
  return { events: events(), report };
}

function rowsOf(placed: readonly Placed[], head: string): Placed[] {
  return placed.filter((line) => "of" in line && line.of === head);
}

function* eventsOf(head: Placed, rows: readonly Placed[], issues: Record<string, number>): Generator<Event> {
  for (const row of rows.filter((one) => "bad" in one)) {
    issues["bad-value"] = (issues["bad-value"] ?? 0) + 1;
    yield { kind: "issue", issue: badValue(row) };
  }
  const good = rows.filter((row) => !("bad" in row));
  yield { kind: "sheet", sheet: sheetOf(head, good) };
}

async function linesOf(file: ExportFile, options: MapOptions): Promise<Placed[]> {
  let text = "";
  for await (const block of file.open()) text += Buffer.from(block).toString();
  return text.split("\n").flatMap((line, index) => {
    const wanted = options.only?.(file.name, index + 1) ?? true;
    return wanted ? [{ ...(JSON.parse(line) as Line), file: file.name, line: index + 1 }] : [];
  });
}

function badValue({ file, line }: Placed): RowIssue {
  return { severity: "error", code: "bad-value", file, line, reason: "not a number" };
}

function orphanOf({ file, line }: Placed, head: string): OrphanRow {
  return { tenant, head: `DiagnosticReport/${head}`, table: "result", file, line };
}

function sheetOf(head: Placed, rows: readonly Placed[]): MappedSheet {
  if (!("head" in head)) throw new TypeError("no head");
  const { order, digest, state } = head;
  const told: ReportTold = {
    report: head.head,
    ...(order === undefined ? {} : { order }),
    ...(digest === undefined ? {} : { digest }),
    ...(state === undefined ? {} : { state }),
    rows: rows.flatMap((row) =>
      "of" in row ? [{ row: row.row, ...(row.digest === undefined ? {} : { digest: row.digest }) }] : [],
    ),
  };
  const sheet = reportSheet(told);
  // As the mapping numbers them: each member by its own row.
  const members = sheet.members.map((member, index) => {
    const { file, line } = [head, ...rows][index] ?? head;
    return { ...member, file, line };
  });
  return { ...sheet, members };
}
