import type { Table } from "./compiled.ts";
import type { JsonObject, JsonValue } from "./parse-json.ts";
import type { ReadEvent } from "./source-row.ts";

/** A row with the objects it stands in, innermost first. */
interface Nested {
  readonly object: JsonObject;
  readonly outer: Nested | undefined;
  /** `<file>#<n>`: joins rows to the row they stand in. */
  readonly name: string;
}

/** Whether the first list of a rows path exists. */
export function findList(value: JsonValue, path: string): boolean {
  const [first = ""] = path.split("[*]");
  return Array.isArray(follow(value, first)) || (first === "" && isObject(value));
}

/** Names an object of a file, for joining. */
export type NameRow = (object: JsonObject) => string;

/** The rows of one table in a value. */
export function* jsonRowsOf(root: JsonValue, table: Table, tables: readonly Table[], nameOf: NameRow): Generator<ReadEvent> {
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
export function nameRows(file: string): NameRow {
  const names = new WeakMap<JsonObject, string>();
  let count = 0;
  return (object) => {
    const name = names.get(object) ?? `${file}#${++count}`;
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
