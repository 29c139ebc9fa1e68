import { Hl7Message, type Hl7Segment } from "@medplum/core";
import type { Encoding } from "./feed-file.ts";
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

/** One message: its segments with their lines in the file. */
export interface ReadMessage {
  readonly segments: readonly Hl7Segment[];
  readonly lines: readonly number[];
  /** MSH-9: `ORU^R01`. */
  readonly type: string;
  /** `<file>#<n>`: joins the rows of one message. */
  readonly name: string;
  /** Character set the message was decoded from. */
  readonly encoding: Encoding;
}

/** Why these bytes hold no message at all, or undefined. */
export function wrongHl7Bytes(bytes: Buffer): ReadEvent | undefined {
  if (bytes.length === 0) return { kind: "failed", code: "empty-file", reason: "the file is empty" };
  if (bytes.includes(0))
    return { kind: "failed", code: "binary", line: 1, reason: "the file holds NUL bytes: it is no HL7 v2 text" };
  if (nextMessage(bytes, 0) < 0)
    return {
      kind: "failed",
      code: "header",
      line: 1,
      field: "MSH",
      reason: "no line of the file begins with MSH: it is no HL7 v2 message",
    };
  return undefined;
}

/** Places where `MSH` begins a line (after a line end, an MLLP start byte or a byte order mark). */
function nextMessage(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf("MSH", from); at >= 0; at = bytes.indexOf("MSH", at + 1)) {
    const before = at === 0 ? 0x0d : bytes[at - 1];
    if (before === 0x0d || before === 0x0a || before === 0x0b || before === 0xbf) return at;
  }
  return -1;
}

/** The bytes of one message and the line it begins on. */
export interface MessageBytes {
  readonly bytes: Buffer;
  readonly line: number;
}

/** Cuts a file into messages before anything is decoded: each may have its own character set. */
export function* splitMessages(bytes: Buffer): Generator<MessageBytes> {
  let line = 1;
  let counted = 0;
  for (let start = nextMessage(bytes, 0); start >= 0; ) {
    const next = nextMessage(bytes, start + 3);
    line += lineEnds(bytes.subarray(counted, start).toString("latin1"));
    counted = start;
    yield { bytes: bytes.subarray(start, next < 0 ? bytes.length : next), line };
    start = next;
  }
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/** Decodes (MSH-18, else the feed's encodings in order) and parses one message; a bad-row event when that fails. */
export function readMessage(
  { bytes, line }: MessageBytes,
  name: string,
  encodings: readonly Encoding[],
): ReadMessage | ReadEvent {
  const bad = (code: "encoding" | "syntax", reason: string, field = "MSH"): ReadEvent => ({
    kind: "bad-row",
    code,
    line,
    field,
    reason,
  });
  const raw = bytes.toString("latin1");
  const separator = raw[3] ?? "";
  if (raw.length < 8 || /[\w\s]/.test(separator))
    return bad("syntax", "MSH declares no field separator: the message is cut off or no HL7 v2");
  const printed =
    raw
      .split(/[\r\n]/, 1)[0]
      ?.split(separator)[17]
      ?.trim()
      .toUpperCase() ?? "";
  const decoded = decode(bytes, printed.split(raw[5] ?? "~")[0] ?? "", encodings);
  if (decoded === undefined)
    return bad("encoding", "the message is not in the character set that MSH-18 or the feed declares", "MSH-18");
  const lines: number[] = [];
  const kept = decoded.text
    .replaceAll("\u000b", "")
    .replaceAll("\u001c", "")
    .split(/\r\n|\r|\n/)
    .flatMap((segment, index) => {
      if (segment.trim() === "" || /^(FHS|BHS|BTS|FTS)/.test(segment)) return [];
      lines.push(line + index);
      return [segment];
    });
  const broken = kept.findIndex((segment) => !/^[A-Z][A-Z0-9]{2}/.test(segment));
  if (broken >= 0)
    return {
      kind: "bad-row",
      code: "syntax",
      line: lines[broken] ?? line,
      reason: "the line does not begin with the name of a segment",
    };
  const message = Hl7Message.parse(kept.join("\r"));
  const { segments } = message;
  const type = segments[0]?.getField(9);
  return {
    segments,
    lines,
    name,
    type: `${type?.getComponent(1) ?? ""}^${type?.getComponent(2) ?? ""}`,
    encoding: decoded.encoding,
  };
}

function decode(
  bytes: Buffer,
  printed: string,
  encodings: readonly Encoding[],
): { text: string; encoding: Encoding } | undefined {
  const declared = charsets[printed];
  const neutral = printed === "" || printed === "ASCII" || printed === "8859/1";
  if (declared === undefined && !neutral) return undefined;
  for (const encoding of declared === undefined ? encodings : [declared]) {
    try {
      return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
    } catch {
      // not this one
    }
  }
  return undefined;
}
