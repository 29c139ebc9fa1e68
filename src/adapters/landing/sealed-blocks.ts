import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Fault } from "../../kernel/fault.ts";

/*
 * A sealed file: "HTL1", 16 random bytes (salt), then blocks of up to 64 KiB of content, each followed by its 16-byte GCM tag.
 * The key is derived for this one file (HKDF of the data key and the salt), so a counter can be the nonce. The additional data say whether
 * a block is the last, so a file cut at a block's end does not open.
 */
const magic = Buffer.from("HTL1");
const saltBytes = 16;
const tagBytes = 16;
const headerBytes = magic.length + saltBytes;
const blockBytes = 64 * 1024;

/** Encrypts a stream. `key`: 32 bytes. */
export async function* sealBlocks(key: Buffer, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const salt = randomBytes(saltBytes);
  const fileKey = keyOf(key, salt);
  yield Buffer.concat([magic, salt]);
  let index = 0;
  const seal = (block: Uint8Array, last: boolean) => {
    const cipher = createCipheriv("aes-256-gcm", fileKey, nonceOf(index++)).setAAD(markOf(last));
    return Buffer.concat([cipher.update(block), cipher.final(), cipher.getAuthTag()]);
  };
  let held: Buffer | undefined;
  for await (const block of inBlocks(content, blockBytes)) {
    if (held !== undefined) yield seal(held, false);
    held = block;
  }
  yield seal(held ?? Buffer.alloc(0), true);
}

/** First and last byte of a part of a file; to its end when `end` is absent. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/**
 * Decrypts what `sealBlocks` made, from byte `from` of the content on (there must be one): blocks before it are not read. `read` gives a part of the sealed file.
 * Throws `Fault("landing-failed")` when what is read was changed, cut or made with another key.
 */
export async function* openBlocks(
  key: Buffer,
  read: (part: ByteRange) => AsyncIterable<Uint8Array>,
  from = 0,
): AsyncGenerator<Buffer> {
  const skipped = Math.floor(from / blockBytes);
  let index = skipped;
  let ahead = from - skipped * blockBytes;
  let held: Buffer | undefined;
  try {
    const fileKey = await fileKeyOf(key, read({ start: 0, end: headerBytes - 1 }));
    const open = (block: Buffer, last: boolean) => {
      const decipher = createDecipheriv("aes-256-gcm", fileKey, nonceOf(index++)).setAAD(markOf(last));
      decipher.setAuthTag(block.subarray(-tagBytes));
      const content = Buffer.concat([decipher.update(block.subarray(0, -tagBytes)), decipher.final()]).subarray(ahead);
      ahead = 0;
      return content;
    };
    const sealed = read({ start: headerBytes + skipped * (blockBytes + tagBytes) });
    for await (const block of inBlocks(sealed, blockBytes + tagBytes)) {
      if (held !== undefined) yield open(held, false);
      held = block;
    }
    if (held === undefined) throw new Error("no end");
    const end = open(held, true);
    if (end.length > 0) yield end;
  } catch (cause) {
    throw new Fault("landing-failed", { cause, detail: "A stored file cannot be read; it is damaged or missing." });
  }
}

async function fileKeyOf(key: Buffer, header: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of header) parts.push(part);
  const bytes = Buffer.concat(parts);
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) throw new Error("no sealed file");
  return keyOf(key, bytes.subarray(magic.length));
}

/** The same bytes in blocks of exactly `size`, the last one maybe shorter. */
async function* inBlocks(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of content) {
    let at = 0;
    while (held + chunk.length - at >= size) {
      const take = size - held;
      yield Buffer.concat([...parts, chunk.subarray(at, at + take)]);
      at += take;
      parts = [];
      held = 0;
    }
    if (at < chunk.length) {
      parts.push(chunk.subarray(at));
      held += chunk.length - at;
    }
  }
  if (held > 0) yield Buffer.concat(parts);
}

function keyOf(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, "hutong landing file", 32));
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 6, 6);
  return nonce;
}

function markOf(last: boolean): Buffer {
  return Buffer.from([last ? 1 : 0]);
}
