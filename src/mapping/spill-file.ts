import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

const blockBytes = 8 * 1024;
const tagBytes = 16;
const newline = 0x0a;

/** Records put aside on disk, in numbered blocks; a record is UTF-8 without line feeds. */
export interface SpillFile {
  /** Adds a record and tells the block it stands in. */
  append(record: Uint8Array): number;
  /** Ends the block in hand; tells how many blocks there are. */
  flush(): number;
  /** The bytes of a block that was flushed; each record ends in a line feed. */
  read(block: number): Buffer;
  /** Frees the disk. */
  close(): void;
}

/**
 * An empty spill file in a folder of its own. Rows are personal data: every block is sealed (AES-256-GCM) under a key that lives only in this process,
 * and the file has no name from the moment it is open, so that neither an error nor a crash leaves anything behind.
 */
export function openSpillFile(folder: string): SpillFile {
  const own = mkdtempSync(join(folder, "hutong-sort-"));
  const path = join(own, "rows");
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  rmdirSync(own);
  const key = randomBytes(32);
  const starts: number[] = [0];
  let pending = Buffer.allocUnsafe(2 * blockBytes);
  let used = 0;

  function flush(): number {
    const block = starts.length - 1;
    if (used === 0) return block;
    const cipher = createCipheriv("aes-256-gcm", key, nonceOf(block));
    const sealed = Buffer.concat([cipher.update(pending.subarray(0, used)), cipher.final(), cipher.getAuthTag()]);
    const start = starts[block] ?? 0;
    writeWhole(file, sealed, start);
    starts.push(start + sealed.length);
    used = 0;
    return block + 1;
  }

  return {
    append(record) {
      if (used >= blockBytes) flush();
      if (used + record.length + 1 > pending.length) {
        const larger = Buffer.allocUnsafe(2 * (used + record.length + 1));
        pending.copy(larger, 0, 0, used);
        pending = larger;
      }
      pending.set(record, used);
      used += record.length;
      pending[used++] = newline;
      return starts.length - 1;
    },
    flush,
    read(block) {
      const start = starts[block] ?? 0;
      const sealed = readWhole(file, start, (starts[block + 1] ?? start) - start);
      const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(block)).setAuthTag(sealed.subarray(-tagBytes));
      const bytes = decipher.update(sealed.subarray(0, -tagBytes));
      decipher.final();
      return bytes;
    },
    close: () => closeSync(file),
  };
}

/** The records of a block as texts. */
export function textsOf(block: Buffer): string[] {
  return block.toString("utf8", 0, block.length - 1).split("\n");
}

/** A block's number is its nonce: the key belongs to one file, and a block is written once. */
function nonceOf(block: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(block, 6, 6);
  return nonce;
}

function writeWhole(file: number, bytes: Buffer, start: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, start + at);
}

function readWhole(file: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const got = readSync(file, bytes, at, length - at, start + at);
    if (got === 0) throw new Error("a spill file is shorter than what was written to it");
    at += got;
  }
  return bytes;
}
