/** `mapping-memory.ts wide|joined MEGABYTES`: maps that much generated CSV and prints the peak of resident memory above the start, MB. */
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { mapWhole } from "../mapping/map-whole.ts";
import { standInDeps } from "../mapping/stand-in.ts";
import { reportsAndResults, wideResults } from "./mapping-rows.ts";

const [shape, megabytes] = process.argv.slice(2);
const outcome = await compileFeed(shape === "joined" ? "test/mapping/county-a" : "scripts/bench/mapping-feed");
if (outcome.kind === "wrong") throw new Error(JSON.stringify(outcome.problems));
const filesOf = (rows: number): ExportFile[] => (shape === "joined" ? reportsAndResults(rows) : [wideResults(rows)]);

const bytesPerRow = (await sizeOf(filesOf(12_000))) / 12_000;
const rows = Math.ceil((Number(megabytes) * 1e6) / bytesPerRow);
// What V8, the compiler and the tables take once is no growth: some rows are mapped before the count begins.
await mapWhole(outcome.feed, filesOf(24_000), standInDeps());
const start = process.memoryUsage.rss();
let peak = start;
let sheets = 0;
const watch = setInterval(() => look(), 50);
await mapWhole(outcome.feed, filesOf(rows), standInDeps(), {
  sheet: () => {
    if (sheets++ % 1_000 === 0) look();
  },
});
clearInterval(watch);
look();
console.log(Math.max(0, (peak - start) / 1e6).toFixed(1));

function look(): void {
  peak = Math.max(peak, process.memoryUsage.rss());
}

async function sizeOf(files: readonly ExportFile[]): Promise<number> {
  let bytes = 0;
  for (const file of files) for await (const chunk of file.open()) bytes += chunk.length;
  return bytes;
}
