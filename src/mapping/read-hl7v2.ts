import type { Table } from "./compiled.ts";
import type { Encoding } from "./feed-file.ts";
import { hl7CellAt } from "./hl7-cells.ts";
import { cutSegments, type Hl7Segment, type ReadMessage, readMessage } from "./hl7-message.ts";
import { type Hl7Path, parseHl7Path } from "./hl7-path.ts";
import { type MessageBytes, splitMessages } from "./hl7-split.ts";
import type { ExportFile } from "./mapped.ts";
import type { ReadEvent } from "./source-row.ts";

/** How messages of one type are read. */
interface TypePlan {
  readonly tables: readonly { readonly table: Table; readonly paths: readonly Hl7Path[] }[];
  /** Fields that some column reads, or that say how a message is written and not what it says, by segment. */
  readonly known: ReadonlyMap<string, ReadonlySet<number>>;
}

/**
 * Reads HL7 v2 messages (one or several in a file, also in FHS/BHS batches or MLLP frames) as rows: one row for each segment named by a table's
 * `rows`. The character set is MSH-18's, else the feed's. A message that cannot be read is told, the next goes on; a batch that announces another
 * number of messages than it holds is told too.
 */
export async function* readHl7v2(
  file: ExportFile,
  tables: readonly Table[],
  encodings: readonly Encoding[],
): AsyncGenerator<ReadEvent> {
  const planOf = planTypes(tables);
  const batch = createBatchCheck();
  let [count, bytes, binary] = [0, 0, false];
  let prologue: ReadEvent | undefined;
  for await (const part of splitMessages(file.open())) {
    if (part === undefined) {
      const reason = "a message is longer than 16 MB, or the file holds no HL7 v2 messages";
      yield { kind: "failed", code: "syntax", reason };
      return;
    }
    bytes += part.bytes.length;
    if (part.prologue) {
      binary = part.bytes.includes(0);
      prologue = readPrologue(part, batch);
      continue;
    }
    if (count === 0 && prologue !== undefined) yield prologue;
    const message = readMessage(part, `${file.name}#${++count}`, encodings);
    batch.message();
    if (message.kind === "bad-row") yield message;
    else {
      for (const event of rowsOf(message, planOf(message.type))) yield event;
      yield { kind: "record-end" };
      for (const segment of message.envelope) yield* batch.envelope(segment);
    }
  }
  if (count === 0) yield noMessages(bytes, binary);
  yield* batch.end();
}

function noMessages(bytes: number, binary: boolean): ReadEvent {
  if (bytes === 0) return { kind: "failed", code: "empty-file", reason: "the file is empty" };
  if (binary) return { kind: "failed", code: "binary", line: 1, reason: "the file holds NUL bytes: it is no HL7 v2 text" };
  const reason = "no line of the file begins with MSH: it is no HL7 v2 message";
  return { kind: "failed", code: "header", line: 1, field: "MSH", reason };
}

/** What stands before the first message must be headers of the file and its batches. */
function readPrologue({ bytes, line }: MessageBytes, batch: BatchCheck): ReadEvent | undefined {
  const text = bytes.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
  const { segments, envelope } = cutSegments(text, /^[FB]HS(\W)/m.exec(text)?.[1] ?? "|", line);
  for (const segment of envelope) batch.envelope(segment);
  const [first] = segments;
  if (first === undefined) return undefined;
  const reason = "what stands before the first message cannot be read: it does not begin with MSH";
  return { kind: "bad-row", code: "syntax", line: first.line, field: "MSH", reason };
}

/** Compares the number of messages that a batch trailer announces with what was met. */
interface BatchCheck {
  message(): void;
  envelope(segment: Hl7Segment): ReadEvent[];
  end(): ReadEvent[];
}

