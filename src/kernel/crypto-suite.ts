import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import { Fault } from "./fault.ts";
import { createKeyedDigest } from "./keyed-digest.ts";

/** The three installation secrets; each 32 bytes, kept apart, none derived from another. */
export interface InstallationKeys {
  /** Computes every resource id; never rotated but by a migration. */
  readonly ids: Buffer;
  /** Computes blind indexes of identity numbers and phones; never rotated but by a migration. */
  readonly index: Buffer;
  /** Encrypts identity numbers, phones, raw exports and sealed answers. */
  readonly data: Buffer;
}

/** Authenticated encryption of small values and the keyed digests behind ids and blind indexes. */
export interface CryptoSuite {
  /** Letter and 40 hex digits of HMAC-SHA-256 over the parts; parts are length-prefixed, so `["ab","c"]` and `["a","bc"]` differ. */
  computeId(...parts: readonly string[]): string;
  /** Blind index of a normalised value within a domain (`identity-number`, `phone`, `name`): 64 hex digits. */
  blindIndex(domain: string, value: string): string;
  /** Encrypts; the same (context, plaintext) gives the same ciphertext, so that a replay changes nothing. Base64. */
  seal(context: string, plaintext: Buffer | string): string;
  /** Opens what `seal` made under the same context. Throws `Fault("unexpected")` when it was tampered with. */
  open(context: string, sealed: string): Buffer;
  /** Fingerprint of the id and index keys (16 hex digits), stored in DEFAULT and compared at every start. */
  readonly fingerprint: string;
}

/** The international suite: AES-256-GCM with a synthetic nonce (HMAC of context and plaintext), HMAC-SHA-256. */
export function createCryptoSuite(secrets: InstallationKeys): CryptoSuite {
  // As a key object: from a Buffer Node makes one for every digest, which takes seven times as long as the digest itself.
  const data = createSecretKey(secrets.data);
  const ids = createKeyedDigest(secrets.ids);
  const index = createKeyedDigest(secrets.index);
  return {
    computeId: (...parts) => `h${ids(parts).slice(0, 40)}`,
    blindIndex: (domain, value) => index([domain, value]),
    seal(context, plaintext) {
      const bytes = typeof plaintext === "string" ? Buffer.from(plaintext, "utf8") : plaintext;
      const nonce = nonceOf(data, context, bytes).subarray(0, 12);
      const cipher = createCipheriv("aes-256-gcm", data, nonce).setAAD(Buffer.from(context, "utf8"));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString("base64");
    },
    open(context, sealed) {
      try {
        const bytes = Buffer.from(sealed, "base64");
        const decipher = createDecipheriv("aes-256-gcm", data, bytes.subarray(0, 12));
        decipher.setAAD(Buffer.from(context, "utf8")).setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      } catch (cause) {
        throw new Fault("unexpected", { cause, detail: "A sealed value could not be opened." });
      }
    },
    fingerprint: createHash("sha256")
      .update(ids(["fingerprint"]), "hex")
      .update(index(["fingerprint"]), "hex")
      .digest("hex")
      .slice(0, 16),
  };
}

/** HMAC of the word `nonce`, context and plaintext, each behind its length (4 bytes, big-endian). */
function nonceOf(key: KeyObject, context: string, plaintext: Buffer): Buffer {
  const hmac = createHmac("sha256", key);
  for (const part of ["nonce", context, plaintext]) {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hmac.update(length).update(part);
  }
  return hmac.digest();
}

/** SHA-256 in hex, for content addresses and row digests (no key: not for personal data that could be guessed). */
export function sha256(bytes: string | Buffer): string {
  return hash("sha256", bytes, "hex");
}
