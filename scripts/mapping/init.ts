import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import { type Command, Mistake, say, sayJson } from "./command.ts";
import { exportFiles } from "./export-files.ts";
import { draftFeed } from "./init/draft-feed.ts";
import { draftTemplates } from "./init/draft-templates.ts";
import { meaningOf } from "./init/guess-column.ts";
import { type DraftTable, planTables } from "./init/plan-draft.ts";
import { sampleOf } from "./init/sample-tables.ts";
import { problemLine } from "./load-mappings.ts";

/** Headers of code tables that the person fills; the region's own tables serve for the rest. */
const emptyTables: Readonly<Record<string, string>> = {
  "lab-item": "source_code,source_unit,target_system,target_code,target_display,target_ucum,target_unit,factor\n",
};
/** Where the region's tables stand. */
const regionTables = "mappings/tables";

/** Drafts a feed's folder from a sample: feed.yaml with every column, and a template for each table that is recognised. */
export const init: Command = {
  usage: "FILE…",
  summary: "draft feed.yaml and templates from a sample; you finish them",
  needs: 1,
  async run(paths, options) {
    const files = await exportFiles(paths);
    const feed = options.feed ?? nameFrom(files[0]?.name ?? "");
    if (!/^[a-z0-9][a-z0-9-]*$/.test(feed))
      throw new Mistake("a feed's name is small letters, digits and dashes: --feed county-a-lis");
    const folder = resolve(options.out ?? join(options.mappings, feed));
    if (existsSync(folder) && readdirSync(folder).length > 0) throw new Mistake(`${folder} is not empty: nothing was written`);
    const sample = await sampleOf(files);
    const tables = planTables(sample);
    const { templates, todo, codeTables } = draftTemplates(feed, tables);
    mkdirSync(join(folder, "tables"), { recursive: true });
    writeFileSync(join(folder, "feed.yaml"), draftFeed(feed, sample, tables));
    for (const { file, text } of templates) writeFileSync(join(folder, file), text);
    bringTables(folder, codeTables);
    const outcome = await compileFeed(folder);
    const problems =
      outcome.kind === "wrong" ? outcome.problems.map((one) => problemLine({ name: feed, folder, problems: [] }, one)) : [];
    if (options.json) sayJson({ feed, folder, tables, templates: templates.map((one) => one.file), todo, problems });
    else print({ feed, folder, tables, templates: templates.map((one) => one.file), todo, problems, paths });
    return problems.length === 0 && todo.length === 0 ? 0 : 1;
  },
};

function nameFrom(file: string): string {
  const words = file
    .toLowerCase()
    .replace(/\.[a-z0-9]+$/, "")
    .replace(/\d{2,}/g, "");
  return words.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "new-feed";
}

/** The code tables a draft needs: empty ones to fill, and copies of the region's where the feed does not stand beside them. */
function bringTables(folder: string, names: readonly string[]): void {
  for (const name of [...names, "unit"]) {
    const file = `${name}.csv`;
    const header = emptyTables[name];
    if (header !== undefined) writeFileSync(join(folder, "tables", file), header);
    else if (!existsSync(join(dirname(folder), "tables", file)) && existsSync(join(regionTables, file)))
      copyFileSync(join(regionTables, file), join(folder, "tables", file));
  }
}

function print(result: {
  readonly feed: string;
  readonly folder: string;
  readonly tables: readonly DraftTable[];
  readonly templates: readonly string[];
  readonly todo: readonly string[];
  readonly problems: readonly string[];
  readonly paths: readonly string[];
}): void {
  const { feed, folder, tables, templates, todo, problems, paths } = result;
  const place = relative(process.cwd(), folder) || ".";
  say(`drafted ${place}: feed.yaml, ${templates.join(", ") || "no template"}\n`);
  for (const { name, kind, columns } of tables) {
    const known = columns.filter((column) => column.concept !== undefined);
    const open = columns.filter((column) => column.concept === undefined && column.place !== true);
    say(`${name}: ${kind}`);
    say(
      `  ${known.map((column) => `${column.field} = ${meaningOf(column.concept ?? "")}`).join(", ") || "no column was recognised"}`,
    );
    if (open.length > 0) say(`  not recognised: ${open.map((column) => column.field).join(", ")}`);
  }
  const institution = tables.some((table) => table.columns.some((column) => column.concept === "institution"));
  const finish = [
    ...todo,
    ...problems,
    ...(institution
      ? []
      : ["feed.yaml and the templates: the institution is FILL-IN; write the code by which the registry knows it"]),
    "tables/*.csv: one line for each code that preview counts as missed",
    'columns not recognised: use them in a template, or say unused: "why"',
    "a case: cases/<name>/export/ with a few rows, then npm run mapping -- test --update",
  ];
  say(`\n${problems.length === 0 ? "it compiles; to finish" : "to finish before it compiles"}:`);
  for (const one of finish) say(`  - ${one}`);
  say(`\nlook at it: npm run mapping -- preview ${paths.join(" ")} --mappings ${place} --feed ${feed}`);
}
