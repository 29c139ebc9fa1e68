import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader, type ZipFile } from "yauzl";
import { asFault, Fault } from "../kernel/fault.ts";
import { inflated } from "./inflate.ts";

/** The bytes of an archive from any place on. */
export interface ArchiveBytes {
  readonly size: number;
  openAt(from: number): AsyncIterable<Uint8Array>;
}

/** One file inside a zip: its name there (with `/` between folders), and its bytes, as often as asked. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes when unpacked, and their CRC-32, as the directory tells them. */
  readonly size: number;
  readonly crc: number;
  open(): AsyncIterable<Uint8Array>;
}

/** Why a zip is not taken; `reason` names the entry by its number when its own name may not be told. */
export class ZipRefused extends Error {}

/** Most entries of a zip, folders counted too. */
const mostEntries = 1000;
const linkMode = 0o120000;
const methods: Readonly<Record<number, "stored" | "deflated">> = { 0: "stored", 8: "deflated" };

/**
 * The files of a zip as its central directory lists them (APPNOTE.TXT §4.3.12; zip64 too). Content is checked by `checkEntry`.
 * Throws `ZipRefused` when it is damaged, encrypted, holds links, names outside of it, or two files of one name; and whatever reading throws.
 */
export async function readZip(bytes: ArchiveBytes): Promise<ZipEntry[]> {
  const zip = await openZip(bytes);
  if (zip.entryCount > mostEntries) throw new ZipRefused(`it holds more than ${mostEntries} files`);
  const entries: ZipEntry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const found = await entryOf(zip, entry, { bytes, number: zip.entriesRead });
      if (found === undefined) continue;
      if (entries.some((one) => one.name === found.name)) throw new ZipRefused(`it holds ${found.name} twice`);
      entries.push(found);
    }
  } catch (error) {
    throw refused(error);
  }
  return entries;
}

/** Reads an entry to its end: its checksum and size must be those of the directory. `chunk` sees every piece. Throws `ZipRefused`. */
export async function checkEntry(entry: ZipEntry, chunk: (piece: Uint8Array) => void): Promise<void> {
  let sum = 0;
  let size = 0;
  try {
    for await (const piece of entry.open()) {
      sum = crc32(piece, sum);
      size += piece.length;
      if (size > entry.size) break;
      chunk(piece);
    }
  } catch (error) {
    throw error instanceof ZipRefused ? error : refused(error, `${entry.name} in it is damaged`);
  }
  if (size !== entry.size || sum !== entry.crc)
    throw new ZipRefused(`${entry.name} in it is damaged: its checksum does not fit`);
}

async function openZip(bytes: ArchiveBytes): Promise<ZipFile> {
  const reader = new RangeReader(bytes);
  try {
    return await fromRandomAccessReaderPromise(reader, bytes.size, { autoClose: false, decodeStrings: false });
  } catch (error) {
    throw refused(error, "its directory is missing: it is damaged or was cut off");
  }
}

/** What yauzl reads ranges through. */
class RangeReader extends RandomAccessReader {
  readonly bytes: ArchiveBytes;
  constructor(bytes: ArchiveBytes) {
    super();
    this.bytes = bytes;
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(range(this.bytes, start, end), { objectMode: false });
  }
}

async function entryOf(
  zip: ZipFile,
  entry: Entry,
  { bytes, number }: { readonly bytes: ArchiveBytes; readonly number: number },
): Promise<ZipEntry | undefined> {
  const name = nameOf(entry);
  if (name.endsWith("/") || name.startsWith("__MACOSX/")) return undefined;
  if (!/^[^\p{Cc}]{1,400}$/u.test(name) || /\d{15}/.test(name))
    throw new ZipRefused(`the name of file ${number} in it cannot be used`);
  if (/^(\/|[a-z]:)|(^|\/)\.\.(\/|$)/i.test(name))
    throw new ZipRefused(`the name of file ${number} in it leads out of the archive`);
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === linkMode) throw new ZipRefused(`${name} in it is a link`);
  if (entry.isEncrypted()) throw new ZipRefused("it is encrypted; send it without a password");
  const method = methods[entry.compressionMethod];
  if (method === undefined) throw new ZipRefused(`${name} in it is compressed in another way than deflate`);
  const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const raw = () => range(bytes, start, start + entry.compressedSize);
  const open = method === "stored" ? raw : () => inflated(raw(), createInflateRaw());
  return { name, size: entry.uncompressedSize, crc: entry.crc32, open };
}

/** The name in the encoding the entry declares; without one, UTF-8 when it is that, else GB18030, which Chinese Windows writes. */
function nameOf(entry: Entry): string {
  const declared = (entry.generalPurposeBitFlag & 0x800) !== 0 || entry.extraFields.some(({ id }) => id === 0x7075);
  const name = declared
    ? getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true)
    : (decoded(entry.fileNameRaw, "utf-8") ?? new TextDecoder("gb18030").decode(entry.fileNameRaw));
  return name.replaceAll("\\", "/");
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function* range(bytes: ArchiveBytes, start: number, end: number): AsyncGenerator<Uint8Array> {
  let left = end - start;
  if (left <= 0) return;
  for await (const chunk of bytes.openAt(start)) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}

/** What yauzl and zlib throw is about the archive; a Fault is about our own disk and passes. */
function refused(error: unknown, reason = "its directory is damaged"): Error {
  return error instanceof Fault || error instanceof ZipRefused ? error : new ZipRefused(reason, { cause: asFault(error) });
}
