/**
 * `npm run sample -- --out DIR [--seed 1] [--residents 60] [--days 90] [--today 2026-11-22]`
 * writes the sample region's exports, one folder or file each; scripts/sample/README.md tells what is in them.
 */
import { parseArgs } from "node:util";
import { makeRegionSample } from "./region-sample.ts";
import { localDay } from "./time.ts";
import { writeSample } from "./write-sample.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    seed: { type: "string", default: "1" },
    residents: { type: "string", default: "60" },
    days: { type: "string", default: "90" },
    today: { type: "string" },
  },
});
if (values.out === undefined) {
  console.error("usage: npm run sample -- --out DIR [--seed 1] [--residents 60] [--days 90] [--today YYYY-MM-DD]");
  process.exit(1);
}
const today = values.today === undefined ? new Date() : localDay(values.today, 7);
const sample = makeRegionSample({ seed: values.seed, residents: Number(values.residents), days: Number(values.days), today });
writeSample(sample, values.out);
console.log(
  `${sample.exports.length} exports of ${sample.people.length} residents, ${sample.dirt.length} deliberate faults: ${values.out}`,
);
