import type { Feed } from "../../src/mapping/compile-feed.ts";
import { mapExport } from "../../src/mapping/map-export.ts";
import type {
  ExportFile,
  MapOptions,
  MappedSheet,
  MappingDeps,
  MappingReport,
  OrphanRow,
  RowIssue,
} from "../../src/mapping/mapped.ts";

/** What is seen while an export is mapped; nothing is kept. */
export interface Watcher {
  sheet?(sheet: MappedSheet): void;
  issue?(issue: RowIssue): void;
  readonly options?: MapOptions;
}

/** A row that waits for its report is told as an issue here: nobody will bring the report to this run. */
function orphanIssue({ file, line, table }: OrphanRow): RowIssue {
  const reason = `no sheet in this export has the key of this ${table} row; on the platform the row waits for it`;
  return { severity: "warning", code: "orphan", file, line, reason };
}

/** Maps an export from its first byte to its last. */
export async function mapWhole(
  feed: Feed,
  files: readonly ExportFile[],
  deps: MappingDeps,
  watcher: Watcher = {},
): Promise<{ readonly report: MappingReport }> {
  const run = mapExport(feed, files, deps, watcher.options);
  for await (const event of run.events) {
    if (event.kind === "sheet") watcher.sheet?.(event.sheet);
    else if (event.kind === "issue") watcher.issue?.(event.issue);
    else if (event.kind === "orphan") watcher.issue?.(orphanIssue(event.orphan));
  }
  return { report: run.report() };
}
