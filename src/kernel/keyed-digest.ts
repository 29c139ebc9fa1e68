import { hash } from "node:crypto";

/** HMAC-SHA-256 (RFC 2104) in hex under one key, over the parts, each behind its length (4 bytes, big-endian, of its UTF-8). */
export type KeyedDigest = (parts: readonly string[]) => string;

const block = 64;
const digestBytes = 32;

/**
 * A digest of many short texts under one key: the HMAC written as its two hashes over buffers that are made once, since Node's own Hmac object costs
 * twice the digest itself. Throws RangeError when the key is longer than a block of SHA-256.
 */
export function createKeyedDigest(key: Buffer): KeyedDigest {
  if (key.length > block) throw new RangeError(`a key of keyed digests has at most ${block} bytes`);
  let inner = padded(key, 0x36, 1024);
  const outer = padded(key, 0x5c, digestBytes);
  return (parts) => {
    let most = block;
    for (const part of parts) most += 4 + part.length * 3; // a UTF-16 unit takes three bytes of UTF-8 at most
    if (most > inner.length) inner = padded(key, 0x36, most);
    let at = block;
    for (const part of parts) {
      const bytes = inner.write(part, at + 4);
      at = inner.writeUInt32BE(bytes, at) + bytes;
    }
    // `binary` is one character a byte: Node makes strings many times faster than it makes buffers.
    outer.write(hash("sha256", inner.subarray(0, at), "binary"), block, "binary");
    return hash("sha256", outer, "hex");
  };
}

/** The key in the first block, each byte of which is marked, and room behind it. */
function padded(key: Buffer, mark: number, room: number): Buffer {
  const buffer = Buffer.alloc(block + room);
  for (let at = 0; at < block; at++) buffer[at] = mark ^ (key[at] ?? 0);
  return buffer;
}
