import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compileFeed, type Feed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { mapWhole } from "../mapping/map-whole.ts";
import { standInDeps } from "../mapping/stand-in.ts";
import { type Figure, percentile } from "./figure.ts";
import { admissionMessages, reportsAndResults, resultMessages, wideResults } from "./mapping-rows.ts";
import { rowsWithJsonata, rowsWithLiquid } from "./other-mappers.ts";

const wideFeed = "scripts/bench/mapping-feed";
const joinedFeed = "test/mapping/county-a";

/** Sizes of a usual run, MB of CSV; `full` goes to 2 GB, and 1 GB joined to 1 GB. */
const sizes = { usual: [10, 60], full: [10, 2_000] } as const;

/** How often each rate is measured; the middle one counts. */
const rounds = 3;

/** Mapping alone, in one process: rows and messages a second of processor time, other mappers on the same rows, and how memory grows with the file. */
export async function benchMapping({ full }: { readonly full: boolean }): Promise<Figure[]> {
  const wide = await feedIn(wideFeed);
  await rate(wide, [wideResults(20_000)], 20_000); // warms up: types, tables, the compiler of V8
  const rows = 200_000;
  const ours = await usualRate(wide, [await held(wideResults(rows))], rows);
  const some = await held(wideResults(40_000));
  const [jsonata, liquid] = [await rowsWithJsonata(some), await rowsWithLiquid(some)];
  const joined = await usualRate(await feedIn(joinedFeed), await Promise.all(reportsAndResults(rows).map(held)), rows);
  const few = await messageRate("mappings/c-lis", (count) => resultMessages(count, 4));
  const many = await messageRate("mappings/c-lis", (count) => resultMessages(count, 12));
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
    messageFigure("HL7 v2 ADT^A04 as the sample's HIS sends it (4 segments)", admissions),
    messageFigure("HL7 v2 ORU^R01 as the sample's LIS sends it (4 OBX)", few),
    { name: "mapping, HL7 v2 ORU^R01 of a panel (12 OBX)", value: many, unit: "messages/s per core", goal: "told" },
    ...(await memoryFigures(full)),
  ];
}

function messageFigure(what: string, value: number): Figure {
  return { name: `mapping, ${what}`, value, unit: "messages/s per core", goal: ">= 5000", met: value >= 5_000 };
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

/** The middle one of some runs: the first warms up, and a machine is not quiet all the time. */
async function usualRate(feed: Feed, files: readonly ExportFile[], rows: number): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) rates.push(await rate(feed, files, rows));
  return percentile(rates, 0.5);
}

async function messageRate(folder: string, messages: (count: number) => ExportFile): Promise<number> {
  const feed = await feedIn(folder);
  await rate(feed, [messages(1_000)], 1_000);
  return usualRate(feed, [await held(messages(10_000))], 10_000);
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
    for (const megabytes of sizes[full ? "full" : "usual"]) {
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
  // The flag is the engine's own (scripts/platform/engine.js).
  const args = ["--max-semi-space-size=4", script, shape, String(megabytes)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 20 });
  return Number(stdout.trim().split("\n").at(-1));
}
