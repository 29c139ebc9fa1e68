import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CompileOutcome, compileFeed } from "../../mapping/compile-feed.ts";
import type { VersionFile } from "./version.ts";

/** Compiles the files of a version as if they lay in a folder of mappings; nothing of them stays on disk. */
export async function compileVersion(feed: string, files: readonly VersionFile[]): Promise<CompileOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "hutong-mapping-"));
  try {
    for (const { path, text } of files) {
      const place = join(folder, path);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text);
    }
    await mkdir(join(folder, feed), { recursive: true });
    return await compileFeed(join(folder, feed));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
