import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "./file-hash.js";
import { foldersOf, projectRoot } from "./paths.js";
import { runTypeScript } from "./typescript.js";

/**
 * Has the sample region, as its scripts make it now, been loaded into this platform?
 * @param {string} dir
 */
export function sampleIsLoaded(dir) {
  const { sampleMarker } = foldersOf(dir);
  return existsSync(sampleMarker) && readFileSync(sampleMarker, "utf8").trim() === sampleVersion();
}

/**
 * Makes the sample region and delivers it to the running platform the way its hospitals would.
 * @param {string} dir
 * @param {(line: string) => void} [say] hears how far it is
 */
export async function loadSample(dir, say) {
  const { stateFile, sampleMarker, logs } = foldersOf(dir);
  const log = join(logs, "sample.log");
  await runTypeScript("scripts/sample/load.ts", [], {
    env: { PLATFORM_STATE: stateFile },
    output: { log, ...(say === undefined ? {} : { say }) },
  });
  writeFileSync(sampleMarker, `${sampleVersion()}\n`);
}

function sampleVersion() {
  return hashOf([join(projectRoot, "scripts/sample")]);
}
