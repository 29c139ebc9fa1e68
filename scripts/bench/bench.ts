/**
 * `npm run bench [-- NAME …] [--json] [--resources N]`: measures each figure beside its baseline in one run and keeps the result in
 * docs/benchmarks.md. Names: ingest, hapi, lookup, ordering, decisions, identity, mapping; without one all of them. `--full`: mapping reads
 * up to 2 GB, hapi tries more settings. `--json` prints a line of JSON per figure; `--seed` runs `identity` on another labelled set and keeps nothing.
 */
import { parseArgs } from "node:util";
import { assembledHapi } from "../platform/hapi-build.js";
import { installSystemPrograms } from "../platform/system-programs.js";
import { benchDecisions } from "./decisions.ts";
import { type Figure, jsonLine, textLine } from "./figure.ts";
import { benchHapiSettings } from "./hapi-settings.ts";
import { benchIdentity } from "./identity.ts";
import { benchIngest } from "./ingest.ts";
import { benchLookup } from "./lookup.ts";
import { benchMapping } from "./mapping.ts";
import { benchOrdering } from "./ordering.ts";
import { reportFigures } from "./report.ts";

const benches: Readonly<Record<string, (options: { resources: number; full: boolean; seed?: string }) => Promise<Figure[]>>> = {
  ingest: benchIngest,
  hapi: benchHapiSettings,
  lookup: benchLookup,
  ordering: benchOrdering,
  decisions: benchDecisions,
  identity: benchIdentity,
  mapping: benchMapping,
};

/** Benches that need no server. */
const inProcess = ["decisions", "identity", "mapping"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    resources: { type: "string", default: "200000" },
    full: { type: "boolean", default: false },
    seed: { type: "string" },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(", ")}; known are ${Object.keys(benches).join(", ")}`);
  process.exit(1);
}
// With --json only figures go to standard output: everything else is told on standard error.
if (values.json) console.log = console.error;
if (names.some((name) => !inProcess.includes(name))) {
  await installSystemPrograms();
  await assembledHapi();
}
const options = {
  resources: Number(values.resources),
  full: values.full,
  ...(values.seed === undefined ? {} : { seed: values.seed }),
};
for (const name of names) {
  const figures = (await benches[name]?.(options)) ?? [];
  for (const figure of figures) process.stdout.write(`${values.json ? jsonLine(figure) : textLine(figure)}\n`);
  // A seed of one's own is for tuning; the report holds what the bench judges by.
  if (values.seed === undefined) reportFigures(name, figures, new Date());
}
process.exit(0);
