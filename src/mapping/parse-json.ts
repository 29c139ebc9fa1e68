/** A parsed JSON object that knows its line. */
export interface JsonObject {
  readonly line: number;
  readonly fields: ReadonlyMap<string, JsonValue>;
}

/** A parsed value; scalars are text as printed (`11.30` stays so), null is undefined. */
export type JsonValue = JsonObject | readonly JsonValue[] | string | undefined;

/** Where and why a text is not JSON. */
export interface JsonProblem {
  readonly line: number;
  readonly reason: string;
  /** The text ended too early. */
  readonly ended: boolean;
}

const deepest = 200;

interface Reader {
  readonly text: string;
  at: number;
  line: number;
}

/** Parses JSON keeping lines (the first one is `line`) and digits; several values after one another are a list of values. */
export function parseJson(text: string, line: number): { readonly values: readonly JsonValue[] } | JsonProblem {
  const reader: Reader = { text, at: 0, line };
  const values: JsonValue[] = [];
  try {
    for (skipBlanks(reader); reader.at < text.length; skipBlanks(reader)) values.push(readValue(reader, 0));
    return { values };
  } catch (problem) {
    if (problem instanceof SyntaxError) return { line: reader.line, reason: problem.message, ended: reader.at >= text.length };
    throw problem;
  }
}

function skipBlanks(reader: Reader): void {
  for (; reader.at < reader.text.length; reader.at++) {
    const code = reader.text.charCodeAt(reader.at);
    if (code === 0x0a) reader.line++;
    else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
  }
}

function wrong(reader: Reader, expected: string): SyntaxError {
  return new SyntaxError(
    reader.at >= reader.text.length ? `the text ends where ${expected} should stand` : `${expected} is missing here`,
  );
}

function readValue(reader: Reader, depth: number): JsonValue {
  if (depth > deepest) throw new SyntaxError(`the values are nested deeper than ${deepest}`);
  const char = reader.text[reader.at];
  if (char === "{") return readObject(reader, depth);
  if (char === "[") return readArray(reader, depth);
  if (char === '"') return readString(reader);
  const scalar = /[-+.\w]*/y;
  scalar.lastIndex = reader.at;
  const word = scalar.exec(reader.text)?.[0] ?? "";
  if (word !== "true" && word !== "false" && word !== "null" && !/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word))
    throw wrong(reader, "a value");
  reader.at += word.length;
  return word === "null" ? undefined : word;
}

function readObject(reader: Reader, depth: number): JsonObject {
  const fields = new Map<string, JsonValue>();
  const { line } = reader;
  reader.at++;
  skipBlanks(reader);
  if (reader.text[reader.at] === "}") {
    reader.at++;
    return { line, fields };
  }
  for (;;) {
    skipBlanks(reader);
    if (reader.text[reader.at] !== '"') throw wrong(reader, "a quoted name");
    const name = readString(reader);
    skipBlanks(reader);
    if (reader.text[reader.at] !== ":") throw wrong(reader, "a colon");
    reader.at++;
    skipBlanks(reader);
    if (fields.has(name)) throw new SyntaxError("a name stands twice in one object");
    fields.set(name, readValue(reader, depth + 1));
    if (!another(reader, "}")) return { line, fields };
  }
}

function readArray(reader: Reader, depth: number): readonly JsonValue[] {
  const values: JsonValue[] = [];
  reader.at++;
  skipBlanks(reader);
  if (reader.text[reader.at] === "]") {
    reader.at++;
    return values;
  }
  for (;;) {
    skipBlanks(reader);
    values.push(readValue(reader, depth + 1));
    if (!another(reader, "]")) return values;
  }
}

/** After a member: true at a comma, false at the closing bracket. */
function another(reader: Reader, close: string): boolean {
  skipBlanks(reader);
  const char = reader.text[reader.at];
  if (char !== "," && char !== close) throw wrong(reader, `a comma or ${close}`);
  reader.at++;
  return char === ",";
}

function readString(reader: Reader): string {
  const { text } = reader;
  const start = reader.at + 1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      reader.at = at + 1;
      const raw = text.slice(start, at);
      return raw.includes("\\") ? unescapeString(raw, reader) : raw;
    }
    if (code === 0x5c) at++;
    else if (code < 0x20) throw new SyntaxError("a line end or control character stands inside a quoted text");
  }
  reader.at = text.length;
  throw new SyntaxError("a quoted text is never closed");
}

function unescapeString(raw: string, reader: Reader): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    reader.at -= 1;
    throw new SyntaxError("a quoted text holds an unknown escape");
  }
}
