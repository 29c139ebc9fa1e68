import { createGunzip } from "node:zlib";
import { Fault } from "../kernel/fault.ts";
import type { ExportFile, RowIssue } from "../mapping/mapped.ts";
import { inflated } from "./inflate.ts";
import { type ArchiveBytes, checkEntry, readZip, type ZipEntry, ZipRefused } from "./read-zip.ts";

/** A file of an export that may be an archive. `openAt` and `size`, where the store has them, spare reading what stands before. */
export interface PackedFile extends ExportFile {
  /** Bytes. */
  readonly size?: number;
  openAt?(from: number): AsyncIterable<Uint8Array>;
}

/** The files to map, and one issue for each archive that is not taken. */
export interface Unpacked {
  readonly files: readonly PackedFile[];
  readonly issues: readonly RowIssue[];
}

/** How far an archive may unpack. */
export interface UnpackLimits {
  /** Times its own size, beyond the first `freeBytes`. */
  readonly ratio: number;
  readonly freeBytes: number;
  /** At most, bytes. */
  readonly bytes: number;
}

/** Exports of rows shrink to a tenth or a thirtieth; what grows a hundredfold is no export. */
export const usualUnpackLimits: UnpackLimits = { ratio: 100, freeBytes: 64 * 2 ** 20, bytes: 64 * 2 ** 30 };

/**
 * Takes zip and gzip apart before mapping: `archive.zip/inner.csv` in place of `archive.zip`, `TB_X.csv.gz/TB_X.csv` in place of `TB_X.csv.gz`. Told by the
 * first bytes, not the name; Excel workbooks, which are zips too, pass as they are. Every archive is read to its end first, so that one that is
 * damaged, encrypted, too large or holds archives is refused whole with one issue; never more than a chunk is in memory. Throws only what reading throws.
 */
export async function unpackFiles(files: readonly PackedFile[], limits: UnpackLimits = usualUnpackLimits): Promise<Unpacked> {
  const unpacked: PackedFile[] = [];
  const issues: RowIssue[] = [];
  for (const file of files) {
    try {
      unpacked.push(...(await unpack(file, limits)));
    } catch (error) {
      if (!(error instanceof ZipRefused)) throw error;
      issues.push({
        severity: "error",
        code: "archive",
        file: file.name,
        reason: `the archive is not taken: ${error.message}`,
      });
    }
  }
  return { files: unpacked, issues };
}

async function unpack(file: PackedFile, limits: UnpackLimits): Promise<readonly PackedFile[]> {
  const kind = kindOf(await firstBytes(file.open()));
  if (kind === undefined) return [file];
  if (kind === "gzip") return [await gunzip(file, limits)];
  if (kind === "zip") return isWorkbook(file.name) ? [file] : unzip(file, limits);
  throw new ZipRefused(`it is ${kind}; send zip or gzip`);
}

async function gunzip(file: PackedFile, limits: UnpackLimits): Promise<PackedFile> {
  let packed = 0;
  let size = 0;
  async function* counted() {
    for await (const chunk of file.open()) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const check = contentCheck(limits, () => packed);
  try {
    for await (const chunk of inflated(counted(), createGunzip())) {
      check(chunk);
      size += chunk.length;
    }
  } catch (error) {
    throw error instanceof Fault || error instanceof ZipRefused ? error : new ZipRefused("it is damaged or was cut off");
  }
  const base = file.name.slice(file.name.lastIndexOf("/") + 1).replace(/\.gz$/i, "");
  return { name: `${file.name}/${base}`, size, open: () => inflated(file.open(), createGunzip()) };
}

async function unzip(file: PackedFile, limits: UnpackLimits): Promise<readonly PackedFile[]> {
  const bytes = await bytesOf(file);
  const entries = await readZip(bytes);
  if (entries.some((entry) => entry.name === "[Content_Types].xml")) return [file];
  if (entries.length === 0) throw new ZipRefused("it holds no file");
  let before = 0;
  for (const entry of entries) {
    await checkEntry(
      entry,
      contentCheck(limits, () => bytes.size, { before, entry }),
    );
    before += entry.size;
  }
  return entries.map(({ name, size, open }) => ({ name: `${file.name}/${name}`, size, open }));
}

/** Looks at what comes out: no archive in the archive, not too much. `before`: bytes of earlier entries. */
function contentCheck(
  limits: UnpackLimits,
  packed: () => number,
  at: { readonly before: number; readonly entry?: ZipEntry } = { before: 0 },
): (chunk: Uint8Array) => void {
  let size = at.before;
  let head: Buffer | undefined = Buffer.alloc(0);
  return (chunk) => {
    size += chunk.length;
    if (size > limits.bytes) throw new ZipRefused(`it unpacks to more than ${limits.bytes} bytes`);
    if (size > limits.freeBytes + limits.ratio * packed())
      throw new ZipRefused(`it unpacks to more than ${limits.ratio} times its size`);
    if (head === undefined) return;
    head = Buffer.concat([head, chunk.subarray(0, headBytes)]);
    const kind = kindOf(head);
    const allowed = kind === undefined || (kind === "zip" && at.entry !== undefined && isWorkbook(at.entry.name));
    if (!allowed)
      throw new ZipRefused(
        `it holds another archive${at.entry === undefined ? "" : ` (${at.entry.name})`}; pack the files once`,
      );
    if (head.length >= headBytes) head = undefined;
  };
}

/** The archive's size, counted when the store does not know it, and its bytes from a place on, skipped to when the store cannot. */
async function bytesOf(file: PackedFile): Promise<ArchiveBytes> {
  let { size } = file;
  if (size === undefined) {
    size = 0;
    for await (const chunk of file.open()) size += chunk.length;
  }
  return { size, openAt: (from) => file.openAt?.(from) ?? skipped(file.open(), from) };
}

async function* skipped(bytes: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Uint8Array> {
  let left = from;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

const headBytes = 262;
const marks: readonly { readonly kind: string; readonly at: number; readonly bytes: string }[] = [
  { kind: "zip", at: 0, bytes: "PK\x03\x04" },
  { kind: "zip", at: 0, bytes: "PK\x05\x06" },
  { kind: "gzip", at: 0, bytes: "\x1f\x8b\x08" },
  { kind: "a RAR archive", at: 0, bytes: "Rar!\x1a\x07" },
  { kind: "a 7z archive", at: 0, bytes: "7z\xbc\xaf\x27\x1c" },
  { kind: "a tar archive", at: 257, bytes: "ustar" },
];

function kindOf(head: Buffer): string | undefined {
  return marks.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(Buffer.from(bytes, "latin1")))?.kind;
}

async function firstBytes(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of bytes) {
    head = Buffer.concat([head, chunk.subarray(0, headBytes)]);
    if (head.length >= headBytes) break;
  }
  return head;
}

function isWorkbook(name: string): boolean {
  return /\.xls[xmb]$/i.test(name);
}
