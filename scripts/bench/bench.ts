/**
 * `npm run bench [-- NAME …] [--json] [--resources N]`: measures each figure beside its baseline in one run and keeps the result in
 * docs/benchmarks.md. Names: ingest, lookup, ordering, decisions; without one all of them. `--json` prints a line of JSON per figure.
 */
import { parseArgs } from "node:util";
import { assembledHapi } from "../platform/hapi-build.js";
import { installSystemPrograms } from "../platform/system-programs.js";
import { benchDecisions } from "./decisions.ts";
import { type Figure, jsonLine, textLine } from "./figure.ts";
import { benchIngest } from "./ingest.ts";
import { benchLookup } from "./lookup.ts";
import { benchOrdering } from "./ordering.ts";
import { reportFigures } from "./report.ts";

const benches: Readonly<Record<string, (options: { resources: number }) => Promise<Figure[]>>> = {
  ingest: benchIngest,
  lookup: benchLookup,
  ordering: benchOrdering,
  decisions: benchDecisions,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, resources: { type: "string", default: "200000" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(", ")}; known are ${Object.keys(benches).join(", ")}`);
  process.exit(1);
}
// With --json only figures go to standard output: everything else is told on standard error.
if (values.json) console.log = console.error;
await installSystemPrograms();
await assembledHapi();
for (const name of names) {
  const figures = (await benches[name]?.({ resources: Number(values.resources) })) ?? [];
  for (const figure of figures) process.stdout.write(`${values.json ? jsonLine(figure) : textLine(figure)}\n`);
  reportFigures(name, figures, new Date());
}
process.exit(0);
