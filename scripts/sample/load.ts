/**
 * `node scripts/run.js scripts/sample/load.ts [--seed 1] [--residents 60] [--days 90]`
 * delivers the sample region to the running platform as its hospitals would: exports over HTTP, C's messages over MLLP. The region's day is
 * remembered beside the platform's data, so that a second run delivers the same bytes and changes nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { explain } from "../client/explain.ts";
import { type Platform, readPlatform } from "../client/platform.ts";
import { createSignIn } from "../client/sign-in.ts";
import { deliverFeed, deliverMessages } from "./deliver.ts";
import { makeRegionSample, type RegionSample } from "./region-sample.ts";
import { createSummary } from "./summary.ts";
import { writeSample } from "./write-sample.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    residents: { type: "string", default: "60" },
    days: { type: "string", default: "90" },
  },
});

try {
  const platform = readPlatform();
  const today = dayOf(platform);
  const sample = makeRegionSample({ seed: values.seed, residents: Number(values.residents), days: Number(values.days), today });
  writeSample(sample, join(platform.dir, "sample"));
  const failed = await deliver(platform, sample);
  console.log(`the files are in ${join(platform.dir, "sample")}; what was made wrong on purpose is listed in dirt.json there`);
  process.exitCode = failed > 0 ? 1 : 0;
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}

/** Delivers all feeds side by side, each in its order; how many deliveries failed. */
async function deliver(platform: Platform, { exports }: RegionSample): Promise<number> {
  const signIn = createSignIn(platform);
  const summary = createSummary(exports.length);
  const of = (...feeds: string[]) => exports.filter((one) => feeds.includes(one.feed));
  const began = performance.now();
  await Promise.all([
    deliverFeed({ platform, signIn, client: "quality-centre", exports: of("quality-certificates"), summary }),
    deliverFeed({ platform, signIn, client: "a-his", exports: of("a-tb"), summary }),
    deliverFeed({ platform, signIn, client: "b-platform", exports: of("b-snake", "b-cda"), summary }),
    deliverFeed({ platform, signIn, client: "c-shared-his", exports: of("c-poct"), summary }),
    deliverFeed({ platform, signIn, client: "d-his", exports: of("d-tb"), summary }),
    deliverMessages({ platform, signIn, messages: of("c-adt", "c-lis"), summary }),
  ]);
  summary.print((performance.now() - began) / 1000);
  return summary.failed();
}

/** The day the sample was first made for this platform. */
function dayOf({ dir }: Platform): Date {
  const file = join(dir, "sample", "today.txt");
  if (existsSync(file)) return new Date(readFileSync(file, "utf8").trim());
  const today = new Date();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${today.toISOString()}\n`);
  return today;
}
