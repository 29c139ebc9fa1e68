import type { Table } from "./compiled.ts";
import { decodeText } from "./decode-text.ts";
import type { Encoding } from "./feed-file.ts";
import type { ExportFile } from "./mapped.ts";
import { type JsonObject, type JsonValue, parseJsonLines } from "./parse-json.ts";
import type { ReadEvent } from "./source-row.ts";

/** A row with the objects it stands in, innermost first. */
interface Nested {
  readonly object: JsonObject;
  readonly outer: Nested | undefined;
  /** `<file>#<n>`: joins rows to the row they stand in. */
  readonly name: string;
}

/**
 * Reads a JSON (or NDJSON) file as rows of several tables. `rows` is a path of names, each `[*]` one level of rows (`T_TEST_REC[*].results[*]`,
 * `[*]` for a list at the top); a column's `path` is a path inside its row, `^.` steps out to the row around it, `$.` to the whole file, and
 * `@row` is a name of the row itself, for joining.
 */
export async function* readJson(
  file: ExportFile,
  tables: readonly Table[],
  encodings: readonly Encoding[],
): AsyncGenerator<ReadEvent> {
  let text = "";
  for await (const block of decodeText(file.open(), encodings)) {
    if ("code" in block) {
      yield { kind: "failed", ...block };
      return;
    }
    const [badLine] = block.badLines;
    if (badLine !== undefined) {
      yield {
        kind: "failed",
        code: "encoding",
        line: badLine,
        reason: "the line holds bytes that are no characters in the feed's encoding",
      };
      return;
    }
    if (block.privateLine !== undefined)
      yield {
        kind: "note",
        code: "private-use",
        line: block.privateLine,
        reason: "the file holds characters of a private font; they are kept as they are",
      };
    text += block.text;
  }
  const parsed = parseJsonLines(text);
  if ("reason" in parsed) {
    yield {
      kind: "failed",
      code: parsed.ended ? "truncated" : "syntax",
      line: parsed.line,
      reason: `the file is not JSON: ${parsed.reason}`,
    };
    return;
  }
  const lacking = tables.filter((table) => !parsed.values.every((value) => findList(value, table.rows)));
  if (lacking.length === tables.length) {
    yield {
      kind: "failed",
      code: "header",
      line: 1,
      field: lacking[0]?.rows ?? "",
      reason: `the file has none of the lists that the feed declares (${lacking.map((table) => table.rows).join(", ")})`,
    };
    return;
  }
  const nameOf = nameRows(file.name);
  for (const value of parsed.values) {
    for (const table of tables) yield* rowsOf(value, table, tables, nameOf);
  }
}

/** Whether the first list of a rows path exists. */
function findList(value: JsonValue, path: string): boolean {
  const [first = ""] = path.split("[*]");
  return Array.isArray(follow(value, first)) || (first === "" && isObject(value));
}

type NameRow = (object: JsonObject) => string;

function* rowsOf(root: JsonValue, table: Table, tables: readonly Table[], nameOf: NameRow): Generator<ReadEvent> {
  const whole: Nested | undefined = isObject(root) ? { object: root, outer: undefined, name: nameOf(root) } : undefined;
  const levels = table.rows.split("[*]").slice(0, -1);
  const known = new Set([...table.columns.map((column) => column.path.split(".")[0] ?? ""), ...nestedNames(table, tables)]);
  for (const found of descend(root, levels, undefined, nameOf)) {
    if (!isNested(found)) {
      yield {
        kind: "bad-row",
        table,
        code: "syntax",
        line: found.line,
        reason: `${table.rows} holds something that is no object`,
      };
      continue;
    }
    for (const name of found.object.fields.keys()) if (!known.has(name)) yield { kind: "undeclared", table, column: name };
    yield rowOf(found, whole, table);
  }
}

function rowOf(nested: Nested, whole: Nested | undefined, table: Table): ReadEvent {
  const cells: (string | undefined)[] = [];
  for (const column of table.columns) {
    const value = cellAt(nested, whole, column.path);
    if (value.present === false && !column.optional && column.unused === undefined) {
      return {
        kind: "bad-row",
        table,
        code: "columns",
        line: nested.object.line,
        field: column.path,
        reason: `the row lacks ${column.path}`,
      };
    }
    if (value.content !== undefined && typeof value.content !== "string") {
      return {
        kind: "bad-row",
        table,
        code: "columns",
        line: nested.object.line,
        field: column.path,
        reason: `${column.path} holds an object or a list where a value is needed`,
      };
    }
    cells.push(value.content);
  }
  return { kind: "row", table, cells, line: nested.object.line };
}

function cellAt(nested: Nested, whole: Nested | undefined, path: string): { present: boolean; content: JsonValue } {
  let at: Nested | undefined = nested;
  let rest = path;
  if (rest.startsWith("$.")) [at, rest] = [whole, rest.slice(2)];
  for (; rest.startsWith("^."); rest = rest.slice(2)) at = at?.outer;
  if (rest === "@row") return { present: at !== undefined, content: at?.name };
  const names = rest.split(".");
  let value: JsonValue = at?.object;
  for (const name of names) {
    if (!isObject(value) || !value.fields.has(name)) return { present: false, content: undefined };
    value = value.fields.get(name);
  }
  return { present: true, content: value };
}

function* descend(
  value: JsonValue,
  levels: readonly string[],
  outer: Nested | undefined,
  nameOf: NameRow,
): Generator<Nested | { readonly line: number }> {
  const [level, ...deeper] = levels;
  const list = follow(value, (level ?? "").replace(/^\./, ""));
  for (const item of isList(list) ? list : levels.length > 0 && level === "" && isObject(value) ? [value] : []) {
    if (!isObject(item)) yield { line: outer?.object.line ?? 1 };
    else if (deeper.length === 0) yield { object: item, outer, name: nameOf(item) };
    else yield* descend(item, deeper, { object: item, outer, name: nameOf(item) }, nameOf);
  }
}

function follow(value: JsonValue, path: string): JsonValue {
  let at = value;
  for (const name of path === "" ? [] : path.split(".")) at = isObject(at) ? at.fields.get(name) : undefined;
  return at;
}

/** Names of lists inside this table's rows that other tables read. */
function nestedNames(table: Table, tables: readonly Table[]): string[] {
  return tables.flatMap((other) =>
    other.rows.startsWith(`${table.rows}.`) ? [other.rows.slice(table.rows.length + 1).split(/[.[]/)[0] ?? ""] : [],
  );
}

/** Numbers the objects of a file as they are met, so that every table names one object alike. */
function nameRows(file: string): NameRow {
  const names = new Map<JsonObject, string>();
  return (object) => {
    const name = names.get(object) ?? `${file}#${names.size + 1}`;
    names.set(object, name);
    return name;
  };
}

function isNested(found: Nested | { readonly line: number }): found is Nested {
  return "object" in found;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && !Array.isArray(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
