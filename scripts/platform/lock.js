import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf } from "./paths.js";
import { runningPid, writePid } from "./pidfile.js";

/**
 * Makes this process the only one that runs a platform in this data folder. A lock whose process is gone (killed, or
 * the machine lost power) does not count.
 * @param {string} dir
 * @returns {() => void} gives the lock back
 * @throws {Error} saying who has it
 */
export function lock(dir) {
  const { root, run } = foldersOf(dir);
  const file = join(run, "lock");
  const holder = runningPid(file);
  if (holder !== undefined) {
    throw new Error(`already running in ${root} (process ${holder}); stop it with Ctrl-C there, or: kill ${holder}`);
  }
  mkdirSync(run, { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, "", { flag: "wx" }); // of two that start at once, one fails here
  writePid(file, { pid: process.pid, stopSignal: "SIGTERM", stopTimeoutMs: 60_000 });
  return () => rmSync(file, { force: true });
}
