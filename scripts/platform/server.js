import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { privateFolder } from "./paths.js";
import { endProcess, runningPid, writePid } from "./pidfile.js";
import { isReady } from "./ready.js";

/** A start begins a new log file when the last one has grown beyond this, and keeps one old one. */
const logLimitBytes = 20_000_000;
const reapTimeoutMs = 5_000;

/**
 * How to run a server: plain data without secrets, so that state.json can hold it and a test in another process can
 * kill the server and start it again on the same port and data.
 * @typedef {object} ServerSpec
 * @property {string} name
 * @property {string} dir the platform's data folder
 * @property {string} url
 * @property {number} port
 * @property {string} command
 * @property {string[]} args
 * @property {Record<string, string>} env added to a minimal environment
 * @property {string} cwd
 * @property {{uid: number, gid: number}} [user] runs as this user
 * @property {import("./ready.js").Ready} ready
 * @property {number} startTimeoutMs
 * @property {NodeJS.Signals} stopSignal
 * @property {number} stopTimeoutMs after this it is killed
 */

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {string} url
 * @property {number} port
 * @property {ServerSpec} spec
 * @property {number | undefined} pid undefined while it is down
 * @property {() => Promise<void>} start waits until it answers
 * @property {() => Promise<void>} stop
 * @property {() => Promise<void>} kill `kill -9`
 * @property {() => Promise<void>} restart stop (if it runs) and start, same port and data
 * @property {(listener: () => void) => void} onExit called when a process started through this handle ends
 */

/**
 * The handle on a server, whether it runs or not, and whoever started it: what counts is the pid file.
 * @param {ServerSpec} spec
 * @returns {Server}
 */
export function serverOf(spec) {
  const pidFile = join(spec.dir, "run", `${spec.name}.pid`);
  /** @type {Array<() => void>} */
  const exitListeners = [];
  const stop = () => endProcess(pidFile);
  /** @type {{exit: string | undefined} | undefined} */
  let launched;

  async function start() {
    await stop(); // one left over from a start that was itself killed
    await untilReaped(launched);
    launched = launch(spec, pidFile, exitListeners);
    await untilReady(spec, launched);
  }
  return {
    name: spec.name,
    url: spec.url,
    port: spec.port,
    spec,
    get pid() {
      return runningPid(pidFile);
    },
    start,
    stop,
    kill: () => endProcess(pidFile, "SIGKILL"),
    restart: start,
    onExit: (listener) => void exitListeners.push(listener),
  };
}

/**
 * The log file of a server.
 * @param {Pick<ServerSpec, "dir" | "name">} spec
 */
export function logFileOf(spec) {
  return join(spec.dir, "logs", `${spec.name}.log`);
}

/**
 * @param {ServerSpec} spec
 * @param {string} pidFile
 * @param {Array<() => void>} exitListeners
 * @returns {{exit: string | undefined}} says how it ended, once it has
 */
function launch(spec, pidFile, exitListeners) {
  const logFile = logFileOf(spec);
  privateFolder(dirname(logFile));
  if (existsSync(logFile) && statSync(logFile).size > logLimitBytes) renameSync(logFile, `${logFile}.1`);
  const log = openSync(logFile, "a", 0o600);
  /** @type {{exit: string | undefined}} */
  const ended = { exit: undefined };
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LANG: "C.UTF-8", ...spec.env },
    stdio: ["ignore", log, log],
    detached: true, // Ctrl-C reaches us alone; we stop the servers in order
    ...(spec.user ?? {}),
  });
  closeSync(log);
  child.unref();
  child.once("error", (error) => {
    ended.exit = error.message;
  });
  child.once("exit", (code, signal) => {
    ended.exit = signal === null ? `exit code ${code}` : signal;
    for (const listener of exitListeners) listener();
  });
  if (child.pid !== undefined) writePid(pidFile, { pid: child.pid, ...spec });
  return ended;
}

/**
 * A process of ours that was killed keeps its number until we have taken note of its end, and PostgreSQL takes the number for a postmaster that runs.
 * @param {{exit: string | undefined} | undefined} ended
 */
async function untilReaped(ended) {
  const deadline = Date.now() + reapTimeoutMs;
  while (ended !== undefined && ended.exit === undefined && Date.now() < deadline) await sleep(10);
}

/**
 * @param {ServerSpec} spec
 * @param {{exit: string | undefined}} ended
 */
async function untilReady(spec, ended) {
  const deadline = Date.now() + spec.startTimeoutMs;
  while (!(await isReady(spec.ready))) {
    if (ended.exit !== undefined) throw failure(spec, `ended at once (${ended.exit})`);
    if (Date.now() > deadline) throw failure(spec, `does not answer after ${spec.startTimeoutMs / 1000} s`);
    await sleep(100);
  }
}

/**
 * @param {ServerSpec} spec
 * @param {string} what
 */
function failure(spec, what) {
  const tail = readFileSync(logFileOf(spec), "utf8").trimEnd().split("\n").slice(-15).join("\n  ");
  return new Error(`${spec.name} ${what}. The end of ${logFileOf(spec)}:\n  ${tail}`);
}
