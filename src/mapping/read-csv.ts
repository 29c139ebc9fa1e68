import { Readable } from "node:stream";
import { parse } from "csv-parse";
import type { Table } from "./compiled.ts";
import { type Header, readHeader } from "./csv-header.ts";
import { decodeText } from "./decode-text.ts";
import type { Encoding } from "./feed-file.ts";
import type { ExportFile } from "./mapped.ts";
import type { ReadEvent, WrongFile } from "./source-row.ts";

/** How a delimited file of a feed is written. */
export interface CsvFormat {
  readonly encodings: readonly Encoding[];
  readonly delimiter: string;
  readonly finalNewline: boolean;
}

/** What is learnt about the file while it is decoded. */
interface Progress {
  wrong?: WrongFile;
  privateLine?: number;
  endsWithNewline: boolean;
  readonly badLines: Set<number>;
  /** Records that the parser gave up, not told yet. */
  readonly skipped: { readonly code: string; readonly line: number }[];
}

interface RecordLines {
  /** The line after the record before. */
  readonly after: number;
  readonly first: number;
  readonly last: number;
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number; readonly empty_lines: number };
}

/**
 * Reads a delimited file (RFC 4180, any line ending) as rows of one table. The first record is the header; it must name every column that is not
 * optional. A row that cannot be read is told with its lines; the file is told as failed when its header or encoding is wrong or its end is missing.
 */
export async function* readCsv(file: ExportFile, table: Table, format: CsvFormat): AsyncGenerator<ReadEvent> {
  const progress: Progress = { endsWithNewline: true, badLines: new Set(), skipped: [] };
  const parser = parse({
    info: true,
    delimiter: format.delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: 4 * 1024 * 1024,
    on_skip: (error) =>
      void progress.skipped.push({
        code: error?.code ?? "unreadable",
        line: (error as { lines?: number } | undefined)?.lines ?? 0,
      }),
  });
  const text = Readable.from(blocksOf(file, format, progress)).on("error", (error) => parser.destroy(error));
  text.pipe(parser);
  try {
    yield* recordsOf(parser as AsyncIterable<ParsedRecord>, table, format, progress);
  } finally {
    text.destroy(); // closes the file when nobody reads on
  }
  if (progress.privateLine !== undefined) {
    yield {
      kind: "note",
      code: "private-use",
      line: progress.privateLine,
      reason: "the file holds characters of a private font; they are kept as they are",
    };
  }
  if (progress.wrong !== undefined) yield { kind: "failed", ...progress.wrong };
}

async function* blocksOf(file: ExportFile, format: CsvFormat, progress: Progress): AsyncGenerator<string> {
  for await (const block of decodeText(file.open(), format.encodings)) {
    if ("code" in block) {
      progress.wrong = block;
      return;
    }
    for (const line of block.badLines) progress.badLines.add(line);
    if (block.privateLine !== undefined) progress.privateLine ??= block.privateLine;
    progress.endsWithNewline = /[\r\n]$/.test(block.text);
    yield block.text;
  }
}

async function* recordsOf(
  records: AsyncIterable<ParsedRecord>,
  table: Table,
  format: CsvFormat,
  progress: Progress,
): AsyncGenerator<ReadEvent> {
  let header: Header | undefined;
  let held: ReadEvent | undefined; // the last row waits until it is known whether the file was cut off in it
  const place = trackLines();
  for await (const { record, info } of records) {
    if (held !== undefined) yield held;
    held = undefined;
    // The parser is ahead of us: what it gave up belongs here only if it stands before this record.
    const skipped = takeWhere(progress.skipped, (one) => one.line <= info.lines).length > 0;
    const lines = place.next(record, info, skipped);
    if (skipped) yield skippedRows(table, lines.after, lines.first - 1);
    if (header !== undefined) held = rowOf(record, header, table, lines, progress);
    else {
      const read = readHeader(record, table);
      if ("code" in read) {
        progress.wrong ??= read;
        break;
      }
      header = read;
      for (const column of header.undeclared) yield { kind: "undeclared", table, column };
    }
  }
  yield* lastRows({ held, header, line: place.last() + 1, table, format, progress });
}

