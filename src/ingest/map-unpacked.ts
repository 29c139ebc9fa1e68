import type { MappingReport, RowIssue } from "../mapping/mapped.ts";
import type { IngestDeps, MappingRun } from "./ingest-deps.ts";
import { type PackedFile, unpackFiles } from "./unpack-files.ts";

type MapExport = IngestDeps["mapExport"];

/**
 * The same mapping, of what is in the archives among the files; an archive that is not taken is an issue of the run and the other files go on. The run tells
 * how much of the unpacked bytes has been read.
 */
export function mapUnpacked(mapExport: MapExport): MapExport {
  return (feed, files, ...options) => {
    const none = mapExport(feed, [], ...options);
    if (none === undefined) return undefined;
    let run: MappingRun = none;
    let refused: readonly RowIssue[] = [];
    let percent = () => 0;
    async function* events(): MappingRun["events"] & AsyncGenerator {
      const unpacked = await unpackFiles(files);
      refused = unpacked.issues;
      for (const issue of refused) yield { kind: "issue", issue };
      const metered = meter(unpacked.files);
      percent = metered.percent;
      run = mapExport(feed, metered.files, ...options) ?? run;
      yield* run.events;
    }
    const mapping = none.mapping === undefined ? {} : { mapping: none.mapping };
    return { ...mapping, events: events(), report: () => withArchives(run.report(), refused.length), percent: () => percent() };
  };
}

/** Counts how far each file was read at most; files of unknown size do not count. */
function meter(files: readonly PackedFile[]): { readonly files: readonly PackedFile[]; percent(): number } {
  const furthest = files.map(() => 0);
  const total = files.reduce((sum, { size = 0 }) => sum + size, 0);
  async function* counted(file: PackedFile, index: number): AsyncGenerator<Uint8Array> {
    let at = 0;
    for await (const chunk of file.open()) {
      at += chunk.length;
      if (file.size !== undefined) furthest[index] = Math.max(furthest[index] ?? 0, at);
      yield chunk;
    }
  }
  return {
    files: files.map((file, index) => ({ ...file, open: () => counted(file, index) })),
    percent: () => (total === 0 ? 0 : Math.floor((100 * furthest.reduce((sum, at) => sum + at, 0)) / total)),
  };
}

function withArchives(report: MappingReport, archive: number): MappingReport {
  return archive === 0 ? report : { ...report, issues: { ...report.issues, archive } };
}
