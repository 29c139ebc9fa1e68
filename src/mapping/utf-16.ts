import type { Encoding } from "./feed-file.ts";
import type { WrongFile } from "./source-row.ts";

type Utf16 = Extract<Encoding, `utf-16${string}`>;

const sniffBytes = 1024;

/** Bytes of a file with UTF-16 turned into UTF-8, and which encodings these bytes can be in then. */
export interface Utf8Bytes {
  readonly encodings: readonly Encoding[];
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Turns a UTF-16 file (by its byte order mark, or by its line feeds and commas when it has none) into UTF-8; every other file passes as it is. What is no
 * character becomes the byte FF, so that the line it stands in is told. A WrongFile when the feed does not accept what the file is.
 */
export async function asUtf8(
  bytes: AsyncIterable<Uint8Array>,
  encodings: readonly Encoding[],
  headed: boolean,
): Promise<Utf8Bytes | WrongFile> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let size = 0; size < sniffBytes; ) {
    const next = await pieces.next();
    if (next.done) break;
    first.push(next.value);
    size += next.value.length;
  }
  const start = Buffer.concat(first);
  const found = sniff(start, headed);
  const others = encodings.filter((encoding) => encoding === "utf-8" || encoding === "gb18030");
  const wrong = wrongEncoding(found, encodings, start);
  if (wrong !== undefined) {
    await pieces.return?.();
    return wrong;
  }
  const rest = restOf(start, pieces);
  return found === undefined ? { encodings: others, bytes: rest } : { encodings: ["utf-8"], bytes: recode(rest, found) };
}

function wrongEncoding(found: Utf16 | undefined, encodings: readonly Encoding[], start: Buffer): WrongFile | undefined {
  if (found !== undefined && !encodings.includes(found)) {
    const reason = `the file is ${found.toUpperCase()}; the feed declares ${encodings.join(" or ")}`;
    return { code: "encoding", line: 1, reason };
  }
  if (found === undefined && start.length > 0 && encodings.every((encoding) => encoding.startsWith("utf-16")))
    return { code: "encoding", line: 1, reason: `the file is not ${encodings.join(" or ")}, which the feed declares` };
  return undefined;
}

/** By the mark; without one, ASCII characters have a zero on one side only: a JSON or XML file begins with them, a header line has many. */
function sniff(start: Buffer, headed: boolean): Utf16 | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  const lineEnd = start.indexOf(0x0a);
  const looked = headed ? start.subarray(0, lineEnd < 0 ? sniffBytes : lineEnd) : start.subarray(0, 4);
  const zeros = [0, 0];
  for (const [at, byte] of looked.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const [few, many] = even < odd ? [even, odd] : [odd, even];
  // A few characters end in a zero byte themselves (开 is U+5F00).
  if (many === 0 || few * 4 > many || many * (headed ? 20 : 2) < looked.length) return undefined;
  return even < odd ? "utf-16le" : "utf-16be";
}

/** What was looked at and what follows; closes the file when nobody reads on. */
async function* restOf(start: Buffer, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (start.length > 0) yield start;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
  }
}

async function* recode(bytes: AsyncIterable<Uint8Array>, encoding: Utf16): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of bytes) yield encode(decoder.decode(piece, { stream: true }));
  yield encode(decoder.decode());
}

function encode(text: string): Buffer {
  if (!text.includes("\ufffd")) return Buffer.from(text, "utf8");
  return Buffer.concat(
    text.split("\ufffd").flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [Buffer.of(0xff), Buffer.from(part)])),
  );
}