interface Ending {
  readonly held: ReadEvent | undefined;
  readonly header: Header | undefined;
  readonly line: number;
  readonly table: Table;
  readonly format: CsvFormat;
  readonly progress: Progress;
}

/** Judges the end of the file: an open quotation mark, a last row that is too short or lacks its line end means that it was cut off. */
function* lastRows({ held, header, line, table, format, progress }: Ending): Generator<ReadEvent> {
  const cut = (at: number, reason: string): void => {
    progress.wrong ??= { code: "truncated", line: at, reason };
  };
  const short = held?.kind === "bad-row" && held.code === "columns" && !progress.endsWithNewline;
  const unended = format.finalNewline && !progress.endsWithNewline && held?.kind === "row";
  if (held !== undefined && (short || unended) && "line" in held && progress.wrong === undefined) {
    cut(
      held.line ?? line,
      short
        ? "the last row has too few values: the file was cut off"
        : "the file does not end with a line end: it was cut off in the last row",
    );
  } else if (held !== undefined) yield held;
  const last = Math.max(line, ...progress.skipped.map((one) => one.line));
  if (progress.skipped.some((one) => one.code === "CSV_QUOTE_NOT_CLOSED")) {
    cut(
      line,
      `a quotation mark that opens between line ${line} and line ${last} is never closed: the file was cut off, or a value holds a stray mark`,
    );
  } else if (progress.skipped.length > 0) yield skippedRows(table, line, last);
  if (header === undefined && progress.wrong === undefined)
    progress.wrong = { code: "empty-file", reason: "the file has no header row" };
}

function takeWhere<T>(list: T[], test: (one: T) => boolean): T[] {
  const taken = list.filter(test);
  list.splice(0, list.length, ...list.filter((one) => !test(one)));
  return taken;
}

function skippedRows(table: Table, first: number, last: number): ReadEvent {
  const lines = last > first ? `lines ${first} to ${last} cannot` : `line ${first} cannot`;
  return {
    kind: "bad-row",
    table,
    code: "quote",
    line: first,
    reason: `${lines} be read: a quotation mark stands where none may`,
  };
}

/** Lines of records: the parser counts a line end of two characters inside quotation marks twice. */
function trackLines() {
  let end = 0;
  let counted = 0;
  let emptyLines = 0;
  return {
    last: () => end,
    next(record: readonly string[], info: ParsedRecord["info"], afterSkipped: boolean): RecordLines {
      const blank = info.empty_lines - emptyLines;
      const grown = info.lines - counted;
      const inside = grown === 1 + blank ? 0 : record.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
      const after = end + 1;
      const first = afterSkipped ? end + grown - inside : after + blank;
      [end, counted, emptyLines] = [first + inside, info.lines, info.empty_lines];
      return { after, first, last: end };
    },
  };
}

function rowOf(record: readonly string[], header: Header, table: Table, lines: RecordLines, progress: Progress): ReadEvent {
  const extra = record.length > header.width && record.slice(header.width).every((cell) => cell === "");
  if (record.length !== header.width && !extra) {
    const reason = `the row has ${record.length} values, the header ${header.width}`;
    return { kind: "bad-row", table, code: "columns", line: lines.first, reason };
  }
  if (progress.badLines.size > 0) {
    for (let line = lines.first; line <= lines.last; line++) {
      if (!progress.badLines.has(line)) continue;
      return {
        kind: "bad-row",
        table,
        code: "encoding",
        line,
        reason: "the line holds bytes that are no characters in the feed's encoding",
      };
    }
  }
  return { kind: "row", table, cells: header.places.map((at) => (at < 0 ? undefined : record[at])), line: lines.first };
}
