import { type Document, isMap, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import type { Placed, PlacedEntries, PolicyProblem } from "./placed.ts";
import { type Entry, PolicyHead, type SectionName, sections } from "./policy-schema.ts";

/** What was read so far of one version; problems are collected, not thrown. */
export interface Reading {
  readonly entries: PlacedEntries;
  readonly problems: PolicyProblem[];
  head?: Placed<PolicyHead>;
}

/** One file of a policy; `withHead` = its section `policy` is the head of what is read (the skeleton's is not). */
export interface PolicyFile {
  /** As it is told in messages: `linhu/2026.1/windows.yaml`. */
  readonly file: string;
  readonly text: string;
  readonly withHead: boolean;
}

/** A reading of nothing yet. */
export function emptyReading(): Reading {
  const names = Object.keys(sections) as SectionName[];
  return { entries: Object.fromEntries(names.map((name) => [name, []])) as unknown as PlacedEntries, problems: [] };
}

/** Adds the entries of one YAML file to a reading, each checked by itself, or what is wrong with them by line. */
export function readPolicyFile({ file, text, withHead }: PolicyFile, reading: Reading): void {
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
  const place: Place = { file, document, reading, lineOf, problem };
  const stated = plain(document.get("defaults"), place) as Record<string, unknown> | undefined;
  for (const { key, value } of document.contents.items) {
    const section = String(key);
    if (section === "policy") {
      if (withHead) readHead(value, place);
      else problem(lineOf(key), "the head (section policy) does not belong into a file that several versions share");
    } else if (section !== "defaults") readSection({ section, key, value, stated: stated ?? {} }, place);
  }
}

interface Place {
  readonly file: string;
  readonly document: Document;
  readonly reading: Reading;
  readonly lineOf: (node: unknown) => number;
  readonly problem: (line: number, reason: string) => void;
}

interface Section {
  readonly section: string;
  readonly key: unknown;
  readonly value: unknown;
  /** What the file's `defaults` state for every entry that does not say otherwise. */
  readonly stated: Record<string, unknown>;
}

function readHead(node: unknown, place: Place): void {
  const { file, reading, lineOf, problem } = place;
  const line = lineOf(node);
  const head = checked(PolicyHead, node, {}, place);
  if (head !== undefined && reading.head !== undefined) problem(line, "the head (section policy) stands twice");
  if (head !== undefined) reading.head ??= { entry: head, file, line };
}

function readSection({ section, key, value, stated }: Section, place: Place): void {
  const { file, reading, lineOf, problem } = place;
  const known = Object.hasOwn(sections, section);
  if (!known || !isSeq(value)) {
    problem(lineOf(key), known ? `section "${section}" must be a list` : `there is no section "${section}"`);
    return;
  }
  const name = section as SectionName;
  for (const node of value.items) {
    const entry = checked(sections[name] as z.ZodType<Entry<typeof name>>, node, stated, place);
    if (entry !== undefined) (reading.entries[name] as Placed<unknown>[]).push({ entry, file, line: lineOf(node) });
  }
}

function checked<T>(schema: z.ZodType<T>, node: unknown, stated: Record<string, unknown>, place: Place): T | undefined {
  const { lineOf, problem } = place;
  const value = plain(node, place);
  if (isMap(node) && value === undefined) return undefined;
  const parsed = schema.safeParse(value === undefined ? undefined : { ...stated, ...value });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const inner = isMap(node) ? node.getIn(issue.path, true) : undefined;
    const where = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    problem(lineOf(inner ?? node), `${where}${issue.message}`);
  }
  return undefined;
}

/** A table as plain values; undefined when it is none, or (told as a problem) when its aliases explode. */
function plain(node: unknown, { document, lineOf, problem }: Place): object | undefined {
  if (!isMap(node)) return undefined;
  try {
    return node.toJS(document, { maxAliasCount: 100 }) as object;
  } catch {
    problem(lineOf(node), "holds an alias of nothing, or aliases without end");
    return undefined;
  }
}
