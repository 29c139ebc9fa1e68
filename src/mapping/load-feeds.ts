import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { compileFeed, type Feed } from "./compile-feed.ts";
import type { MappingProblem } from "./mapped.ts";

/** Every feed that compiles, by name, and what is wrong with the others, by folder: one broken mapping never stops the rest. */
export interface LoadedFeeds {
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly wrong: ReadonlyMap<string, readonly MappingProblem[]>;
}

/** Compiles every folder of `mappings/` that holds a feed.yaml. Throws only when the folder itself cannot be read. */
export async function loadFeeds(folder: string): Promise<LoadedFeeds> {
  const feeds = new Map<string, Feed>();
  const wrong = new Map<string, readonly MappingProblem[]>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !(await exists(join(folder, entry.name, "feed.yaml")))) continue;
    const outcome = await compileFeed(join(folder, entry.name));
    if (outcome.kind === "compiled") feeds.set(outcome.feed.name, outcome.feed);
    else wrong.set(entry.name, outcome.problems);
  }
  return { feeds, wrong };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
