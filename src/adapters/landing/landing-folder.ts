import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RawShelf } from "../../ingest/expire-raw.ts";
import type { Landed, Landing } from "../../ingest/landing.ts";
import { Fault } from "../../kernel/fault.ts";
import { type ByteRange, openBlocks, sealBlocks } from "./sealed-blocks.ts";

/** An unfinished file older than this was left by a process that died, ms. */
const abandonedMs = 24 * 3_600_000;

/**
 * The landing folder on disk: `<dir>/<first two digits>/<sha256>`, encrypted with AES-256-GCM, fsynced with its folder before `put` returns.
 * `key`: the installation's data key (32 bytes). `maxBytes`: longest content taken. Makes the folder when it is missing.
 */
export async function createLandingFolder(options: {
  dir: string;
  key: Buffer;
  maxBytes: number;
}): Promise<Landing & RawShelf> {
  const { dir, key, maxBytes } = options;
  const incoming = join(dir, "incoming");
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await removeAbandoned(incoming);
  const pathOf = (sha256: string) => join(dir, sha256.slice(0, 2), sha256);

  return {
    async put(content) {
      const unfinished = join(incoming, randomUUID());
      try {
        const landed = await writeSealed(unfinished, key, bounded(content, maxBytes));
        await keep(unfinished, pathOf(landed.sha256), dir);
        return landed;
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    open(sha256, from = 0) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Fault("landing-failed", { detail: "A stored file has no such address." });
      return openStored(pathOf(sha256), key, from);
    },
    async isGone(sha256) {
      const there = (path: string) =>
        stat(path).then(
          () => true,
          (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
        );
      return (await there(incoming)) && !(await there(pathOf(sha256)));
    },
    landedAt: (sha256) =>
      stat(pathOf(sha256)).then(
        ({ mtime }) => mtime,
        () => undefined,
      ),
    async remove(sha256) {
      await rm(pathOf(sha256), { force: true }).catch((cause) => {
        throw new Fault("landing-failed", { cause });
      });
    },
  };
}

/** Faults of the content's own source (the client hung up, the body is malformed) pass as they are; the disk's become `landing-failed`. */
class SourceFailed extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("the source of the content failed");
    this.reason = reason;
  }
}

async function* bounded(content: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of content) {
      size += chunk.length;
      if (size > maxBytes) throw new Fault("too-large");
      yield chunk;
    }
  } catch (reason) {
    throw new SourceFailed(reason);
  }
}

async function writeSealed(path: string, key: Buffer, content: AsyncIterable<Uint8Array>): Promise<Landed> {
  const hash = createHash("sha256");
  let size = 0;
  async function* hashed() {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  try {
    const file = await open(path, "wx", 0o600);
    try {
      for await (const block of sealBlocks(key, hashed())) await file.writeFile(block);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SourceFailed) throw error.reason;
    throw new Fault("landing-failed", { cause: error });
  }
  return { sha256: hash.digest("hex"), size };
}

/** Moves a finished file to its address; the folders are synced too, so that the name survives a power cut. */
async function keep(from: string, to: string, dir: string): Promise<void> {
  try {
    const folder = join(to, "..");
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    // Over what may be there: the content is the same, and a damaged copy is replaced.
    await rename(from, to);
    await syncFolder(folder);
    if (made !== undefined) await syncFolder(dir);
  } catch (cause) {
    throw new Fault("landing-failed", { cause });
  }
}

/**
 * Opens only when somebody reads, so that a missing file is the reader's fault and nobody else's; and once, because the same content
 * delivered again puts another sealed file in its place: a header of the one and blocks of the other do not open.
 */
async function* openStored(path: string, key: Buffer, from: number): AsyncGenerator<Buffer> {
  let file: FileHandle | undefined;
  async function* read(at: ByteRange): AsyncGenerator<Buffer> {
    file ??= await open(path, "r");
    yield* file.createReadStream({ ...at, highWaterMark: 256 * 1024, autoClose: false });
  }
  try {
    yield* openBlocks(key, read, from);
  } finally {
    await file?.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedMs) await rm(path, { force: true });
  }
}
