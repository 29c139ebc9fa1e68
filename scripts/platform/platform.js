import { startEngine } from "./engine.js";
import { startHapi } from "./hapi.js";
import { assembledHapi } from "./hapi-build.js";
import { keyFiles } from "./keys.js";
import { installPackages } from "./packages.js";
import { foldersOf, privateFolder } from "./paths.js";
import { startPostgres } from "./postgres.js";
import { startRedis } from "./redis.js";
import { loadSample, sampleIsLoaded } from "./sample.js";
import { lastPort, writeState } from "./state.js";
import { installSystemPrograms } from "./system-programs.js";
import { builtPages } from "./web-build.js";

/** @typedef {import("./server.js").Server} Server */
/** @typedef {import("./progress.js").Step} Step */

/**
 * The servers of a platform by name, filled in as the steps run.
 * @typedef {Record<string, Server>} Servers
 */

/**
 * The started server of this name.
 * @param {Servers} servers
 * @param {string} name
 * @returns {Server}
 */
export function the(servers, name) {
  const server = servers[name];
  if (server === undefined) throw new Error(`${name} has not been started`);
  return server;
}

/**
 * Everything a fresh machine lacks.
 * @param {{tests?: boolean}} [options] tests: also what only tests need
 * @returns {Step[]}
 */
export function installSteps(options = {}) {
  return [
    { title: "install npm packages and Node 24", run: installPackages },
    {
      title: `install system programs (JDK, Maven, Redis, PostgreSQL${options.tests === true ? ", MariaDB, Chromium" : ""})`,
      run: () => installSystemPrograms(options),
    },
    { title: "assemble HAPI FHIR (about 300 MB the first time)", run: assembledHapi },
    { title: "build the pages (about 15 s after a change)", run: builtPages },
  ];
}

/**
 * PostgreSQL, Redis and HAPI, each on the port it had last time when that is free.
 * @param {string} dir the platform's data folder
 * @param {Servers} servers
 * @param {{brief?: boolean, trial?: import("./hapi.js").HapiTrial | undefined}} [options] see startHapi
 * @returns {Step[]}
 */
export function storeSteps(dir, servers, { brief = false, trial } = {}) {
  return [
    {
      title: "start PostgreSQL and Redis",
      run: async () => {
        privateFolder(foldersOf(dir).logs);
        const [postgres, redis] = await Promise.all([
          startPostgres({ dir, port: lastPort(dir, "postgres") }),
          startRedis({ dir, port: lastPort(dir, "redis") }),
        ]);
        Object.assign(servers, { postgres, redis });
      },
    },
    {
      title: "start HAPI FHIR (about 30 s)",
      run: async () => {
        const postgres = the(servers, "postgres");
        servers.hapi = await startHapi({ dir, postgres, port: lastPort(dir, "hapi"), brief, trial });
        writeState(dir, Object.values(servers));
      },
    },
  ];
}

/**
 * The engine, one process per role.
 * @param {string} dir
 * @param {Servers} servers
 * @returns {Step[]}
 */
export function engineSteps(dir, servers) {
  return [
    {
      title: "start the engine (api, worker, mllp)",
      run: async () => {
        const stores = { dir, hapi: the(servers, "hapi"), redis: the(servers, "redis") };
        const api = await startEngine({ ...stores, role: "api", port: lastPort(dir, "api") });
        const [worker, mllp] = await Promise.all([
          startEngine({ ...stores, role: "worker", publicUrl: api.url }),
          startEngine({ ...stores, role: "mllp", publicUrl: api.url, mllpPort: lastPort(dir, "mllp") }),
        ]);
        Object.assign(servers, { api, worker, mllp });
        writeState(dir, Object.values(servers), clientFiles(dir));
      },
    },
  ];
}

/**
 * The sample region, unless it is loaded already.
 * @param {string} dir
 * @returns {Step[]}
 */
export function sampleSteps(dir) {
  if (sampleIsLoaded(dir)) return [];
  return [{ title: "load the sample region", run: (say) => loadSample(dir, say) }];
}

/**
 * What a client of the platform needs to sign in, and what the fault tests start more processes with.
 * @param {string} dir
 * @returns {Record<string, string>}
 */
function clientFiles(dir) {
  const folders = foldersOf(dir);
  const keys = keyFiles(folders.keys);
  return { clientKeys: keys.clientsPrivate, keys: folders.keys, landing: folders.landing, logs: folders.logs };
}
