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
import { explainIssues } from "./explain-zod.ts";
import type { MappingProblem } from "./mapped.ts";

/** A YAML file that remembers where everything stands. */
export interface YamlSource {
  readonly file: string;
  readonly root: YAMLMap;
  lineOf(node: unknown): number;
  /** Line of the value at a path of keys and indexes; of its nearest known parent when it is missing. */
  lineAt(path: readonly PropertyKey[]): number;
  /** Whether something stands at a path. */
  has(path: readonly PropertyKey[]): boolean;
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
  const plain = source.plain();
  const parsed = schema.safeParse(plain);
  if (parsed.success) return { source, data: parsed.data };
  for (const { path, reason } of explainIssues(parsed.error.issues, { schema, whole: plain }))
    problems.push({ file, line: source.lineAt(path), reason });
  return undefined;
}

/** Parses one YAML document; undefined, with problems told, when it is broken or no mapping. Duplicate keys, aliases and tags are refused. */
export function readYaml(file: string, text: string, problems: MappingProblem[]): YamlSource | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  for (const error of document.errors)
    problems.push({ file, line: error.linePos?.[0].line ?? 1, reason: explainYaml(error.code, error.message) });
  if (document.errors.length > 0) return undefined;
  const lineOf = (node: unknown) => lineOfNode(node, lines);
  const before = problems.length;
  visit(document, {
    Alias: (_key, node) => void problems.push({ file, line: lineOf(node), reason: "aliases are not taken; write it out" }),
    Pair(_key, { key }) {
      if (isMap(key) || isSeq(key))
        problems.push({ file, line: lineOf(key), reason: 'an expression stands in quotation marks: "{{ … }}"' });
    },
  });
  if (problems.length > before) return undefined;
  if (!isMap(document.contents)) {
    problems.push({ file, line: 1, reason: "is empty or no mapping of keys to values" });
    return undefined;
  }
  return {
    file,
    root: document.contents,
    lineOf,
    lineAt: (path) => lineOf(nearest(document, path)),
    has: (path) => document.hasIn(path),
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

const yamlMistakes: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab stands at the beginning of the line; YAML is indented with blanks",
  DUPLICATE_KEY: "this name stands twice; only one of them can count",
  BAD_INDENT: "the line is indented differently from those it belongs to",
};

/** What the parser says, in the words of someone who does not know its insides. */
function explainYaml(code: string, message: string): string {
  const [first = ""] = message.replace(/ at line \d+, column \d+:?/, "").split("\n");
  if (code === "BAD_INDENT" && /end with a \S/.test(first))
    return `a bracket that was opened above is not closed: ${first.slice(-1)} is missing`;
  if (/token in YAML stream|at node end/.test(first))
    return "YAML cannot be read on from here: look for a quotation mark or bracket too much or too few, here or above";
  return yamlMistakes[code] ?? `is not YAML: ${first}`;
}

function lineOfNode(node: unknown, lines: LineCounter): number {
  const start = (node as { range?: [number, number, number] } | null | undefined)?.range?.[0];
  return start === undefined ? 1 : lines.linePos(start).line;
}

/** The key (or list item) at a path, or the nearest of its parents that is there. */
function nearest(document: Document, path: readonly PropertyKey[]): unknown {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (node === undefined || isAlias(node)) continue;
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(path[length - 1]))
      : undefined;
    return pair?.key ?? node;
  }
  return document.contents;
}
