import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { FeedFolder } from "./feed-layers.ts";

/** One file of a feed or of a family it extends. */
export interface FeedFolderFile {
  /** Relative to the feed's folder. */
  readonly file: string;
  readonly path: string;
  /** The feed or family in whose folder it stands; undefined for a table of the region. */
  readonly owner?: FeedFolder;
}

/** Template files by name: one of a nearer folder takes the place of the family's of the same name. */
export async function templateFiles(folders: readonly FeedFolder[]): Promise<readonly FeedFolderFile[]> {
  const files = new Map<string, FeedFolderFile>();
  for (const owner of folders.toReversed()) {
    for (const name of await namesIn(owner.path, ".yaml")) {
      if (name === "feed.yaml" || name === "family.yaml") continue;
      files.set(name, fileIn(folders, join(owner.path, name), owner));
    }
  }
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** Code tables by name: those of the region (`../tables/`), then of the families, then of the feed; the nearest wins. */
export async function tableFiles(folders: readonly FeedFolder[]): Promise<ReadonlyMap<string, FeedFolderFile>> {
  const region = join(folders[0]?.path ?? "", "..", "tables");
  const files = new Map<string, FeedFolderFile>();
  for (const name of await namesIn(region, ".csv")) files.set(basename(name, ".csv"), fileIn(folders, join(region, name)));
  for (const owner of folders.toReversed()) {
    const place = join(owner.path, "tables");
    for (const name of await namesIn(place, ".csv"))
      files.set(basename(name, ".csv"), fileIn(folders, join(place, name), owner));
  }
  return files;
}

/** The text of a file of a feed. */
export function textOf({ path }: FeedFolderFile): Promise<string> {
  return readFile(path, "utf8");
}

function fileIn(folders: readonly FeedFolder[], path: string, owner?: FeedFolder): FeedFolderFile {
  return { file: relative(folders[0]?.path ?? "", path), path, ...(owner === undefined ? {} : { owner }) };
}

async function namesIn(folder: string, ending: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
