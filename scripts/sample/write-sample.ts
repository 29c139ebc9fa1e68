import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SampleExport } from "./events.ts";
import { csvText } from "./export-files.ts";
import { type ItemDialect, itemTable } from "./items.ts";
import type { RegionSample } from "./region-sample.ts";

const itemTables: readonly (readonly [feed: string, dialects: readonly ItemDialect[]])[] = [
  ["a-tb", ["a", "a2"]],
  ["b-snake", ["b"]],
  ["c-lis", ["c"]],
];

/** Writes a sample as folders; what an earlier run wrote there is removed first. */
export function writeSample(sample: RegionSample, folder: string): void {
  for (const made of sample.exports) rmSync(join(folder, made.feed), { recursive: true, force: true });
  for (const made of sample.exports) {
    for (const file of made.files) put(pathOf(folder, made, file.name), file.bytes);
  }
  for (const [feed, dialects] of itemTables) {
    const table = itemTable(dialects);
    put(join(folder, `items-${feed}.csv`), csvText(Object.keys(table[0] ?? {}), table, "\n"));
  }
  put(join(folder, "people.json"), `${JSON.stringify(sample.people, null, 1)}\n`);
  put(join(folder, "dirt.json"), `${JSON.stringify(sample.dirt, null, 1)}\n`);
}

/** Messages of one day share a folder; files of an export have one of their own. */
function pathOf(folder: string, made: SampleExport, file: string): string {
  return made.feed === "c-adt" || made.feed === "c-lis"
    ? join(folder, made.feed, `${made.name}.hl7`)
    : join(folder, made.feed, made.name, file);
}

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
