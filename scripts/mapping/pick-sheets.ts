import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile, MappedSheet, MappingDeps, ObservedRow } from "../../src/mapping/mapped.ts";
import { mapWhole } from "./map-whole.ts";
import { type Survey, survey } from "./survey.ts";

/** What a preview shows of an export: everything counted, the first sheets and the first issues with their rows as read. */
export interface Picked {
  readonly survey: Survey;
  readonly sheets: readonly MappedSheet[];
  readonly issues: readonly ExportIssue[];
  /** Rows as read, by place. Several rows of a nested file may stand on one line. */
  readonly rows: ReadonlyMap<string, readonly ObservedRow[]>;
}

/** Issues whose rows are shown; all are counted. */
const mostIssues = 500;
const mostAtOnePlace = 40;

/** Names a place: `file:line`. */
export function placeOf({ file, line }: { readonly file: string; readonly line?: number }): string {
  return `${file}:${line ?? 0}`;
}

/** Maps the export twice: once to see what to show, once to keep the rows of that. Memory does not grow with the files. */
export async function pickSheets(
  feed: Feed,
  files: readonly ExportFile[],
  deps: MappingDeps,
  mostSheets: number,
): Promise<Picked> {
  const sheets: MappedSheet[] = [];
  const issues: ExportIssue[] = [];
  const perTemplate = new Map<string, number>();
  const share = Math.max(5, Math.ceil(mostSheets / feed.templates.length));
  const found = await survey(feed, files, deps, {
    sheet(sheet) {
      const count = perTemplate.get(sheet.mapping) ?? 0;
      perTemplate.set(sheet.mapping, count + 1);
      if (count < share && sheets.length < mostSheets) sheets.push(sheet);
    },
    issue: (issue) => void (issues.length < mostIssues && issues.push(issue)),
  });
  const wanted = new Set([...sheets.flatMap((sheet) => sheet.members), ...issues].map(placeOf));
  const rows = new Map<string, ObservedRow[]>();
  const observe = (row: ObservedRow) => {
    const place = placeOf(row);
    if (!wanted.has(place)) return;
    const list = rows.get(place) ?? [];
    if (list.length < mostAtOnePlace) list.push(row);
    rows.set(place, list);
  };
  await mapWhole(feed, files, deps, { options: { observe } });
  return { survey: found, sheets, issues, rows };
}
