import type { Encoding } from "./feed-file.ts";
import type { WrongFile } from "./source-row.ts";
import { asUtf8 } from "./utf-16.ts";

/** Whole lines of text; `badLines` hold bytes that are no characters (they stand there as U+FFFD). */
export interface TextBlock {
  readonly text: string;
  readonly badLines: readonly number[];
  /** Line of the first character that belongs to no standard (a home-made one), when the block has any. */
  readonly privateLine?: number;
}

/** What a text is known to be like. */
export interface TextShape {
  /** Bytes of the longest line that is taken. */
  readonly longestLine?: number;
  /** Without its first line nothing of the file can be read. */
  readonly headed?: boolean;
}

const blockBytes = 256 * 1024;
const newline = 0x0a;

/**
 * Decodes a file in blocks cut at line feeds (never inside a GB18030 character): UTF-16, byte order mark, then strict UTF-8, then strict GB18030, as far
 * as the feed accepts them. Ends with a WrongFile when the bytes are no text in an accepted encoding. `gbk` and `gb2312` labels are never used: Node
 * decodes them with a narrower table.
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  encodings: readonly Encoding[],
  { longestLine = 16 * 1024 * 1024, headed = true }: TextShape = {},
): AsyncGenerator<TextBlock | WrongFile> {
  const source = await asUtf8(bytes, encodings, headed);
  if ("code" in source) {
    yield source;
    return;
  }
  const decoder = createBlockDecoder(source.encodings, headed);
  let rest: Buffer[] = [];
  let size = 0;
  for await (const chunk of source.bytes) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    rest.push(piece);
    size += piece.length;
    if (size < blockBytes || !piece.includes(newline)) {
      if (size <= longestLine) continue;
      const megabytes = longestLine / 1024 / 1024;
      yield { code: "syntax", line: decoder.line(), reason: `a line is longer than ${megabytes} MB: this is no file of rows` };
      return;
    }
    const whole = Buffer.concat(rest);
    const cut = whole.lastIndexOf(newline) + 1;
    rest = [whole.subarray(cut)];
    size = whole.length - cut;
    const block = decoder.decode(whole.subarray(0, cut));
    yield block;
    if ("code" in block) return;
  }
  if (size > 0) yield decoder.decode(Buffer.concat(rest));
  else if (decoder.line() === 1) yield { code: "empty-file", reason: "the file is empty" };
}

interface BlockDecoder {
  decode(block: Buffer): TextBlock | WrongFile;
  line(): number;
}

function createBlockDecoder(encodings: readonly Encoding[], headed: boolean): BlockDecoder {
  let line = 1;
  let encoding: Encoding | undefined;
  let first = true;
  const decode = (given: Buffer): TextBlock | WrongFile => {
    const binary = first ? wrongBytes(given, headed) : undefined;
    if (binary !== undefined) return binary;
    const marked = first && given.length >= 3 && given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf;
    const block = marked ? given.subarray(3) : given;
    first = false;
    if (marked) {
      if (!encodings.includes("utf-8"))
        return { code: "encoding", line: 1, reason: "the file is UTF-8 (it has a byte order mark); the feed declares gb18030" };
      encoding = "utf-8";
    }
    if (encoding === undefined && !isAscii(block)) {
      const told = tellEncoding(block, encodings);
      if (typeof told === "object") return { ...told, line };
      encoding = told;
    }
    const decoded = decodeBlock(block, encoding ?? "utf-8", line, headed);
    line += countLines(block);
    return decoded;
  };
  return { decode, line: () => line };
}

/** Text may hold stray NUL bytes (their lines are told); NULs in a header line or all over mean that it is none. */
function wrongBytes(block: Buffer, headed: boolean): WrongFile | undefined {
  const at = block.indexOf(0);
  if (at < 0) return undefined;
  if (headed && block.subarray(0, at).includes(newline)) return undefined;
  let count = 0;
  for (let next = at; next >= 0; next = block.indexOf(0, next + 1)) count++;
  if (!headed && (count < 64 || count * 4 < block.length)) return undefined;
  return {
    code: "binary",
    line: 1 + countLines(block.subarray(0, at)),
    reason: "the file holds NUL bytes: it is no text (an archive, an image, a spreadsheet?)",
  };
}

/** Which of the accepted encodings the first bytes outside ASCII are in. Never GB18030 first: UTF-8 Chinese decodes as GB18030 without error. */
function tellEncoding(block: Buffer, encodings: readonly Encoding[]): Encoding | WrongFile {
  if (encodings.includes("utf-8")) {
    if (!encodings.includes("gb18030") || decodeStrictly(block, "utf-8") !== undefined) return "utf-8";
    // Something is no UTF-8: the whole file, or only a line of it.
    const foreign = linesOf(block).filter((line) => !isAscii(line));
    return foreign.filter(isLikeUtf8).length * 2 >= foreign.length ? "utf-8" : "gb18030";
  }
  const utf8 = decodeStrictly(block, "utf-8");
  if (utf8 === undefined || !looksChinese(utf8)) return "gb18030";
  return { code: "encoding", reason: "the file is UTF-8; the feed declares gb18030" };
}

/** Broken UTF-8 is still mostly Chinese; GB18030 read as UTF-8 is hardly any. */
function isLikeUtf8(line: Buffer): boolean {
  const text = line.toString("utf8");
  const wrong = text.match(/\ufffd/g)?.length ?? 0;
  const chinese = text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/gu)?.length ?? 0;
  return wrong === 0 || (chinese > 0 && chinese >= wrong);
}

function linesOf(block: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(newline, start);
    lines.push(block.subarray(start, end < 0 ? block.length : end + 1));
    start = end < 0 ? block.length : end + 1;
  }
  return lines;
}

/** GB18030 text that happens to be valid UTF-8 decodes to Latin, Greek or Arabic letters; real UTF-8 exports are mostly Chinese. */
function looksChinese(text: string): boolean {
  const foreign = text.match(/[^\0-\x7f]/gu) ?? [];
  const chinese = foreign.filter((char) => /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(char));
  return chinese.length * 2 >= foreign.length;
}

function decodeBlock(block: Buffer, encoding: Encoding, firstLine: number, headed: boolean): TextBlock | WrongFile {
  const whole = block.includes(0) ? undefined : decodeStrictly(block, encoding);
  if (whole !== undefined) return { text: whole, badLines: [], ...privateUse(whole, firstLine) };
  const badLines: number[] = [];
  let foreignLines = 0;
  let text = "";
  for (const [index, bytes] of linesOf(block).entries()) {
    const strict = bytes.includes(0) ? undefined : decodeStrictly(bytes, encoding);
    if (!isAscii(bytes)) foreignLines++;
    if (strict === undefined) badLines.push(firstLine + index);
    text += strict ?? new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes).replaceAll("\0", "\ufffd");
  }
  const [badLine = firstLine] = badLines;
  if ((headed && badLine === 1) || badLines.length > Math.max(3, foreignLines / 2)) {
    return { code: "encoding", line: badLine, reason: `the bytes of this line are not ${encoding}, which the feed declares` };
  }
  return { text, badLines, ...privateUse(text, firstLine) };
}

function decodeStrictly(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function privateUse(text: string, firstLine: number): { privateLine?: number } {
  const at = text.search(/[\ue000-\uf8ff]/);
  return at < 0 ? {} : { privateLine: firstLine + (text.slice(0, at).match(/\n/g)?.length ?? 0) };
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] ?? 0) > 0x7f) return false;
  return true;
}

function countLines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(newline); at >= 0; at = block.indexOf(newline, at + 1)) count++;
  return count;
}
