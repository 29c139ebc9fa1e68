import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * One hash over files and over all files below folders: their names and their contents.
 * @param {string[]} paths
 * @returns {string} 12 hex digits
 */
export function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    const names = statSync(path).isFile() ? [""] : /** @type {string[]} */ (readdirSync(path, { recursive: true })).sort();
    for (const name of names) {
      const file = join(path, name);
      if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 12);
}
