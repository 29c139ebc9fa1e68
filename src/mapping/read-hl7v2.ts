import type { Hl7Field, Hl7Segment } from "@medplum/core";
import type { Table } from "./compiled.ts";
import type { Encoding } from "./feed-file.ts";
import { type Hl7Delimiters, unescapeHl7 } from "./hl7-escape.ts";
import { type ReadMessage, readMessage, splitMessages, wrongHl7Bytes } from "./hl7-message.ts";
import { type Hl7Path, parseHl7Path } from "./hl7-path.ts";
import type { ExportFile } from "./mapped.ts";
import type { ReadEvent } from "./source-row.ts";

const largestFile = 64 * 1024 * 1024;

/**
 * Reads HL7 v2 messages (one or several in a file, also in FHS/BHS batches or MLLP frames) as rows: one row for each segment named by a table's
 * `rows`. The character set is MSH-18's, else the feed's; escapes are resolved after the split. A message that cannot be read is told, the next goes on.
 */
export async function* readHl7v2(
  file: ExportFile,
  tables: readonly Table[],
  encodings: readonly Encoding[],
): AsyncGenerator<ReadEvent> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.open()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > largestFile) {
      yield { kind: "failed", code: "syntax", reason: "the file is larger than 64 MB; deliver the messages in smaller files" };
      return;
    }
  }
  const bytes = Buffer.concat(chunks);
  const wrong = wrongHl7Bytes(bytes);
  if (wrong !== undefined) {
    yield wrong;
    return;
  }
  const paths = new Map(tables.map((table) => [table, table.columns.map((column) => parseHl7Path(column.path))]));
  let count = 0;
  for (const part of splitMessages(bytes)) {
    count++;
    const message = readMessage(part, `${file.name}#${count}`, encodings);
    if ("kind" in message) yield message;
    else yield* rowsOf(message, paths);
  }
}

function* rowsOf(message: ReadMessage, paths: ReadonlyMap<Table, readonly Hl7Path[]>): Generator<ReadEvent> {
  const wanted = [...paths.keys()].filter((table) => table.messages.length === 0 || table.messages.includes(message.type));
  if (wanted.length === 0) {
    const type = /^[A-Z]{3}\^[A-Z0-9]{3}$/.test(message.type) ? message.type : "unknown";
    yield {
      kind: "bad-row",
      code: "message-type",
      line: message.lines[0] ?? 1,
      field: "MSH-9",
      reason: `messages of the type ${type} are not read by this feed`,
    };
    return;
  }
  for (const table of wanted) {
    const columns = paths.get(table) ?? [];
    let rows = 0;
    for (const [index, segment] of message.segments.entries()) {
      if (segment.name !== table.rows) continue;
      rows++;
      yield { kind: "row", table, cells: columns.map((path) => cellAt(message, index, path)), line: message.lines[index] ?? 1 };
    }
    if (rows === 0 && table.rows !== "OBX") {
      yield {
        kind: "bad-row",
        table,
        code: "truncated",
        line: message.lines[0] ?? 1,
        field: table.rows,
        reason: `the message has no ${table.rows} segment`,
      };
    }
  }
  yield* undeclaredFields(message, wanted, paths);
}

function cellAt(message: ReadMessage, index: number, path: Hl7Path): string | undefined {
  if (path.kind === "message") return message.name;
  if (path.kind === "group") return String(groupStart(message, index));
  const segment = segmentAt(message, index, path.segment);
  const field = segment?.getField(path.field);
  if (segment === undefined || field === undefined) return undefined;
  const repetition = repetitionOf(field, path);
  if (repetition === undefined) return undefined;
  const context = segment.context;
  const delimiters: Hl7Delimiters = {
    field: context.fieldSeparator,
    component: context.componentSeparator,
    repetition: context.repetitionSeparator,
    escape: context.escapeCharacter,
    subcomponent: context.subcomponentSeparator,
  };
  const whole = field.getComponent(
    path.component ?? 1,
    path.subcomponent === undefined ? undefined : path.subcomponent - 1,
    repetition,
  );
  return whole === "" ? undefined : unescapeHl7(whole, delimiters, (bytes) => new TextDecoder(message.encoding).decode(bytes));
}

/** Which repetition of a field a path means: the first, a numbered one, or the first whose component has a value. */
function repetitionOf(field: Hl7Field, path: Extract<Hl7Path, { kind: "field" }>): number | undefined {
  if (path.where === undefined) return path.repetition - 1;
  const { component, value } = path.where;
  const found = field.components.findIndex((_parts, index) => field.getComponent(component, undefined, index) === value);
  return found < 0 ? undefined : found;
}

/** The segment a path means from the row's segment: itself, else the nearest before it, else the first after it before the next row. */
function segmentAt(message: ReadMessage, index: number, name: string): Hl7Segment | undefined {
  const own = message.segments[index];
  if (own?.name === name) return own;
  const follows = name === "NTE" || name === "SPM";
  for (let at = index - 1; at >= 0 && !follows; at--) if (message.segments[at]?.name === name) return message.segments[at];
  for (let at = index + 1; at < message.segments.length; at++) {
    const segment = message.segments[at];
    if (segment?.name === name) return segment;
    if (segment?.name === own?.name || segment?.name === "OBR") return undefined;
  }
  return undefined;
}

/** Index of the OBR a row stands under (or of itself): joins result rows to their report. */
function groupStart(message: ReadMessage, index: number): number {
  for (let at = index; at > 0; at--) if (message.segments[at]?.name === "OBR") return at;
  return 0;
}

function* undeclaredFields(
  message: ReadMessage,
  tables: readonly Table[],
  paths: ReadonlyMap<Table, readonly Hl7Path[]>,
): Generator<ReadEvent> {
  const [first] = tables;
  if (first === undefined) return;
  const read = new Set(
    tables.flatMap((table) =>
      (paths.get(table) ?? []).map((path) => (path.kind === "field" ? `${path.segment}-${path.field}` : "")),
    ),
  );
  const told = new Set<string>();
  for (const segment of message.segments) {
    for (let field = 1; field < segment.fields.length + (segment.name === "MSH" ? 1 : 0); field++) {
      const name = `${segment.name}-${field}`;
      if (read.has(name) || told.has(name) || structural.has(name)) continue;
      const content = segment.getField(field)?.toString() ?? "";
      if (content === "") continue;
      told.add(name);
      yield { kind: "undeclared", table: first, column: name };
    }
  }
}

// Delimiters and set ids: they say how a message is written, not what it says.
const structural = new Set(["MSH-1", "MSH-2", "MSH-18", "PID-1", "PV1-1", "OBR-1", "OBX-1", "OBX-2", "NTE-1"]);
