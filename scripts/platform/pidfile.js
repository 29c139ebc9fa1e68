import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A process id alone is not a process: after a crash or a power cut the number belongs to somebody else. So a pid file
 * holds the id, when that process began, and which boot of the machine it was; and how to end it, for whoever finds it.
 * @typedef {object} PidRecord
 * @property {number} pid
 * @property {string} identity
 * @property {number} since when this server was first started, ms: what started last is stopped first
 * @property {NodeJS.Signals} stopSignal
 * @property {number} stopTimeoutMs after this it is killed
 */

/**
 * @param {string} file
 * @returns {number | undefined} the id, when the very process written there still runs
 */
export function runningPid(file) {
  const record = read(file);
  return record !== undefined && identityOf(record.pid) === record.identity ? record.pid : undefined;
}

/**
 * @param {string} file
 * @param {{pid: number, stopSignal: NodeJS.Signals, stopTimeoutMs: number}} process_
 */
export function writePid(file, { pid, stopSignal, stopTimeoutMs }) {
  const since = read(file)?.since ?? Date.now();
  mkdirSync(dirname(file), { recursive: true });
  /** @type {PidRecord} */
  const record = { pid, identity: identityOf(pid) ?? "gone", since, stopSignal, stopTimeoutMs };
  writeFileSync(file, JSON.stringify(record));
}

/**
 * Ends the process of a pid file and waits until it is gone; harmless when it is gone already.
 * @param {string} file
 * @param {NodeJS.Signals} [signal] instead of the one that stops it in good order
 */
export async function endProcess(file, signal) {
  const pid = runningPid(file);
  const record = read(file);
  if (pid === undefined || record === undefined) return;
  send(pid, signal ?? record.stopSignal);
  const deadline = Date.now() + record.stopTimeoutMs;
  while (runningPid(file) === pid && Date.now() < deadline) await sleep(20);
  if (runningPid(file) === pid) send(pid, "SIGKILL");
  while (runningPid(file) === pid) await sleep(20);
}

/**
 * Ends every process of a folder of pid files, the latest first, and removes the files.
 * @param {string} folder
 */
export async function endAll(folder) {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".pid")) : [];
  const paths = files.map((name) => join(folder, name));
  for (const path of paths.sort((a, b) => (read(b)?.since ?? 0) - (read(a)?.since ?? 0))) {
    await endProcess(path);
    rmSync(path, { force: true });
  }
}

/**
 * @param {string} file
 * @returns {PidRecord | undefined} undefined when there is none, or a power cut left it half written
 */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/**
 * @param {number} pid
 * @returns {string | undefined} when it began and in which boot; undefined for a process that has ended
 */
function identityOf(pid) {
  try {
    // The name in brackets may hold spaces; what follows it are plain fields: state is the first, start time the 20th.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    if (fields[0] === "Z") return undefined;
    return `${fields[19]} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return undefined;
  }
}
