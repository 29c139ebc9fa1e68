import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { type CodeTable, readCodeTable, readUnitSpellings, type UnitSpellings } from "./code-table.ts";
import { compileTemplate } from "./compile-template.ts";
import type { Column, NamedTable, Table } from "./compiled.ts";
import type { Template } from "./compiled-template.ts";
import { compileExpression } from "./expression.ts";
import { type FeedDeclaration, readFeedFile } from "./feed-file.ts";
import type { MappingProblem } from "./mapped.ts";

/** A compiled feed: everything `mapExport` needs, nothing left to look up or parse. */
export interface Feed extends Omit<FeedDeclaration, "misses" | "rejections"> {
  readonly templates: readonly Template[];
  /** `<template>@<version>` of every template, for Provenance and reports. */
  readonly version: string;
  readonly unusedColumns: readonly { table: string; column: string }[];
}

/** A feed that can run, or everything that is wrong with its folder. */
export type CompileOutcome =
  | { readonly kind: "compiled"; readonly feed: Feed }
  | { readonly kind: "wrong"; readonly problems: readonly MappingProblem[] };

/**
 * Compiles `mappings/<feed>/`: feed.yaml, every other *.yaml as a template, tables/*.csv. Code tables of the region stand in `../tables/`;
 * a feed's own table of the same name wins. All problems are told at once. Throws only when the folder cannot be read.
 */
export async function compileFeed(folder: string): Promise<CompileOutcome> {
  const problems: MappingProblem[] = [];
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const texts = new Map<string, string>();
  for (const name of names) texts.set(name, await readFile(join(folder, name), "utf8"));
  const feedText = texts.get("feed.yaml");
  if (feedText === undefined) return { kind: "wrong", problems: [{ file: "feed.yaml", line: 1, reason: "is missing" }] };
  const declared = readFeedFile("feed.yaml", feedText, problems);
  if (declared === undefined) return { kind: "wrong", problems };
  const codeTables = await readCodeTables(folder, declared, problems);
  const used = new Set<Column>();
  compileRejections(declared, codeTables, used, problems);
  const templates = names
    .filter((name) => name !== "feed.yaml")
    .flatMap(
      (name) => compileTemplate(name, texts.get(name) ?? "", { tables: declared.tables, codeTables, used, problems }) ?? [],
    );
  if (templates.length === 0) problems.push({ file: "feed.yaml", line: 1, reason: "no template maps anything of this feed" });
  checkTablesAreRead(declared, templates, problems);
  if (problems.length > 0) return { kind: "wrong", problems };
  const { misses: _misses, rejections: _rejections, ...rest } = declared;
  const version = templates.map((template) => template.mapping.slice(template.mapping.indexOf("/") + 1)).join(" ");
  return { kind: "compiled", feed: { ...rest, templates, version, unusedColumns: unusedColumns(declared.tables, used) } };
}

async function readCodeTables(
  folder: string,
  declared: FeedDeclaration,
  problems: MappingProblem[],
): Promise<ReadonlyMap<string, NamedTable>> {
  const paths = new Map<string, string>();
  for (const place of [join(folder, "..", "tables"), join(folder, "tables")]) {
    for (const name of await csvNames(place)) paths.set(basename(name, ".csv"), join(place, name));
  }
  const unitsPath = paths.get("unit");
  const units: UnitSpellings =
    unitsPath === undefined
      ? new Map()
      : readUnitSpellings(relative(folder, unitsPath), await readFile(unitsPath, "utf8"), problems);
  const tables = new Map<string, NamedTable>();
  for (const [name, path] of paths) {
    if (name === "unit") continue;
    const table: CodeTable = readCodeTable(relative(folder, path), await readFile(path, "utf8"), units, problems);
    tables.set(name, { name, table, onMiss: declared.misses[name] ?? "keep" });
  }
  for (const name of Object.keys(declared.misses)) {
    if (!tables.has(name))
      problems.push({
        file: "feed.yaml",
        line: 1,
        reason: `misses names the table ${name}, and there is no tables/${name}.csv`,
      });
  }
  return tables;
}

async function csvNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".csv")).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function compileRejections(
  declared: FeedDeclaration,
  tables: ReadonlyMap<string, NamedTable>,
  used: Set<Column>,
  problems: MappingProblem[],
): void {
  for (const { table, when, reason, line } of declared.rejections) {
    const env = { columns: table.byName, lets: new Map<string, number>(), tables, used };
    const compiled = compileExpression(when, env, { mapping: "feed.yaml", line, element: `${table.name} reject` });
    if ("wrong" in compiled) problems.push({ file: "feed.yaml", line, reason: `reject ${compiled.wrong}` });
    else table.reject.push({ when: compiled.leaf, reason });
  }
}

function checkTablesAreRead(declared: FeedDeclaration, templates: readonly Template[], problems: MappingProblem[]): void {
  const read = new Set<Table>(templates.flatMap((template) => [template.table, ...template.joins.map((one) => one.table)]));
  for (const table of declared.tables.values()) {
    if (!read.has(table) && templates.length > 0)
      problems.push({ file: "feed.yaml", line: 1, reason: `no template reads the table ${table.name}` });
  }
}

function unusedColumns(tables: FeedDeclaration["tables"], used: ReadonlySet<Column>): { table: string; column: string }[] {
  return [...tables.values()].flatMap((table) =>
    table.columns
      .filter((column) => column.unused === undefined && !used.has(column))
      .map((column) => ({ table: table.name, column: column.name })),
  );
}
