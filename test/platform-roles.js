import { writeFileSync } from "node:fs";
import { startEngine } from "../scripts/platform/engine.js";
import { keyFiles } from "../scripts/platform/keys.js";
import { foldersOf } from "../scripts/platform/paths.js";

/** @typedef {import("../scripts/platform/server.js").Server} Server */

/**
 * Starts the engine as its three processes beside the servers of a test run, with the run's own keys: HAPI holds their fingerprint.
 * The processes are stopped by whoever ends the run, should a test not come to it.
 * @param {object} options
 * @param {string} options.dir data folder of the run
 * @param {string} options.name tells several engines of one run apart
 * @param {Pick<Server, "url">} options.hapi
 * @param {Pick<Server, "url">} options.redis
 * @param {Record<string, string>} [options.env] more settings of src/config.ts
 */
export async function startRoles({ dir, name, hapi, redis, env = {} }) {
  // What waits is asked again every five seconds: a test should not sit through the usual minute.
  const common = { dir, hapi, redis, env: { SWEEP_WAITING_INTERVAL_MS: "5000", ...env } };
  const api = await startEngine({ ...common, role: "api", name: `${name}-api` });
  const [worker, mllp] = await Promise.all([
    startEngine({ ...common, role: "worker", name: `${name}-worker`, publicUrl: api.url }),
    startEngine({ ...common, role: "mllp", name: `${name}-mllp`, publicUrl: api.url }),
  ]);
  return { api, worker, mllp };
}

/**
 * Writes where the engine of a test run is, in the form of a state.json: scripts/client/platform.ts reads it.
 * @param {string} file
 * @param {{dir: string, servers: Record<string, Server>}} run
 */
export function writeEngineState(file, { dir, servers }) {
  const folders = foldersOf(dir);
  const urls = Object.fromEntries(Object.entries(servers).map(([role, server]) => [role, server.url]));
  const specs = Object.fromEntries(Object.entries(servers).map(([role, server]) => [role, server.spec]));
  const files = { clientKeys: keyFiles(folders.keys).clientsPrivate };
  writeFileSync(file, `${JSON.stringify({ dir: folders.root, urls, servers: specs, files })}\n`, { mode: 0o600 });
}
