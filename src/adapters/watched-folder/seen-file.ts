import { constants } from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../../kernel/fault.ts";

/** A file as it lay there at a look; `path` is relative to the feed's folder. */
export interface SeenFile {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
  readonly inode: number;
  readonly size: number;
  /** Last change of content or name, ms. */
  readonly changedMs: number;
  readonly links: number;
}

/** Looks at a path without following a link; undefined when nothing is there. */
export async function seen(folder: string, path: string): Promise<SeenFile | undefined> {
  const stat = await lstat(join(folder, path)).catch(() => undefined);
  if (stat === undefined) return undefined;
  const kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other";
  return { path, kind, inode: stat.ino, size: stat.size, changedMs: stat.mtimeMs, links: stat.nlink };
}

/** Whether nobody has touched the file between two looks. */
export function same(one: SeenFile, other: SeenFile): boolean {
  return one.inode === other.inode && one.size === other.size && one.changedMs === other.changedMs;
}

/** The bytes of a file that was seen. Throws `Fault("delivery-changed")` when it is another one, grew, or is reached through a link. */
export async function* contentOf(folder: string, file: SeenFile): AsyncGenerator<Uint8Array> {
  const path = join(folder, file.path);
  if ((await realpath(dirname(path))) !== dirname(join(await realpath(folder), file.path))) throw new Fault("delivery-changed");
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => {
    throw new Fault("delivery-changed");
  });
  const check = async () => {
    const { ino: inode, size, mtimeMs: changedMs } = await handle.stat();
    if (!same({ ...file, inode, size, changedMs }, file)) throw new Fault("delivery-changed");
  };
  try {
    await check();
    yield* handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 });
    await check();
  } finally {
    await handle.close();
  }
}
