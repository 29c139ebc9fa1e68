import { writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { type Command, say, sayJson } from "./command.ts";
import { exportFiles } from "./export-files.ts";
import { issueText } from "./issue-texts.ts";
import { compileAll, feedFor } from "./load-mappings.ts";
import { previewPage } from "./page/page.ts";
import { type Picked, pickSheets } from "./pick-sheets.ts";
import { depsFor } from "./stand-in.ts";
import { tablesOfColumns, templateTexts } from "./template-texts.ts";

/** Maps an export without a server and shows what came of it: a summary here, and a page to look at together. */
export const preview: Command = {
  usage: "FILE…",
  summary: "what a file becomes: a summary, and a page with source and FHIR side by side",
  needs: 1,
  async run(paths, options) {
    const files = await exportFiles(paths);
    const compiled = await feedFor(files, await compileAll(options.mappings, options.feed));
    const { feed } = compiled;
    const picked = await pickSheets(feed, files, await depsFor(feed.name, options.registry), options.sheets);
    const out = resolve(options.out ?? `preview-${feed.name}.html`);
    const tablesOf = tablesOfColumns(templateTexts(compiled));
    const page = previewPage({ feed, picked, files: files.map((file) => file.name), tablesOf, madeAt: new Date() });
    // Only for this user: the page holds what the export holds.
    writeFileSync(out, page, { mode: 0o600 });
    if (options.json) sayJson({ feed: feed.name, version: feed.version, report: picked.survey.report, page: out });
    else print(compiled.name, picked, out);
    return 0;
  },
};

function print(feed: string, { survey, sheets }: Picked, out: string): void {
  const { report, issues } = survey;
  const rows = Object.values(report.rows);
  const sum = (name: "read" | "mapped" | "skipped") => rows.reduce((total, one) => total + one[name], 0);
  say(`${feed}: ${sum("read")} rows read, ${sum("mapped")} mapped, ${sum("skipped")} not mapped`);
  say(`  became ${[...survey.resources].map(([type, count]) => `${count} ${type}`).join(", ") || "nothing"}`);
  for (const { code, count, reason, places } of issues.slice(0, 15))
    say(`  ${issueText(code).title} (${code}) ×${count}: ${reason} [${places[0]}]`);
  if (issues.length > 15) say(`  … ${issues.length - 15} more kinds of issues on the page`);
  const names = (list: readonly { table: string; column: string }[]) =>
    list.map(({ table, column }) => `${table}.${column}`).join(", ");
  if (report.unmappedColumns.length > 0) say(`  columns nobody declared: ${names(report.unmappedColumns)}`);
  if (report.unusedColumns.length > 0) say(`  columns no template reads: ${names(report.unusedColumns)}`);
  for (const { table, code, unit, count } of report.tableMisses.slice(0, 10))
    say(`  no line in ${table} for ${code}${unit === undefined ? "" : ` ${unit}`} ×${count}`);
  if (report.tableMisses.length > 10) say(`  … ${report.tableMisses.length - 10} more codes on the page`);
  say(`\nThe page shows ${sheets.length} of ${survey.sheets} sheets and holds personal data: ${relative(process.cwd(), out)}`);
}
