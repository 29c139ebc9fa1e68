import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type CodeTable, readCodeTable, readUnitSpellings, type UnitSpellings } from "./code-table.ts";
import { compileTemplate } from "./compile-template.ts";
import type { Column, NamedTable, Table } from "./compiled.ts";
import type { Template } from "./compiled-template.ts";
import { compileExpression } from "./expression.ts";
import { type FeedDeclaration, readFeedFile } from "./feed-file.ts";
import { tableFiles, templateFiles, textOf } from "./feed-folders.ts";
import { type LayeredFeed, readFeedLayers } from "./feed-layers.ts";
import type { MappingProblem } from "./mapped.ts";
import { didYouMean } from "./suggest.ts";

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
 * Compiles `mappings/<feed>/`: feed.yaml, every other *.yaml as a template, tables/*.csv, over those of the family it extends
 * (`mappings/families/<family>/`) and the region's code tables (`mappings/tables/`); of files with one name the nearest counts. All problems are told
 * at once, with files relative to the folder. Throws only when the folder cannot be read.
 */
export async function compileFeed(folder: string): Promise<CompileOutcome> {
  await stat(folder);
  const problems: MappingProblem[] = [];
  const layers = await readFeedLayers(folder, basename(resolve(folder)), problems);
  const declared = layers === undefined ? undefined : readFeedFile(layers, problems);
  if (layers === undefined || declared === undefined) return { kind: "wrong", problems: sorted(problems) };
  const codeTables = await readCodeTables(layers, declared, problems);
  const used = new Set<Column>();
  compileRejections(declared, codeTables, used, problems);
  const templates = await compileTemplates({ layers, declared, codeTables, used, problems });
  checkTables(layers, declared, templates, problems);
  if (problems.length > 0) return { kind: "wrong", problems: sorted(problems) };
  const { misses: _misses, rejections: _rejections, ...rest } = declared;
  const version = templates.map((template) => template.mapping.slice(template.mapping.indexOf("/") + 1)).join(" ");
  return { kind: "compiled", feed: { ...rest, templates, version, unusedColumns: unusedColumns(declared.tables, used) } };
}

/** By file and line; a problem that two checks saw is told once. */
function sorted(problems: readonly MappingProblem[]): MappingProblem[] {
  const once = new Map(problems.map((problem) => [`${problem.file}\0${problem.line}\0${problem.reason}`, problem]));
  return [...once.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

interface Parts {
  readonly layers: LayeredFeed;
  readonly declared: FeedDeclaration;
  readonly codeTables: ReadonlyMap<string, NamedTable>;
  readonly used: Set<Column>;
  readonly problems: MappingProblem[];
}

async function compileTemplates({ layers, declared, codeTables, used, problems }: Parts): Promise<Template[]> {
  const templates: Template[] = [];
  for (const file of await templateFiles(layers.folders)) {
    const own = file.owner === layers.folders[0];
    const owner = own ? declared.name : (file.owner?.name ?? "");
    const context = { feed: declared.name, owner, tables: declared.tables, codeTables, used, problems };
    const template = compileTemplate(file.file, await textOf(file), context);
    if (template !== undefined) templates.push(template);
  }
  return templates;
}

async function readCodeTables(
  layers: LayeredFeed,
  declared: FeedDeclaration,
  problems: MappingProblem[],
): Promise<ReadonlyMap<string, NamedTable>> {
  const files = await tableFiles(layers.folders);
  const unitFile = files.get("unit");
  const units: UnitSpellings =
    unitFile === undefined ? new Map() : readUnitSpellings(unitFile.file, await textOf(unitFile), problems);
  const tables = new Map<string, NamedTable>();
  for (const [name, file] of files) {
    if (name === "unit") continue;
    const table: CodeTable = readCodeTable(file.file, await textOf(file), units, problems);
    tables.set(name, { name, table, onMiss: declared.misses[name] ?? "keep" });
  }
  for (const name of Object.keys(declared.misses)) {
    if (tables.has(name)) continue;
    const reason = `misses names the table ${name}, and there is no tables/${name}.csv${didYouMean(name, tables.keys())}`;
    problems.push({ ...layers.place(["misses", name]), reason });
  }
  return tables;
}

function compileRejections(
  declared: FeedDeclaration,
  tables: ReadonlyMap<string, NamedTable>,
  used: Set<Column>,
  problems: MappingProblem[],
): void {
  for (const { table, when, reason, file, line } of declared.rejections) {
    const env = { columns: table.byName, lets: new Map(), tables, used };
    const compiled = compileExpression(when, env, { mapping: "feed.yaml", line, element: `${table.name} reject` });
    if ("wrong" in compiled) problems.push({ file, line, reason: `reject ${compiled.wrong}` });
    else table.reject.push({ when: compiled.leaf, reason });
  }
}

function checkTables(
  layers: LayeredFeed,
  declared: FeedDeclaration,
  templates: readonly Template[],
  problems: MappingProblem[],
): void {
  if (templates.length === 0) {
    const told = problems.some(({ file }) => !file.endsWith("feed.yaml"));
    if (!told) problems.push({ ...layers.place(["tables"]), reason: "no template maps anything of this feed" });
    return;
  }
  const read = new Set<Table>(templates.flatMap((template) => [template.table, ...template.joins.map((one) => one.table)]));
  for (const table of declared.tables.values()) {
    if (!read.has(table) && problems.length === 0)
      problems.push({ ...layers.place(["tables", table.name]), reason: `no template reads the table ${table.name}` });
  }
}

function unusedColumns(tables: FeedDeclaration["tables"], used: ReadonlySet<Column>): { table: string; column: string }[] {
  return [...tables.values()].flatMap((table) =>
    table.columns
      .filter((column) => column.unused === undefined && !used.has(column))
      .map((column) => ({ table: table.name, column: column.name })),
  );
}
