import { crc32 } from "node:zlib";
import { SaxesParser } from "saxes";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";

/** Why a workbook is not taken; `place` is the part of it and the line there. */
export class WorkbookRefused extends Error {
  readonly place: { readonly part: string; readonly line: number } | undefined;
  constructor(reason: string, place?: { readonly part: string; readonly line: number }) {
    super(reason);
    this.place = place;
  }
}

/** What a reader of a part is told; names and attributes come without their prefixes. */
export interface PartHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** The parts of a workbook: an .xlsx file is a zip of XML files (ECMA-376 part 2). */
export interface WorkbookPackage {
  has(part: string): boolean;
  /** Reads a part; yields between its pieces, so that what was found so far can be handed on. Throws `WorkbookRefused`. */
  read(part: string, handler: PartHandler): AsyncGenerator<undefined>;
}

const megabyte = 1024 * 1024;
const largestFile = 64 * megabyte;
const largestUnpacked = 1024 * megabyte;
const mostTimes = 200;
const mostParts = 5_000;

/** Opens a workbook. Throws `WorkbookRefused` when it is none, when it is encrypted, or when it would unpack beyond all measure. */
export async function openWorkbook(pieces: AsyncIterable<Uint8Array>): Promise<WorkbookPackage> {
  const bytes = await collect(pieces);
  const wrong = wrongSignature(bytes);
  if (wrong !== undefined) throw new WorkbookRefused(wrong);
  const zip = await opened(bytes);
  const entries = new Map<string, Entry>();
  let unpacked = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      unpacked += entry.uncompressedSize;
      if (entries.size >= mostParts) throw new WorkbookRefused(`the workbook has more than ${mostParts} parts`);
      entries.set(entry.fileName.replace(/^\//, ""), entry);
    }
  } catch (error) {
    throw error instanceof WorkbookRefused
      ? error
      : new WorkbookRefused("the workbook is damaged: its directory cannot be read");
  }
  if (unpacked > largestUnpacked || unpacked > Math.max(10 * megabyte, mostTimes * bytes.length))
    throw new WorkbookRefused(`the workbook unpacks to ${Math.round(unpacked / megabyte)} MB: that is no table of rows`);
  return {
    has: (part) => entries.has(part),
    async *read(part, handler) {
      const entry = entries.get(part);
      if (entry === undefined) throw new WorkbookRefused(`the workbook is damaged: ${part} is missing`);
      yield* readPart(zip, entry, handler);
    },
  };
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    chunks.push(piece);
    size += piece.length;
    if (size > largestFile) throw new WorkbookRefused("the workbook is larger than 64 MB; deliver smaller ones, or CSV");
  }
  return Buffer.concat(chunks);
}

function wrongSignature(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 8).toString("latin1");
  if (start.startsWith("PK\u0003\u0004")) return undefined;
  if (start !== "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1") return "the file is no Excel workbook (.xlsx)";
  return bytes.includes(Buffer.from("EncryptedPackage", "utf16le"))
    ? "the workbook is protected by a password; save it without one"
    : "the file is an old Excel workbook (.xls); save it as .xlsx";
}

async function opened(bytes: Buffer): Promise<ZipFile> {
  try {
    return await fromBufferPromise(bytes);
  } catch {
    throw new WorkbookRefused("the workbook is damaged or was cut off: its directory is missing");
  }
}

async function* readPart(zip: ZipFile, entry: Entry, handler: PartHandler): AsyncGenerator<undefined> {
  const parser = parserOf(entry.fileName, handler);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let sum = 0;
  try {
    if (entry.isEncrypted()) throw new WorkbookRefused("the workbook is encrypted; save it without a password");
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      sum = crc32(chunk as Buffer, sum);
      parser.write(decoder.decode(chunk as Buffer, { stream: true }));
      yield;
    }
    parser.write(decoder.decode()).close();
  } catch (error) {
    throw error instanceof WorkbookRefused
      ? error
      : new WorkbookRefused(`the workbook is damaged: ${entry.fileName} cannot be unpacked`);
  }
  if (sum !== entry.crc32) throw new WorkbookRefused(`the workbook is damaged: the checksum of ${entry.fileName} does not fit`);
  yield;
}

function parserOf(part: string, handler: PartHandler): SaxesParser {
  const parser = new SaxesParser({ position: true });
  const refuse = (reason: string): never => {
    throw new WorkbookRefused(`${part} in the workbook ${reason}`, { part, line: parser.line });
  };
  parser.on("error", (error) => refuse(`is not well-formed XML: ${error.message.replace(/^\d+:\d+: /, "").split(/[:.]/)[0]}`));
  parser.on("doctype", () => refuse("declares a document type (DOCTYPE)"));
  parser.on("opentag", ({ name, attributes }) => {
    const plain: Record<string, string> = {};
    for (const [key, value] of Object.entries(attributes)) plain[localName(key)] = value;
    handler.open?.(localName(name), plain);
  });
  parser.on("text", (text) => handler.text?.(text));
  parser.on("cdata", (text) => handler.text?.(text));
  parser.on("closetag", ({ name }) => handler.close?.(localName(name)));
  return parser;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
