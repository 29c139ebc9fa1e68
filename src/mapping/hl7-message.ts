import type { Encoding } from "./feed-file.ts";
import type { Hl7Delimiters } from "./hl7-escape.ts";
import type { MessageBytes } from "./hl7-split.ts";
import type { ReadEvent } from "./source-row.ts";

// MSH-18 as met in the field; anything else is refused rather than guessed.
const charsets: Readonly<Record<string, Encoding>> = {
  UNICODE: "utf-8",
  "UNICODE UTF-8": "utf-8",
  "UTF-8": "utf-8",
  UTF8: "utf-8",
  GBK: "gb18030",
  GB2312: "gb18030",
  GB18030: "gb18030",
  "GB 18030-2000": "gb18030",
};

/** One segment: its name and its fields as written, the name at 0. */
export interface Hl7Segment {
  readonly name: string;
  readonly fields: readonly string[];
  readonly line: number;
}

/** One message, not taken apart further than into fields. */
export interface ReadMessage {
  readonly kind: "message";
  readonly segments: readonly Hl7Segment[];
  readonly delimiters: Hl7Delimiters;
  /** MSH-9: `ORU^R01`. */
  readonly type: string;
  /** `<file>#<n>`: joins the rows of one message. */
  readonly name: string;
  /** Character set the message was decoded from. */
  readonly encoding: Encoding;
  /** Headers and trailers of files and batches that stand around it. */
  readonly envelope: readonly Hl7Segment[];
}

type BadRow = Extract<ReadEvent, { kind: "bad-row" }>;

/** Decodes (MSH-18, else the feed's encodings in order) and cuts one message into fields; a bad-row event when that fails. */
export function readMessage({ bytes, line }: MessageBytes, name: string, encodings: readonly Encoding[]): ReadMessage | BadRow {
  const bad = (code: BadRow["code"], reason: string, field = "MSH"): BadRow => ({ kind: "bad-row", code, line, field, reason });
  const start = bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0;
  const head = bytes.subarray(start, start + 9).toString("latin1");
  if (!head.startsWith("MSH")) return bad("syntax", "a message begins here, but its first segment is not named MSH");
  const separator = head[3] ?? "";
  if (head.length < 8 || /[\w\s]/.test(separator))
    return bad("syntax", "MSH declares no field separator: the message is cut off or no HL7 v2");
  if (bytes.includes(0)) return bad("binary", "the message holds NUL bytes");
  const decoded = decode(bytes.subarray(start), printedCharset(bytes.subarray(start), separator, head[5] ?? "~"), encodings);
  if (decoded === undefined)
    return bad("encoding", "the message is not in the character set that MSH-18 or the feed declares", "MSH-18");
  const { segments, envelope } = cutSegments(decoded.text, separator, line);
  const broken = segments.find((segment) => !/^[A-Z][A-Z0-9]{2}$/.test(segment.name));
  if (broken !== undefined)
    return { ...bad("syntax", "the line does not begin with the name of a segment"), line: broken.line, field: "segment" };
  const marks = segments[0]?.fields[1] ?? "";
  const delimiters: Hl7Delimiters = {
    field: separator,
    component: marks[0] ?? "^",
    repetition: marks[1] ?? "~",
    escape: marks[2] ?? "",
    subcomponent: marks[3] ?? "&",
  };
  const [first = "", second = ""] = (segments[0]?.fields[8] ?? "").split(delimiters.component);
  return { kind: "message", segments, delimiters, type: `${first}^${second}`, name, encoding: decoded.encoding, envelope };
}

/** Segments of a text, those of files and batches apart. */
export function cutSegments(
  text: string,
  separator: string,
  firstLine: number,
): { readonly segments: Hl7Segment[]; readonly envelope: Hl7Segment[] } {
  const segments: Hl7Segment[] = [];
  const envelope: Hl7Segment[] = [];
  let line = firstLine;
  for (const printed of text.split(/\r\n|\r|\n/)) {
    const framed = printed.includes("\u000b") || printed.includes("\u001c");
    const segment = framed ? printed.replaceAll("\u000b", "").replaceAll("\u001c", "") : printed;
    if (segment.trim() !== "") {
      const fields = segment.split(separator);
      const [name = ""] = fields;
      (/^(FHS|BHS|BTS|FTS)$/.test(name.trim()) ? envelope : segments).push({ name: name.trimEnd(), fields, line });
    }
    line++;
  }
  return { segments, envelope };
}

function printedCharset(bytes: Buffer, separator: string, repetition: string): string {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  const header = bytes.subarray(0, end < 0 ? bytes.length : end).toString("latin1");
  const printed = header.split(separator, 18)[17]?.trim().toUpperCase() ?? "";
  return printed.split(repetition, 1)[0] ?? "";
}

const decoders = new Map<Encoding, InstanceType<typeof TextDecoder>>();

function decode(
  bytes: Buffer,
  printed: string,
  encodings: readonly Encoding[],
): { text: string; encoding: Encoding } | undefined {
  const declared = charsets[printed];
  const neutral = printed === "" || printed === "ASCII" || printed === "8859/1";
  if (declared === undefined && !neutral) return undefined;
  for (const encoding of declared === undefined ? encodings : [declared]) {
    const decoder = decoders.get(encoding) ?? new TextDecoder(encoding, { fatal: true });
    decoders.set(encoding, decoder);
    try {
      return { text: decoder.decode(bytes), encoding };
    } catch {
      decoders.delete(encoding); // not this one; what it has begun is not carried over
    }
  }
  return undefined;
}
