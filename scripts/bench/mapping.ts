import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compileFeed, type Feed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { mapWhole } from "../mapping/map-whole.ts";
import { standInDeps } from "../mapping/stand-in.ts";
import type { Figure } from "./figure.ts";
import { admissionMessages, reportsAndResults, resultMessages, wideResults } from "./mapping-rows.ts";
import { rowsWithJsonata, rowsWithLiquid } from "./other-mappers.ts";

const wideFeed = "scripts/bench/mapping-feed";
const joinedFeed = "test/mapping/county-a";

/** Sizes of a quick run, MB of CSV; `full` goes to 2 GB, and 1 GB joined to 1 GB. */
const sizes = { quick: [10, 60], full: [10, 2_000] } as const;

/** Mapping alone, in one process: rows and messages a second of processor time, other mappers on the same rows, and how memory grows with the file. */
export async function benchMapping({ full }: { readonly full: boolean }): Promise<Figure[]> {
  const wide = await feedIn(wideFeed);
  await rate(wide, [wideResults(20_000)], 20_000); // warms up: types, tables, the compiler of V8
  const rows = 200_000;
  const ours = await rate(wide, [await held(wideResults(rows))], rows);
  const some = await held(wideResults(40_000));
  const [jsonata, liquid] = [await rowsWithJsonata(some), await rowsWithLiquid(some)];
  const joined = await rate(await feedIn(joinedFeed), await Promise.all(reportsAndResults(rows).map(held)), rows);
  const messages = await messageRate("mappings/c-lis", resultMessages);
  const admissions = await messageRate("mappings/c-adt", admissionMessages);
  return [
    {
      name: "mapping, GB18030 CSV to Observation JSON",
      value: ours,
      unit: "rows/s per core",
      goal: ">= 20000",
      met: ours >= 20_000,
    },
    against("mapping, the same rows through JSONata", ours, jsonata),
    against("mapping, the same rows through Liquid", ours, liquid),
    { name: "mapping, reports and results of two files joined", value: joined, unit: "rows/s per core", goal: "told" },
    {
      name: "mapping, HL7 v2 ADT",
      value: admissions,
      unit: "messages/s per core",
      goal: ">= 5000",
      met: admissions >= 5_000,
    },
    {
      name: "mapping, HL7 v2 ORU of 12 results",
      value: messages,
      unit: "messages/s per core",
      goal: ">= 5000",
      met: messages >= 5_000,
    },
    ...(await memoryFigures(full)),
  ];
}

function against(name: string, value: number, baseline: number): Figure {
  return {
    name,
    value,
    unit: "rows/s per core",
    baseline,
    ratio: value / baseline,
    goal: "ratio >= 1",
    met: value >= baseline,
  };
}

async function feedIn(folder: string): Promise<Feed> {
  const outcome = await compileFeed(folder);
  if (outcome.kind === "compiled") return outcome.feed;
  throw new Error(`${folder}: ${outcome.problems.map(({ file, line, reason }) => `${file}:${line} ${reason}`).join("; ")}`);
}

/** Rows a second of processor time, every resource written as JSON, issues and coverage counted. Throws when a row was not mapped. */
async function rate(feed: Feed, files: readonly ExportFile[], rows: number): Promise<number> {
  let bytes = 0;
  const start = process.cpuUsage();
  const { report } = await mapWhole(feed, files, standInDeps(), {
    sheet: ({ members }) => {
      for (const { resource } of members) bytes += JSON.stringify(resource).length;
    },
  });
  const { user, system } = process.cpuUsage(start);
  const lost = Object.values(report.rows).reduce((sum, counts) => sum + counts.skipped, 0);
  if (lost > 0 || bytes === 0) throw new Error(`${feed.name}: ${lost} rows were not mapped: ${JSON.stringify(report.issues)}`);
  return rows / ((user + system) / 1e6);
}

async function messageRate(folder: string, messages: (count: number) => ExportFile): Promise<number> {
  const feed = await feedIn(folder);
  await rate(feed, [messages(1_000)], 1_000);
  return rate(feed, [await held(messages(10_000))], 10_000);
}

/** The file in memory, so that making it is not measured. */
async function held(file: ExportFile): Promise<ExportFile> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open()) chunks.push(chunk);
  return {
    name: file.name,
    async *open() {
      yield* chunks;
    },
  };
}

/** Peak of resident memory above the start, each size in a process of its own. */
async function memoryFigures(full: boolean): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const shape of ["wide", "joined"] as const) {
    for (const megabytes of sizes[full ? "full" : "quick"]) {
      const value = await peakOf(shape, megabytes);
      const what = shape === "wide" ? "one CSV" : "two CSVs joined";
      figures.push({
        name: `mapping, memory above start, ${what} of ${megabytes} MB`,
        value,
        unit: "MB",
        goal: "<= 150",
        met: value <= 150,
      });
    }
  }
  return figures;
}

async function peakOf(shape: string, megabytes: number): Promise<number> {
  const script = new URL("mapping-memory.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script, shape, String(megabytes)], { maxBuffer: 1 << 20 });
  return Number(stdout.trim().split("\n").at(-1));
}
