import { ensureClientKeys, ensureKeys, keyFiles } from "./keys.js";
import { node24 } from "./packages.js";
import { foldersOf, privateFolder, projectRoot } from "./paths.js";
import { freePort } from "./ports.js";
import { clientIdsOf, sampleRegistry } from "./registry.js";
import { serverOf } from "./server.js";
import { builtPages } from "./web-build.js";

/** @typedef {"api" | "worker" | "mllp" | "channels"} Role */

/**
 * @typedef {object} EngineOptions
 * @property {string} dir the platform's data folder
 * @property {Role} role
 * @property {string} [name] to run several of one role; the role when absent
 * @property {number | undefined} [port] its HTTP port: the API, or for the other roles health and metrics
 * @property {number | undefined} [mllpPort]
 * @property {string | undefined} [publicUrl] the API's address as clients see it; this process's own when absent
 * @property {Pick<import("./server.js").Server, "url">} hapi
 * @property {Pick<import("./server.js").Server, "url">} redis
 * @property {Record<string, string>} [env] more settings
 */

/**
 * The environment of one engine process: the names are those of src/config.ts.
 * @param {EngineOptions & {port: number, mllpPort: number | undefined}} options
 * @returns {Record<string, string>}
 */
export function engineEnv({ dir, role, port, mllpPort, publicUrl, hapi, redis, env }) {
  const folders = foldersOf(dir);
  const keys = keyFiles(folders.keys);
  return {
    ROLES: role,
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: String(port),
    PUBLIC_URL: publicUrl ?? `http://127.0.0.1:${port}`,
    HAPI_URL: hapi.url,
    REDIS_URL: redis.url,
    LANDING_DIR: folders.landing,
    REGISTRY_FILE: sampleRegistry,
    MAPPINGS_DIR: `${projectRoot}/mappings`,
    PROFILES_DIR: `${projectRoot}/profiles`,
    ...(mllpPort === undefined ? {} : { MLLP_HOST: "127.0.0.1", MLLP_PORT: String(mllpPort) }),
    ID_KEY_FILE: keys.idKey,
    INDEX_KEY_FILE: keys.indexKey,
    DATA_KEY_FILE: keys.dataKey,
    AUTH_MODE: "embedded",
    ISSUER_JWKS_FILE: keys.issuerJwks,
    CLIENT_KEYS_DIR: keys.clientsPublic,
    ALLOW_TEST_REGIONS: "true",
    LOG_LEVEL: "info",
    ...env,
  };
}

/**
 * Starts one role of the engine as a process of its own and waits until it is ready.
 * @param {EngineOptions} options
 * @returns {Promise<import("./server.js").Server>} `url` is its HTTP address, for mllp mllp://127.0.0.1:<port>
 */
export async function startEngine(options) {
  const { dir, role, name = role } = options;
  const folders = foldersOf(dir);
  privateFolder(folders.landing);
  const keys = ensureKeys(folders.keys);
  ensureClientKeys(
    { publicFolder: keys.clientsPublic, privateFolder: keys.clientsPrivate },
    await clientIdsOf(options.env?.REGISTRY_FILE),
  );
  const port = await freePort(options.port);
  const mllpPort = role === "mllp" ? await freePort(options.mllpPort) : undefined;
  const server = serverOf({
    name,
    dir: folders.root,
    url: mllpPort === undefined ? `http://127.0.0.1:${port}` : `mllp://127.0.0.1:${mllpPort}`,
    port: mllpPort ?? port,
    command: node24,
    // A small young generation keeps memory flat while large files are mapped, and costs few rows a second.
    args: ["--enable-source-maps", "--max-semi-space-size=4", "src/main.ts"],
    env: { ...engineEnv({ ...options, port, mllpPort }), ...(role === "api" ? { WEB_DIR: await builtPages() } : {}) },
    cwd: projectRoot,
    ready: { kind: "http", urls: [`http://127.0.0.1:${port}/readyz`] },
    startTimeoutMs: 180_000,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 15_000,
  });
  await server.start();
  return server;
}
