import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isMap, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { checkPolicy } from "./check-policy.ts";
import type { Placed, PlacedEntries, PolicyProblem } from "./placed.ts";
import { type Entry, type Policy, PolicyHead, type SectionName, sections } from "./policy-schema.ts";

export type LoadedPolicy =
  | { readonly kind: "loaded"; readonly policy: Policy }
  | { readonly kind: "wrong"; readonly problems: readonly PolicyProblem[] };

interface Reading {
  readonly entries: PlacedEntries;
  readonly problems: PolicyProblem[];
  head?: Placed<PolicyHead>;
}

/**
 * Reads `profiles/recognition/<region>/*.yaml` and the skeleton it extends. Everything is checked before anything is believed: one wrong entry
 * refuses the whole policy, with file, line and reason for each problem, so that the version in force stays.
 */
export async function loadCatalogue(root: string, region: string): Promise<LoadedPolicy> {
  const names = Object.keys(sections) as SectionName[];
  const entries = Object.fromEntries(names.map((name) => [name, []])) as unknown as PlacedEntries;
  const reading: Reading = { entries, problems: [] };
  await readFolder(root, region, reading, true);
  const skeleton = reading.head?.entry.extends;
  if (skeleton !== undefined) await readFolder(root, skeleton, reading, false);
  if (reading.head === undefined && reading.problems.length === 0) {
    reading.problems.push({ file: path.join(region, "policy.yaml"), line: 1, reason: "there is no head (section policy)" });
  }
  // References between entries are only worth checking once each entry is right by itself.
  if (reading.head !== undefined && reading.problems.length === 0) reading.problems.push(...checkPolicy(reading.head, entries));
  if (reading.head === undefined || reading.problems.length > 0) return { kind: "wrong", problems: reading.problems };
  const plain = Object.fromEntries(
    names.map((name) => [name, entries[name].map((one) => one.entry)]),
  ) as unknown as Policy["entries"];
  return { kind: "loaded", policy: { head: reading.head.entry, entries: plain } };
}

/** The problems of a policy as lines an operator can act on. */
export function describeProblems(problems: readonly PolicyProblem[]): string {
  return problems.map(({ file, line, reason }) => `${file}:${line}: ${reason}`).join("\n");
}

async function readFolder(root: string, folder: string, reading: Reading, withHead: boolean): Promise<void> {
  const files = await readdir(path.join(root, folder)).catch(() => undefined);
  if (files === undefined) {
    reading.problems.push({ file: folder, line: 1, reason: "there is no such folder of policies" });
    return;
  }
  for (const name of files.filter((one) => one.endsWith(".yaml")).sort()) {
    readYaml({ file: path.join(folder, name), text: await readFile(path.join(root, folder, name), "utf8"), reading, withHead });
  }
}

interface FileReading {
  readonly file: string;
  readonly text: string;
  readonly reading: Reading;
  readonly withHead: boolean;
}

function readYaml({ file, text, reading, withHead }: FileReading): void {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (node: unknown) => lines.linePos((node as Node | undefined)?.range?.[0] ?? 0).line;
  const problem = (line: number, reason: string) => {
    reading.problems.push({ file, line, reason });
  };
  for (const error of document.errors) problem(lines.linePos(error.pos[0]).line, error.message.split("\n")[0] ?? "is no YAML");
  if (document.errors.length > 0) return;
  if (!isMap(document.contents)) {
    problem(1, "must be a table of sections");
    return;
  }
  const defaults = document.get("defaults");
  const stated = isMap(defaults) ? (defaults.toJSON() as Record<string, unknown>) : {};
  const place = { file, reading, stated, lineOf, problem };
  for (const pair of document.contents.items) {
    const section = String(pair.key);
    if (section === "policy") {
      if (withHead) readHead(pair.value, place);
    } else if (section !== "defaults") readSection(section, pair, place);
  }
}

interface Place {
  readonly file: string;
  readonly reading: Reading;
  /** What the file's `defaults` state for every entry that does not say otherwise. */
  readonly stated: Record<string, unknown>;
  readonly lineOf: (node: unknown) => number;
  readonly problem: (line: number, reason: string) => void;
}

function readHead(node: unknown, { file, reading, lineOf, problem }: Place): void {
  const line = lineOf(node);
  const head = checked(PolicyHead, { node, lineOf, line, problem });
  if (head !== undefined && reading.head !== undefined) problem(line, "the head (section policy) stands twice");
  if (head !== undefined) reading.head = { entry: head, file, line };
}

function readSection(section: string, { key, value }: { key: unknown; value: unknown }, place: Place): void {
  const { file, reading, stated, lineOf, problem } = place;
  if (!(section in sections) || !isSeq(value)) {
    problem(lineOf(key), section in sections ? `section "${section}" must be a list` : `there is no section "${section}"`);
    return;
  }
  const name = section as SectionName;
  for (const node of value.items) {
    const line = lineOf(node);
    const entry = checked(sections[name] as z.ZodType<Entry<typeof name>>, { node, lineOf, line, problem, stated });
    if (entry !== undefined) (reading.entries[name] as Placed<unknown>[]).push({ entry, file, line });
  }
}

interface Checking {
  readonly node: unknown;
  readonly lineOf: (node: unknown) => number;
  readonly line: number;
  readonly problem: (line: number, reason: string) => void;
  readonly stated?: Record<string, unknown>;
}

function checked<T>(schema: z.ZodType<T>, { node, lineOf, line, problem, stated }: Checking): T | undefined {
  const value = isMap(node) ? { ...stated, ...(node.toJSON() as object) } : undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const inner = isMap(node) ? node.getIn(issue.path.map(String), true) : undefined;
    const where = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    problem(inner === undefined ? line : lineOf(inner), `${where}${issue.message}`);
  }
  return undefined;
}
