import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diff as diffOf } from "node:util";
import type { CheckResource } from "../../src/ingest/check-sheet.ts";
import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { digitsOf } from "../../src/kernel/exact-json.ts";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import type { MappingDeps } from "../../src/mapping/mapped.ts";
import { loadRegistry } from "../../src/sources/load-registry.ts";
import { filesIn, mapFiles, testDeps } from "../../test/mapping/map-files.ts";
import { type Command, counted, Mistake, type Options, say, sayJson } from "./command.ts";
import { type Compiled, compileAll, problemLine } from "./load-mappings.ts";
import { platformCheck, watchProfiles } from "./profile-issues.ts";

interface Outcome {
  readonly feed: string;
  readonly name: string;
  /** Lines that differ, by file of the case; empty = passed. */
  readonly differences: Readonly<Record<string, readonly string[]>>;
  readonly templates: readonly string[];
  /** What ingest would refuse by its profile: `FILE:LINE ELEMENT: reason`. */
  readonly refused: readonly string[];
}

const linesShown = 60;
const context = 2;

/** Runs the cases of all feeds, or of one: what an export became against what the case expects. */
export const testCases: Command = {
  usage: "[FEED]",
  summary: "run the cases; what came out differently, line by line",
  needs: 0,
  async run([named], options) {
    const compiled = await compileAll(options.mappings, named ?? options.feed);
    const outcomes: Outcome[] = [];
    const check = await platformCheck();
    // Ids of the cases are made to be read, and longer than FHIR allows.
    const checkReadable: CheckResource = (resource) => check({ ...resource, id: "readable" });
    for (const one of compiled) outcomes.push(...(await runFeed(one, options, checkReadable)));
    const missing = compiled.flatMap((one) => templatesWithoutCase(one, outcomes));
    const failed = outcomes.filter(({ differences }) => Object.keys(differences).length > 0);
    if (options.json) sayJson({ cases: outcomes.map(({ templates: _, ...rest }) => rest), templatesWithoutCase: missing });
    else print(outcomes, missing, options.update);
    const refused = outcomes.some((one) => one.refused.length > 0);
    return (failed.length === 0 || options.update) && missing.length === 0 && !refused ? 0 : 1;
  },
};

async function runFeed(one: Compiled, options: Options, check: CheckResource): Promise<Outcome[]> {
  const { feed, folder } = one;
  if (feed === undefined) throw new Mistake(one.problems.map((problem) => problemLine(one, problem)).join("\n"));
  const cases = join(folder, "cases");
  const names = existsSync(cases) ? readdirSync(cases).sort() : [];
  const deps = await caseDeps(options.registry);
  const run = { feed, feedName: one.name, deps, check, update: options.update };
  return Promise.all(names.map((name) => runCase(run, join(cases, name), name)));
}

interface CaseRun {
  readonly feed: Feed;
  readonly feedName: string;
  readonly deps: MappingDeps;
  readonly check: CheckResource;
  readonly update: boolean;
}

async function runCase({ feed, feedName, deps, check, update }: CaseRun, folder: string, name: string): Promise<Outcome> {
  const { sheets, issues, report, orphans, merges } = await mapFiles(feed, filesIn(join(folder, "export")), deps);
  const waiting = Object.fromEntries(Object.entries({ orphans, merges }).filter(([, list]) => list.length > 0));
  const found = { "expected.json": pretty(sheets), "report.json": pretty({ issues, report, ...waiting }) };
  const differences: Record<string, string[]> = {};
  for (const [file, text] of Object.entries(found)) {
    const path = join(folder, file);
    const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (expected === text) continue;
    differences[file] = changedLines(expected, text);
    if (update) writeFileSync(path, text);
  }
  return {
    feed: feedName,
    name,
    differences,
    refused: sheets.flatMap(watchProfiles(check).issuesOf).map(refusal),
    templates: [...new Set([...sheets, ...merges].map((one) => templateOf(one.mapping)))],
  };
}

function refusal({ code, file, line, element = "", reason }: ExportIssue): string {
  return `${code} ${file}:${line ?? 0} ${element}${element && ": "}${reason}`;
}

/** Readable ids and a clock that stands still; suppliers nobody registered may name any institution. */
async function caseDeps(registryFile = "scripts/sample/region/registry.yaml"): Promise<MappingDeps> {
  const { suppliers } = await loadRegistry(registryFile);
  const known = new Set(suppliers.map((one) => one.code));
  return {
    ...testDeps,
    institutionOf: (supplier, code) =>
      testDeps.institutionOf(supplier, code) ??
      (known.has(supplier) ? undefined : { tenant: `institution-${code}` as InstitutionCode }),
  };
}

/** A template that a family shares is tried once, in whatever feed of it. */
function templatesWithoutCase({ feed, name }: Compiled, outcomes: readonly Outcome[]): string[] {
  const used = new Set(outcomes.flatMap((one) => one.templates));
  return (feed?.templates ?? [])
    .map((one) => templateOf(one.mapping))
    .filter((one) => !used.has(one))
    .map((one) => `${name}/${one}`);
}

/** `report@2` of `a-tb/report@2`. */
function templateOf(mapping: string): string {
  return mapping.slice(mapping.indexOf("/") + 1);
}

function print(outcomes: readonly Outcome[], missing: readonly string[], updated: boolean): void {
  for (const { feed, name, differences, refused } of outcomes) {
    const files = Object.entries(differences);
    const word = refused.length > 0 ? "BAD " : files.length === 0 ? "ok  " : updated ? "new " : "DIFF";
    say(`${word} ${feed}: ${name}`);
    for (const line of refused.slice(0, linesShown)) say(`  the platform would refuse: ${line}`);
    if (!updated) for (const [file, lines] of files) printDifference(file, lines);
  }
  for (const mapping of missing)
    say(`no case maps anything with ${mapping}: put a few rows into cases/NAME/export/, then test --update`);
  const failed = outcomes.filter(({ differences }) => Object.keys(differences).length > 0).length;
  say(`${counted(outcomes.length, "case")}, ${failed} ${updated ? "written anew: read the difference" : "differ"}`);
}

function printDifference(file: string, lines: readonly string[]): void {
  say(`  ${file}: - expected, + came out`);
  for (const line of lines.slice(0, linesShown)) say(`    ${line}`);
  if (lines.length > linesShown) say(`    … ${lines.length - linesShown} more lines`);
}

/** Lines that differ with a little of what stands around them; a gap is one line of dots. */
function changedLines(expected: string, found: string): string[] {
  const all = diffOf(found.split("\n"), expected.split("\n")); // 1 = only in the first
  const near = all.map((_, at) => all.slice(Math.max(0, at - context), at + context + 1).some(([sort]) => sort !== 0));
  return all.flatMap(([sort, line], at) => {
    if (!near[at]) return near[at - 1] ? ["…"] : [];
    return [`${sort === 1 ? "+" : sort === -1 ? "-" : " "} ${line}`];
  });
}

/** JSON with exact decimals as they are sent, two blanks deep: as the cases are kept. */
function pretty(value: unknown): string {
  const raw = (inner: unknown): boolean => typeof inner === "object" && inner !== null && "rawJSON" in inner;
  const marked = JSON.stringify(value, (_key, inner) => (raw(inner) ? `#${digitsOf(inner as number)}#` : inner), 2);
  return `${marked.replace(/"#([-\d.]+)#"/g, "$1")}\n`;
}
