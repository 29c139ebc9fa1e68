import type { Table } from "./compiled.ts";
import { decodeText, type TextBlock } from "./decode-text.ts";
import type { Encoding } from "./feed-file.ts";
import { findList, jsonRowsOf, type NameRow, nameRows } from "./json-rows.ts";
import type { ExportFile } from "./mapped.ts";
import { parseJson } from "./parse-json.ts";
import type { ReadEvent } from "./source-row.ts";

const largestDocument = 128 * 1024 * 1024;

/**
 * Reads a JSON or NDJSON file as rows of several tables. `rows` is a path of names, each `[*]` one level of rows (`T_TEST_REC[*].results[*]`,
 * `[*]` for a list at the top); a column's `path` is a path inside its row, `^.` steps out to the row around it, `$.` to the whole file (the whole
 * line of NDJSON), and `@row` is a name of the row itself, for joining. NDJSON is read line by line: one line that is no JSON is told and the others
 * go on; any other JSON file that is not well-formed is refused whole.
 */
export async function* readJson(
  file: ExportFile,
  tables: readonly Table[],
  encodings: readonly Encoding[],
): AsyncGenerator<ReadEvent> {
  const reading: Reading = { tables, nameOf: nameRows(file.name) };
  let text = "";
  let line = 1;
  let lines = false;
  for await (const block of decodeText(file.open(), encodings, { longestLine: largestDocument, headed: false })) {
    if ("code" in block) {
      yield { kind: "failed", ...block };
      return;
    }
    if (block.privateLine !== undefined) yield privateUse(block.privateLine);
    if (line === 1 && text === "") lines = isLines(file.name, block.text);
    if (lines) {
      yield* linesOf(block, line, reading);
      line += block.text.split("\n").length - 1;
      continue;
    }
    const [badLine] = block.badLines;
    text += block.text;
    if (badLine === undefined && text.length <= largestDocument) continue;
    yield badLine === undefined
      ? {
          kind: "failed",
          code: "syntax",
          reason: "the file is larger than 128 MB; deliver NDJSON (one record a line), or smaller files",
        }
      : { kind: "failed", code: "encoding", line: badLine, reason: notCharacters };
    return;
  }
  if (!lines) yield* documentOf(text, reading);
}

interface Reading {
  readonly tables: readonly Table[];
  readonly nameOf: NameRow;
}

const notCharacters = "the line holds bytes that are no characters in the feed's encoding";

function privateUse(line: number): ReadEvent {
  const reason = "the file holds characters of a private font; they are kept as they are";
  return { kind: "note", code: "private-use", line, reason };
}

/** Two objects on lines of their own with nothing between them are NDJSON, whatever else may be broken in it: no JSON document has such. */
function isLines(name: string, start: string): boolean {
  if (/\.(ndjson|jsonl)$/i.test(name)) return true;
  const lines = start.split("\n", 1_000).map((line) => line.trim());
  const printed = lines.filter((line) => line !== "");
  if (printed.some((line, index) => isObjectLine(line) && isObjectLine(printed[index + 1] ?? ""))) return true;
  const [first = "", second] = printed;
  return second !== undefined && isObjectLine(first) && !("reason" in parseJson(first, 1));
}

function isObjectLine(line: string): boolean {
  return line.startsWith("{") && line.endsWith("}");
}

function* linesOf({ text, badLines }: TextBlock, firstLine: number, reading: Reading): Generator<ReadEvent> {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const [index, one] of lines.entries())
    yield* lineOf(one, firstLine + index, badLines.includes(firstLine + index), reading);
}

function* lineOf(text: string, line: number, isBad: boolean, { tables, nameOf }: Reading): Generator<ReadEvent> {
  if (text.trim() === "") return;
  const parsed = isBad ? undefined : parseJson(text, line);
  const [only] = tables;
  const wrong = (code: "encoding" | "syntax" | "truncated" | "header", reason: string): ReadEvent => ({
    kind: "bad-row",
    ...(tables.length === 1 && only !== undefined ? { table: only } : {}),
    code,
    line,
    reason,
  });
  if (parsed === undefined) yield wrong("encoding", notCharacters);
  else if ("reason" in parsed) yield wrong(parsed.ended ? "truncated" : "syntax", `the line is not JSON: ${parsed.reason}`);
  else if (!parsed.values.every((value) => tables.some((table) => findList(value, table.rows))))
    yield wrong("header", `the line has none of the lists that the feed declares (${listsOf(tables)})`);
  else {
    for (const value of parsed.values) for (const table of tables) yield* jsonRowsOf(value, table, tables, nameOf);
    yield { kind: "record-end" };
  }
}

function* documentOf(text: string, { tables, nameOf }: Reading): Generator<ReadEvent> {
  const parsed = parseJson(text, 1);
  if ("reason" in parsed) {
    const { ended, line, reason } = parsed;
    yield { kind: "failed", code: ended ? "truncated" : "syntax", line, reason: `the file is not JSON: ${reason}` };
    return;
  }
  const lacking = tables.filter((table) => !parsed.values.every((value) => findList(value, table.rows)));
  if (lacking.length === tables.length) {
    const reason = `the file has none of the lists that the feed declares (${listsOf(lacking)})`;
    yield { kind: "failed", code: "header", line: 1, field: lacking[0]?.rows ?? "", reason };
    return;
  }
  for (const value of parsed.values) for (const table of tables) yield* jsonRowsOf(value, table, tables, nameOf);
  yield { kind: "record-end" };
}

function listsOf(tables: readonly Table[]): string {
  return tables.map((table) => table.rows).join(", ");
}
