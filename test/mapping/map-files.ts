import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { compileFeed, type Feed } from "../../src/mapping/compile-feed.ts";
import { mapExport } from "../../src/mapping/map-export.ts";
import type {
  ExportFile,
  MapOptions,
  MappedMerge,
  MappedSheet,
  MappingDeps,
  MappingReport,
  OrphanRow,
  RowIssue,
} from "../../src/mapping/mapped.ts";

/** What a whole mapping gave. */
export interface Mapped {
  readonly sheets: MappedSheet[];
  readonly issues: RowIssue[];
  readonly orphans: OrphanRow[];
  readonly merges: MappedMerge[];
  readonly report: MappingReport;
}

// Codes by which the sample region's suppliers name institutions.
const known: Readonly<Record<string, { tenant: string; campus?: string }>> = {
  "a-his/0001": { tenant: "a-provincial", campus: "0001" },
  "a-his/0002": { tenant: "a-provincial", campus: "0002" },
  "b-platform/12990100HTDEM0022M": { tenant: "b-central" },
  "c-shared-his/XRMYY": { tenant: "c-county" },
  "c-shared-his/LWWSY": { tenant: "c-town-1" },
  "c-shared-his/KHJYS": { tenant: "c-thirdlab" },
  "b-platform/HTDEM0022": { tenant: "b-central" },
  "d-his/PDY20001": { tenant: "d-second" },
  "quality-centre/LHLJZX": { tenant: "quality-centre" },
  "quality-centre/12990100HTDEM0014T": { tenant: "a-provincial" },
  "quality-centre/12990100HTDEM0022M": { tenant: "b-central" },
  "quality-centre/91990100HTDEM0065X": { tenant: "c-thirdlab" },
  "/0001": { tenant: "county-a" },
};

/** Readable ids (`lab-report.0001.20261119.100001`), short digests, the institutions of the sample region, a clock that stands still. */
export const testDeps: MappingDeps = {
  ids: (_institution, _type, kind, ...key) => [kind, ...key].join(".").replace(/[^\w.-]/g, "-") as ResourceId,
  digest: (...cells) => createHash("sha256").update(JSON.stringify(cells)).digest("hex").slice(0, 12),
  institutionOf: (supplier, code) => known[`${supplier}/${code}`] as { tenant: InstitutionCode; campus?: string } | undefined,
  now: () => new Date("2026-11-22T06:00:00Z"),
};

/** Compiles a feed or fails with all its problems. */
export async function feedIn(folder: string): Promise<Feed> {
  const outcome = await compileFeed(folder);
  if (outcome.kind === "wrong")
    throw new Error(outcome.problems.map((one) => `${one.file}:${one.line} ${one.reason}`).join("\n"));
  return outcome.feed;
}

/** A file of an export from bytes or text, delivered in pieces of `piece` bytes. */
export function fileOf(name: string, content: Uint8Array | string, piece = 1 << 20): ExportFile {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return {
    name,
    async *open() {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    },
  };
}

/** The files of a folder, by name. */
export function filesIn(folder: string): ExportFile[] {
  return readdirSync(folder)
    .sort()
    .map((name) => fileOf(name, readFileSync(`${folder}/${name}`)));
}

/** Maps files to the end. */
export async function mapFiles(
  feed: Feed,
  files: readonly ExportFile[],
  deps: MappingDeps = testDeps,
  options: MapOptions = {},
): Promise<Mapped> {
  const run = mapExport(feed, files, deps, options);
  const [sheets, issues, orphans, merges]: [MappedSheet[], RowIssue[], OrphanRow[], MappedMerge[]] = [[], [], [], []];
  for await (const event of run.events) {
    if (event.kind === "sheet") sheets.push(event.sheet);
    else if (event.kind === "issue") issues.push(event.issue);
    else if (event.kind === "orphan") orphans.push(event.orphan);
    else merges.push(event.merge);
  }
  return { sheets, issues, orphans, merges, report: run.report() };
}

/** Rows in = rows that became part of a sheet or an issue, table by table. */
export function unaccountedRows(report: MappingReport): number {
  return Object.values(report.rows).reduce((sum, { read, mapped, skipped }) => sum + read - mapped - skipped, 0);
}
