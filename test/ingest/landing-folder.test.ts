import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createLandingFolder } from "../../src/adapters/landing/landing-folder.ts";
import { sha256 } from "../../src/kernel/crypto-suite.ts";

const key = randomBytes(32);
let dir: string;
let landing: Awaited<ReturnType<typeof createLandingFolder>>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "landing-"));
  landing = await createLandingFolder({ dir, key, maxBytes: 2_000_000 });
});
afterEach(() => rm(dir, { recursive: true }));

async function* chunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of content) blocks.push(block);
  return Buffer.concat(blocks);
}
const pathOf = (address: string) => join(dir, address.slice(0, 2), address);

describe("the landing folder", () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_003])(
    "gives back %i bytes as they came, addressed by their hash",
    async (size) => {
      const bytes = randomBytes(size);
      const landed = await landing.put(chunks(bytes, 9_973));
      expect(landed).toEqual({ sha256: sha256(bytes), size });
      expect((await all(landing.open(landed.sha256))).equals(bytes)).toBe(true);
    },
  );

  it.each([0, 1, 65_535, 65_536, 65_537, 131_071, 199_999])("gives back what stands from byte %i on", async (from) => {
    const bytes = randomBytes(200_000);
    const { sha256: address } = await landing.put(chunks(bytes, 9_973));
    expect((await all(landing.open(address, from))).equals(bytes.subarray(from))).toBe(true);
  });

  it("tells when content was landed last, and removes it", async () => {
    const { sha256: address } = await landing.put(chunks(Buffer.from("a"), 1));
    expect(Math.abs(((await landing.landedAt(address))?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    await landing.remove(address);
    await landing.remove(address);
    expect(await landing.landedAt(address)).toBeUndefined();
  });

  it("stores nothing in clear", async () => {
    const { sha256: address } = await landing.put(chunks(Buffer.from("身份证 990101199001010000 ".repeat(1000)), 100));
    expect((await readFile(pathOf(address))).includes("990101199001010000")).toBe(false);
  });

  it("stores the same content once and leaves nothing unfinished behind", async () => {
    const one = await landing.put(chunks(Buffer.from("a,b,c"), 2));
    const two = await landing.put(chunks(Buffer.from("a,b,c"), 5));
    expect(two).toEqual(one);
    expect(await readdir(join(dir, one.sha256.slice(0, 2)))).toEqual([one.sha256]);
    expect(await readdir(join(dir, "incoming"))).toEqual([]);
  });

  it("gives back content while the same content is landed again and again", async () => {
    const bytes = Buffer.from("an empty report, which many exports share");
    const { sha256: address } = await landing.put(chunks(bytes, 9));
    let reading = true;
    const landings = (async () => {
      while (reading) await landing.put(chunks(bytes, 9));
    })();
    for (let read = 0; read < 200; read++) expect((await all(landing.open(address))).equals(bytes)).toBe(true);
    reading = false;
    await landings;
  });

  it.each([
    [
      "a changed byte",
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[100_000] = (bytes[100_000] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
    ],
    ["a cut at a block's end", (path: string) => truncate(path, 20 + 65_552)],
    ["a cut anywhere", (path: string) => truncate(path, 70_000)],
    ["an empty file", (path: string) => truncate(path, 0)],
    ["a missing file", (path: string) => rm(path)],
  ])("notices %s", async (_, damage) => {
    const { sha256: address } = await landing.put(chunks(randomBytes(200_000), 50_000));
    await damage(pathOf(address));
    await expect(all(landing.open(address))).rejects.toMatchObject({ code: "landing-failed" });
  });

  it("does not open with another key", async () => {
    const { sha256: address } = await landing.put(chunks(Buffer.from("secret"), 6));
    const other = await createLandingFolder({ dir, key: randomBytes(32), maxBytes: 10 });
    await expect(all(other.open(address))).rejects.toMatchObject({ code: "landing-failed" });
  });

  it("refuses what is longer than it takes, and keeps nothing of it", async () => {
    await expect(landing.put(chunks(Buffer.alloc(2_000_001), 65_536))).rejects.toMatchObject({ code: "too-large" });
    expect(await readdir(join(dir, "incoming"))).toEqual([]);
  });

  it("lets the fault of a broken-off upload through, and keeps nothing of it", async () => {
    async function* broken() {
      yield Buffer.from("half");
      throw new Error("client hung up");
    }
    await expect(landing.put(broken())).rejects.toThrow("client hung up");
    expect(await readdir(join(dir, "incoming"))).toEqual([]);
  });

  it("says so when the disk fails", async () => {
    await rm(dir, { recursive: true });
    await expect(landing.put(chunks(Buffer.from("x"), 1))).rejects.toMatchObject({ code: "landing-failed" });
    await createLandingFolder({ dir, key, maxBytes: 10 });
  });
});
