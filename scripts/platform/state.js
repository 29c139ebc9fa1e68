import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { foldersOf, privateFolder } from "./paths.js";
import { serverOf } from "./server.js";

/**
 * What runs, written when it is ready: for the story, the benchmarks and the tests. Holds no secrets.
 * @typedef {object} State
 * @property {string} dir the platform's data folder
 * @property {Record<string, string>} urls by server name: postgres, redis, hapi, api, worker, mllp
 * @property {Record<string, import("./server.js").ServerSpec>} servers
 * @property {Record<string, string>} [files] keys and folders that clients of the platform need
 */

/**
 * @param {string} dir
 * @param {import("./server.js").Server[]} servers
 * @param {Record<string, string>} [files]
 * @returns {string} the file
 */
export function writeState(dir, servers, files) {
  const { root, stateFile } = foldersOf(dir);
  /** @type {State} */
  const state = {
    dir: root,
    urls: Object.fromEntries(servers.map((server) => [server.name, server.url])),
    servers: Object.fromEntries(servers.map((server) => [server.name, server.spec])),
    ...(files === undefined ? {} : { files }),
  };
  privateFolder(dirname(stateFile));
  writeFileSync(`${stateFile}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${stateFile}.new`, stateFile);
  return stateFile;
}

/**
 * @param {string} file a state.json
 * @returns {State | undefined} undefined when there is none
 */
export function readState(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/**
 * The platform has stopped: state.json, by which others find it, is set aside.
 * @param {string} dir
 */
export function retireState(dir) {
  const { stateFile, lastStateFile } = foldersOf(dir);
  if (existsSync(stateFile)) renameSync(stateFile, lastStateFile);
}

/**
 * The port a server had last time, so that addresses stay.
 * @param {string} dir
 * @param {string} name
 * @returns {number | undefined}
 */
export function lastPort(dir, name) {
  const { stateFile, lastStateFile } = foldersOf(dir);
  const last = readState(stateFile) ?? readState(lastStateFile); // the first is left when the machine lost power
  return last?.servers[name]?.port;
}

/**
 * Handles on the servers of a running platform, for a test that kills and restarts them.
 *
 *   const { redis } = attach(process.env.PLATFORM_STATE);
 *   await redis.kill();
 *   await redis.start();
 *
 * @param {string} file a state.json
 * @returns {Record<string, import("./server.js").Server>}
 */
export function attach(file) {
  const state = readState(file);
  if (state === undefined) throw new Error(`${file} does not exist: is the platform running? Start it with: npm start`);
  return Object.fromEntries(Object.entries(state.servers).map(([name, spec]) => [name, serverOf(spec)]));
}
