import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Compared, diffMappings, type MappingDifference, type ResourceChange } from "../../src/mapping/diff-mappings.ts";
import { mapExport } from "../../src/mapping/map-export.ts";
import { type Command, Mistake, say, sayJson } from "./command.ts";
import { exportFiles } from "./export-files.ts";
import { compileAll, feedFor } from "./load-mappings.ts";
import { depsFor } from "./stand-in.ts";

const examplesShown = 3;

/** Maps the same files with two folders of mappings and tells what differs, by element, with examples. */
export const diff: Command = {
  usage: "OLD NEW FILE…",
  summary: "what another version of a mapping changes for the same files",
  needs: 3,
  async run([old = "", fresh = "", ...paths], options) {
    const files = await exportFiles(paths);
    const after = await feedFor(files, await compileAll(fresh, isFeed(fresh) ? undefined : options.feed));
    const before = await feedFor(files, await compileAll(old, isFeed(old) ? undefined : (options.feed ?? after.name)));
    if (before.feed.name !== after.feed.name)
      throw new Mistake(`these are two feeds: ${before.feed.name} and ${after.feed.name}; their ids never meet`);
    const deps = await depsFor(after.feed.name, options.registry);
    const examples = new Map<string, string[]>();
    const result = await diffMappings(mapExport(before.feed, files, deps), mapExport(after.feed, files, deps), (change) =>
      noteExamples(examples, change),
    );
    if (options.json) sayJson(result);
    else print(result, examples, { before: before.feed.version, after: after.feed.version });
    return 0;
  },
};

function isFeed(folder: string): boolean {
  return existsSync(join(folder, "feed.yaml"));
}

function noteExamples(examples: Map<string, string[]>, { file, line, elements }: ResourceChange): void {
  for (const { element, kind, before, after } of elements) {
    const list = examples.get(element) ?? [];
    if (list.length >= examplesShown) continue;
    const [from, to] = [before ?? "", after ?? ""].map((text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text));
    list.push(`${file}:${line}  ${kind === "changed" ? `${from} → ${to}` : kind === "added" ? `+ ${to}` : `- ${from}`}`);
    examples.set(element, list);
  }
}

function print(
  result: MappingDifference,
  examples: ReadonlyMap<string, readonly string[]>,
  versions: { readonly before: string; readonly after: string },
): void {
  say(`old  ${versions.before}`);
  say(`new  ${versions.after}\n`);
  say(`${"".padEnd(22)}${["same", "changed", "added", "lost"].map((name) => name.padStart(9)).join("")}`);
  say(rowOf("sheets", result.sheets));
  for (const [type, counts] of Object.entries(result.resources)) say(rowOf(`  ${type}`, counts));
  const { rows, issues } = result;
  say(`\nrows mapped ${rows.before.mapped} → ${rows.after.mapped}, not mapped ${rows.before.skipped} → ${rows.after.skipped}`);
  for (const code of new Set([...Object.keys(issues.before), ...Object.keys(issues.after)]))
    if (issues.before[code] !== issues.after[code])
      say(`issue ${code} ${issues.before[code] ?? 0} → ${issues.after[code] ?? 0}`);
  const elements = Object.entries(result.elements);
  say(elements.length === 0 ? "\nno element differs" : "\nelements that differ (resources)");
  for (const [element, { changed, added, lost }] of elements) {
    const parts = [changed && `${changed} changed`, added && `${added} added`, lost && `${lost} lost`].filter(Boolean);
    say(`  ${element}: ${parts.join(", ")}`);
    for (const example of examples.get(element) ?? []) say(`      ${example}`);
  }
  if (result.unpaired > 0) say(`\n${result.unpaired} sheets came too far apart to be compared; they count as lost and added`);
}

function rowOf(name: string, { same, changed, added, lost }: Compared): string {
  return `${name.padEnd(22)}${[same, changed, added, lost].map((count) => String(count).padStart(9)).join("")}`;
}
