import { lock } from "./lock.js";
import { foldersOf } from "./paths.js";
import { endAll } from "./pidfile.js";
import { retireState } from "./state.js";

/**
 * @typedef {object} Session
 * @property {(server: import("./server.js").Server) => void} supervise starts it again when it dies by itself
 */

/**
 * Runs a platform in `dir` in the foreground: alone there, and whatever way it ends (Ctrl-C, SIGTERM, an error, or
 * `run` having finished), every server it started is stopped, the latest first, and nothing else is.
 * @param {string} dir
 * @param {(session: Session) => Promise<number | "stay">} run gives the exit code, or "stay" to go on until a signal
 * @returns {Promise<never>}
 */
export async function session(dir, run) {
  let stopping = false;
  let stays = false; // from then on Ctrl-C is how it is meant to end
  const { run: pids } = foldersOf(dir);
  /** @param {number} code */
  async function end(code) {
    if (stopping) return;
    stopping = true;
    await endAll(pids);
    retireState(dir);
    unlock();
    process.exit(code);
  }
  const unlock = orExit(() => lock(dir));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      if (!stopping) console.log("\nstopping …");
      void end(stays ? 0 : signal === "SIGINT" ? 130 : 143);
    });
  }
  try {
    await endAll(pids); // left over from a start that was itself killed
    const code = await run({ supervise: (server) => supervise(server, () => stopping) });
    if (code !== "stay") await end(code);
    stays = true;
  } catch (error) {
    if (!stopping) console.error(`\n${error instanceof Error ? error.message : error}`);
    await end(1);
  }
  setInterval(() => {}, 2 ** 30); // the servers do not keep this process alive; this does
  return new Promise(() => {});
}

/**
 * @param {import("./server.js").Server} server
 * @param {() => boolean} stopping
 */
function supervise(server, stopping) {
  let failures = 0;
  const restart = async () => {
    if (stopping()) return;
    const pauseMs = Math.min(500 * 2 ** failures, 30_000);
    console.log(`${new Date().toISOString()} ${server.name} ended unexpectedly; starting it again in ${pauseMs} ms`);
    await new Promise((done) => setTimeout(done, pauseMs));
    if (stopping()) return;
    failures += 1;
    try {
      await server.start();
      failures = 0;
      console.log(`${new Date().toISOString()} ${server.name} is back (process ${server.pid})`);
    } catch (error) {
      if (!stopping()) console.error(`${error instanceof Error ? error.message : error}`);
      // Tried again, later: a process that has ended calls us through onExit.
    }
  };
  server.onExit(() => void restart());
}

/**
 * @template T
 * @param {() => T} action
 * @returns {T}
 */
function orExit(action) {
  try {
    return action();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
