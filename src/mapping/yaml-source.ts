import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { z } from "zod";
import type { MappingProblem } from "./mapped.ts";

/** A YAML file that remembers where everything stands. */
export interface YamlSource {
  readonly file: string;
  readonly root: YAMLMap;
  lineOf(node: unknown): number;
  /** Line of the value at a path of keys and indexes; of its nearest known parent when it is missing. */
  lineAt(path: readonly PropertyKey[]): number;
  /** The whole as plain values. */
  plain(): unknown;
}

/** Reads a YAML document and checks it against a schema; undefined, with every problem told at its line, when it does not fit. */
export function readYamlAs<S extends z.ZodType>(
  schema: S,
  { file, text }: { readonly file: string; readonly text: string },
  problems: MappingProblem[],
): { readonly source: YamlSource; readonly data: z.output<S> } | undefined {
  const source = readYaml(file, text, problems);
  if (source === undefined) return undefined;
  const parsed = schema.safeParse(source.plain());
  if (parsed.success) return { source, data: parsed.data };
  for (const issue of parsed.error.issues)
    problems.push({ file, line: source.lineAt(issue.path), reason: `${issue.path.join(".") || "the file"}: ${issue.message}` });
  return undefined;
}

/** Parses one YAML document; undefined, with problems told, when it is broken or no mapping. Duplicate keys, aliases and tags are refused. */
function readYaml(file: string, text: string, problems: MappingProblem[]): YamlSource | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  for (const error of document.errors)
    problems.push({ file, line: error.linePos?.[0].line ?? 1, reason: error.message.split("\n")[0] ?? "is not YAML" });
  if (document.errors.length > 0) return undefined;
  const lineOf = (node: unknown) => lineOfNode(node, lines);
  let aliased = false;
  visit(document, {
    Alias: (_key, node) => {
      aliased = true;
      problems.push({ file, line: lineOf(node), reason: "aliases are not taken; write it out" });
    },
  });
  if (aliased) return undefined;
  if (!isMap(document.contents)) {
    problems.push({ file, line: 1, reason: "is empty or no mapping of keys to values" });
    return undefined;
  }
  return {
    file,
    root: document.contents,
    lineOf,
    lineAt: (path) => lineOf(nearest(document, path)),
    plain: () => document.toJS({ maxAliasCount: 0 }),
  };
}

/** Entries of a YAML mapping: key, value node, line of the key. */
export function entriesOf(source: YamlSource, map: YAMLMap): { key: string; value: Node | null; line: number }[] {
  return map.items.map((pair) => ({
    key: String(isScalar(pair.key) ? pair.key.value : pair.key),
    value: (pair.value ?? null) as Node | null,
    line: source.lineOf(pair.key),
  }));
}

/** The scalar inside a node, or undefined when it is something else. */
export function scalarOf(node: unknown): { value: unknown; text: string } | undefined {
  return isScalar(node) ? { value: node.value, text: node.source ?? String(node.value) } : undefined;
}

/** The mapping inside a node, or undefined. */
export function mapOf(node: unknown): YAMLMap | undefined {
  return isMap(node) ? node : undefined;
}

/** The sequence inside a node, or undefined. */
export function seqOf(node: unknown): YAMLSeq | undefined {
  return isSeq(node) ? node : undefined;
}

function lineOfNode(node: unknown, lines: LineCounter): number {
  const start = (node as { range?: [number, number, number] } | null | undefined)?.range?.[0];
  return start === undefined ? 1 : lines.linePos(start).line;
}

function nearest(document: Document, path: readonly PropertyKey[]): unknown {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (node !== undefined && !isAlias(node)) return node;
  }
  return document.contents;
}
