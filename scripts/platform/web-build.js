import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "./file-hash.js";
import { dataRoot, projectRoot } from "./paths.js";
import { runTypeScript } from "./typescript.js";

/** What the built pages are made from; a new version of a package may change them as well. */
const sources = ["src/web", "scripts/web", "package-lock.json"].map((path) => join(projectRoot, path));

/**
 * The built pages for the sources as they are now: built once (about 10 s), then reused until a source changes.
 * @returns {Promise<string>} a folder with index.html and assets/
 */
export async function builtPages() {
  const builds = join(dataRoot, "web");
  const target = join(builds, hashOf(sources));
  if (existsSync(target)) return target;
  mkdirSync(builds, { recursive: true });
  const work = mkdtempSync(join(builds, "building-"));
  try {
    await runTypeScript("scripts/web/build.ts", [work], { output: "keep" });
    if (!existsSync(target)) renameSync(work, target); // two may have built at once
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  forgetOldBuilds(builds, target);
  return target;
}

/**
 * The engine reads the pages into memory when it starts, so an earlier build is of no use to anybody.
 * @param {string} builds
 * @param {string} current
 */
function forgetOldBuilds(builds, current) {
  for (const name of readdirSync(builds)) {
    const old = join(builds, name);
    if (old !== current && !name.startsWith("building-")) rmSync(old, { recursive: true, force: true });
  }
}
