import type { Feed } from "../../src/mapping/compile-feed.ts";
import { type Command, say, sayJson } from "./command.ts";
import { exportFiles } from "./export-files.ts";
import { issueText } from "./issue-texts.ts";
import { type Compiled, compileAll, feedFor } from "./load-mappings.ts";
import { depsFor } from "./stand-in.ts";
import { type Survey, survey } from "./survey.ts";
import { elementsOfTemplates, templateTexts } from "./template-texts.ts";

/** What of a file the mapping uses, and what of the mapping the file fills. */
interface Coverage {
  readonly feed: string;
  readonly version: string;
  readonly rows: Survey["report"]["rows"];
  readonly resources: Readonly<Record<string, number>>;
  readonly columns: readonly TableCoverage[];
  readonly codesMissed: Survey["report"]["tableMisses"];
  /** Elements that FHIR requires and that came out empty, with the number of rows. */
  readonly requiredEmpty: Readonly<Record<string, number>>;
  /** Elements that a profile of the platform requires and that none of its resources has; ingest refuses these resources. */
  readonly requiredByProfile: Readonly<Record<string, readonly string[]>>;
  /** Elements the templates name and no row filled. */
  readonly neverFilled: Readonly<Record<string, readonly string[]>>;
  /** Issues by code, row by reason. */
  readonly issues: readonly {
    readonly code: string;
    readonly count: number;
    readonly reason: string;
    readonly first: string;
  }[];
}

interface TableCoverage {
  readonly table: string;
  readonly read: readonly string[];
  /** Read by a template, but without a value in every row. */
  readonly empty: readonly string[];
  /** Declared, but no template reads them. */
  readonly unread: readonly string[];
  /** Left out on purpose: column and reason. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** In the file, but not declared in feed.yaml. */
  readonly undeclared: readonly string[];
}

/** Tells, for one export, which columns are read, which codes are missed, which elements stay empty and why rows were left out. */
export const coverage: Command = {
  usage: "FILE…",
  summary: "what of a file is used, what is not, and why rows were left out",
  needs: 1,
  async run(paths, options) {
    const files = await exportFiles(paths);
    const compiled = await feedFor(files, await compileAll(options.mappings, options.feed));
    const found = await survey(compiled.feed, files, await depsFor(compiled.feed.name, options.registry));
    const result = coverageOf(compiled, found);
    if (options.json) sayJson(result);
    else print(result);
    return 0;
  },
};

function coverageOf(compiled: Compiled & { feed: Feed }, found: Survey): Coverage {
  const { feed, name } = compiled;
  const { report, issues } = found;
  const empty = issues.filter(({ code }) => code === "missing-element");
  return {
    feed: name,
    version: feed.version,
    rows: report.rows,
    resources: Object.fromEntries(found.resources),
    columns: [...feed.tables.values()].map((table) => tableCoverage(table, found)),
    codesMissed: report.tableMisses,
    requiredEmpty: Object.fromEntries(
      Map.groupBy(empty, ({ element = "" }) => element)
        .entries()
        .map(([element, some]) => [element, sum(some)]),
    ),
    requiredByProfile: requiredByProfile(found),
    neverFilled: neverFilled(compiled, found),
    issues: issues.map(({ code, count, reason, places }) => ({ code, count, reason, first: places[0] ?? "" })),
  };
}

function requiredByProfile({ required }: Survey): Record<string, string[]> {
  return Object.fromEntries(
    [...required].flatMap(([profile, { resources, missing }]) => {
      const never = [...missing].filter(([, count]) => count === resources).map(([element]) => element);
      return never.length === 0 ? [] : [[profile, never]];
    }),
  );
}

function tableCoverage(table: Feed["tables"] extends ReadonlyMap<string, infer T> ? T : never, found: Survey): TableCoverage {
  const { report, cells } = found;
  const unread = new Set(report.unusedColumns.filter((one) => one.table === table.name).map((one) => one.column));
  const leftOut = table.columns.filter((column) => column.unused !== undefined);
  const used = table.columns.filter((column) => column.unused === undefined && !unread.has(column.name));
  const rows = report.rows[table.name]?.read ?? 0;
  const hasValue = (name: string) => rows === 0 || (cells.get(table.name)?.get(name) ?? 0) > 0;
  return {
    table: table.name,
    read: used.map((column) => column.name).filter(hasValue),
    empty: used.map((column) => column.name).filter((name) => !hasValue(name)),
    unread: [...unread],
    leftOut: Object.fromEntries(leftOut.map((column) => [column.name, column.unused ?? ""])),
    undeclared: report.unmappedColumns.filter((one) => one.table === table.name).map((one) => one.column),
  };
}

/** Only of templates that made something: what was never asked for is no gap. */
function neverFilled(compiled: Compiled, { filled }: Survey): Record<string, string[]> {
  const elements = elementsOfTemplates(templateTexts(compiled));
  return Object.fromEntries(
    [...filled].flatMap(([mapping, counts]) => {
      const named = elements.get(mapping.slice(0, mapping.lastIndexOf("@"))) ?? [];
      const isFilled = (path: string) => [...counts.keys()].some((one) => one === path || one.startsWith(`${path}.`));
      const missing = named.filter((path) => !isFilled(path));
      return missing.length === 0 ? [] : [[mapping, missing]];
    }),
  );
}

function sum(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}

function print(result: Coverage): void {
  say(`${result.feed}: ${result.version}\n`);
  say("rows");
  for (const [table, { read, mapped, skipped }] of Object.entries(result.rows))
    say(
      `  ${table.padEnd(18)} ${String(read).padStart(8)} read ${String(mapped).padStart(8)} mapped ${String(skipped).padStart(8)} not mapped`,
    );
  say(
    `\nresources  ${
      Object.entries(result.resources)
        .map(([type, count]) => `${type} ${count}`)
        .join(", ") || "none"
    }`,
  );
  printColumns(result.columns);
  if (result.codesMissed.length > 0) say("\ncodes that no table translates");
  for (const { table, code, unit, count } of result.codesMissed)
    say(`  ${table}: ${code}${unit === undefined ? "" : ` ${unit}`}  ×${count}`);
  for (const [element, count] of Object.entries(result.requiredEmpty)) say(`\nrequired and empty: ${element} ×${count}`);
  for (const [profile, elements] of Object.entries(result.requiredByProfile))
    say(`\nrequired by the profile ${profile} and never filled: ${elements.join(", ")}`);
  if (Object.keys(result.neverFilled).length > 0) say("\nelements that no row filled");
  for (const [mapping, elements] of Object.entries(result.neverFilled)) say(`  ${mapping}: ${elements.join(", ")}`);
  say(result.issues.length === 0 ? "\nno issues" : "\nissues");
  for (const { code, count, reason, first } of result.issues)
    say(`  ${code} ${issueText(code).title} ×${count}  first ${first}\n      ${reason}`);
}

function printColumns(columns: Coverage["columns"]): void {
  say("\ncolumns");
  for (const { table, read, empty, unread, leftOut, undeclared } of columns) {
    say(`  ${table}: ${read.length} read`);
    if (empty.length > 0) say(`    without a value in this file: ${empty.join(", ")}`);
    if (unread.length > 0) say(`    declared, read by no template: ${unread.join(", ")}`);
    if (undeclared.length > 0) say(`    in the file, not declared: ${undeclared.join(", ")}`);
    for (const [column, why] of Object.entries(leftOut)) say(`    left out: ${column} (${why})`);
  }
}
