import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createKeyedDigest } from "../../src/kernel/keyed-digest.ts";

/** The same with Node's own HMAC. */
function expected(key: Buffer, parts: readonly string[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hmac.update(length).update(part);
  }
  return hmac.digest("hex");
}

describe("a keyed digest", () => {
  const key = Buffer.from("a key of the installation, 32 b.");
  const digest = createKeyedDigest(key);
  it("is the HMAC-SHA-256 of its parts, whatever they hold and however long they are", () => {
    const part = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.string({ minLength: 2_000, maxLength: 9_000 }),
    );
    fc.assert(fc.property(fc.array(part, { maxLength: 6 }), (parts) => digest(parts) === expected(key, parts)));
  });
  it("is the same again after a longer one", () => {
    const before = digest(["血红蛋白", "1"]);
    digest(["长".repeat(100_000)]);
    expect(digest(["血红蛋白", "1"])).toBe(before);
  });
  it.each`
    bytes
    ${0}
    ${1}
    ${63}
    ${64}
  `("takes a key of $bytes bytes", ({ bytes }) => {
    const other = Buffer.alloc(Number(bytes), 7);
    expect(createKeyedDigest(other)(["a"])).toBe(expected(other, ["a"]));
  });
  it("refuses a key longer than a block", () => expect(() => createKeyedDigest(Buffer.alloc(65))).toThrow(RangeError));
});
