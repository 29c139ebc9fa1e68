import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./paths.js";

/** Who takes part in the sample region. */
export const sampleRegistry = join(projectRoot, "scripts/sample/region/registry.yaml");

/**
 * The ids of a registry's clients. Call it after the packages are installed: it needs one to read YAML.
 * @param {string} [file]
 * @returns {Promise<string[]>}
 */
export async function clientIdsOf(file = sampleRegistry) {
  const { parse } = await import("yaml");
  /** @type {{clients?: Array<{id: string}>}} */
  const registry = parse(readFileSync(file, "utf8"));
  return (registry.clients ?? []).map((client) => client.id);
}
