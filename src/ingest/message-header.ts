import { isUtf8 } from "node:buffer";

/** The fields of an HL7 v2 message's MSH segment that decide where it goes; as text of one byte a character, charset unknown. */
export interface MessageHeader {
  /** MSH-3 and MSH-4. */
  readonly application: string;
  readonly facility: string;
  /** MSH-5 and MSH-6. */
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  /** MSH-9 as `ORU^R01` (third component left out). */
  readonly type: string;
  /** MSH-10, byte for byte. */
  readonly controlId: string;
  /** MSH-11 and MSH-12. */
  readonly processing: string;
  readonly version: string;
  readonly separator: string;
  readonly encoding: string;
}

/** Reads the MSH segment; undefined when the bytes are no HL7 v2 message. */
export function messageHeader(message: Uint8Array): MessageHeader | undefined {
  const text = Buffer.from(message.buffer, message.byteOffset, Math.min(message.length, 4096)).toString("latin1");
  const line = /^\s*(MSH[^\r\n]*)/.exec(text)?.[1];
  const separator = line?.[3];
  if (line === undefined || separator === undefined || /[A-Za-z0-9\s]/.test(separator)) return undefined;
  const fields = splitSafely(line, separator);
  const field = (number: number) => fields[number - 1] ?? "";
  const encoding = field(2);
  const component = encoding[0] ?? "^";
  const first = (number: number) => splitSafely(field(number), component)[0]?.trim() ?? "";
  return {
    application: first(3),
    facility: first(4),
    receivingApplication: first(5),
    receivingFacility: first(6),
    type: splitSafely(field(9), component).slice(0, 2).join("^").trim(),
    controlId: field(10),
    processing: field(11),
    version: field(12),
    separator,
    encoding,
  };
}

/** Splits at a delimiter, but not inside a GB18030 character, whose second byte may be `|` or `^`. */
function splitSafely(text: string, delimiter: string): string[] {
  const masked = isUtf8(Buffer.from(text, "latin1")) ? text : text.replace(/[\x81-\xfe][\x40-\x7e\x80-\xfe]/g, "\x81\x81");
  const parts: string[] = [];
  let from = 0;
  for (let at = masked.indexOf(delimiter); at !== -1; at = masked.indexOf(delimiter, from)) {
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)];
}