function createBatchCheck(): BatchCheck {
  let count = 0;
  let open: Hl7Segment | undefined;
  const wrong = (line: number, reason: string): ReadEvent[] => [
    { kind: "bad-row", code: "truncated", line, field: "BTS-1", reason },
  ];
  return {
    message: () => void count++,
    envelope(segment) {
      if (segment.name === "BHS") [open, count] = [segment, 0];
      if (segment.name !== "BTS") return [];
      open = undefined;
      const announced = segment.fields[1]?.trim() ?? "";
      if (!/^\d+$/.test(announced) || Number(announced) === count) return [];
      return wrong(segment.line, `the batch announces ${announced} messages and holds ${count}`);
    },
    end: () =>
      open === undefined ? [] : wrong(open.line, "the batch that begins here has no end (BTS): the file was cut off"),
  };
}

function planTypes(tables: readonly Table[]): (type: string) => TypePlan {
  const all = tables.map((table) => ({ table, paths: table.columns.map((column) => parseHl7Path(column.path)) }));
  const plans = new Map<string, TypePlan>();
  return (type) => {
    const ready = plans.get(type);
    if (ready !== undefined) return ready;
    const wanted = all.filter(({ table }) => table.messages.length === 0 || table.messages.includes(type));
    const read = wanted.flatMap(({ paths }) =>
      paths.flatMap((path) => (path.kind === "field" ? [{ segment: path.segment, field: path.field }] : [])),
    );
    const bySegment = Map.groupBy([...read, ...structural], ({ segment }) => segment);
    const known = new Map([...bySegment].map(([name, fields]) => [name, new Set(fields.map(({ field }) => field))]));
    const plan: TypePlan = { tables: wanted, known };
    if (plans.size < 100) plans.set(type, plan);
    return plan;
  };
}

function* rowsOf(message: ReadMessage, { tables, known }: TypePlan): Generator<ReadEvent> {
  const { segments } = message;
  const line = segments[0]?.line ?? 1;
  const [first] = tables;
  if (first === undefined) {
    const type = /^[A-Z]{3}\^[A-Z0-9]{3}$/.test(message.type) ? message.type : "unknown";
    const reason = `messages of the type ${type} are not read by this feed`;
    yield { kind: "bad-row", code: "message-type", line, field: "MSH-9", reason };
    return;
  }
  for (const { table, paths } of tables) {
    let rows = 0;
    for (const [index, segment] of segments.entries()) {
      if (segment.name !== table.rows) continue;
      rows++;
      yield { kind: "row", table, cells: paths.map((path) => hl7CellAt(message, index, path)), line: segment.line };
    }
    if (rows === 0 && essential.has(table.rows)) {
      const reason = `the message has no ${table.rows} segment`;
      yield { kind: "bad-row", table, code: "truncated", line, field: table.rows, reason };
    }
  }
  for (const column of unreadFields(segments, known)) yield { kind: "undeclared", table: first.table, column };
}

/** Fields with something in them that no column reads, each once. */
function unreadFields(segments: readonly Hl7Segment[], known: TypePlan["known"]): Set<string> {
  const unread = new Set<string>();
  for (const { name, fields } of segments) {
    const shift = name === "MSH" ? 1 : 0;
    const read = known.get(name);
    for (let at = 1; at < fields.length; at++) {
      if (fields[at] === "" || fields[at] === '""') continue;
      if (read?.has(at + shift) !== true) unread.add(`${name}-${at + shift}`);
    }
  }
  return unread;
}

// Without these a message is cut off; results, notes, diagnoses and the like may be none.
const essential = new Set(["MSH", "EVN", "PID", "MRG", "PV1", "ORC", "OBR", "RXO", "RXE", "RXA"]);
// Delimiters and set ids.
const structural = [
  ...[1, 2, 18].map((field) => ({ segment: "MSH", field })),
  ...[1, 2].map((field) => ({ segment: "OBX", field })),
  ...["PID", "PV1", "OBR", "NTE"].map((segment) => ({ segment, field: 1 })),
];
