import { foldersOf, privateFolder } from "./paths.js";
import { freePort } from "./ports.js";
import { serverOf } from "./server.js";

/** The log is written each second; nothing is ever evicted, because what waits here is work. */
export const redisSettings = {
  appendonly: "yes",
  appendfsync: "everysec",
  save: "",
  "maxmemory-policy": "noeviction",
};

/**
 * A private Redis on a loopback port: append-only file on, nothing is ever evicted. It holds only what can be rebuilt.
 * @param {{dir: string, port?: number | undefined, name?: string}} options
 * @returns {Promise<import("./server.js").Server>}
 */
export async function startRedis({ dir, port, name = "redis" }) {
  const folder = privateFolder(foldersOf(dir).redis);
  const chosen = await freePort(port);
  const settings = {
    bind: "127.0.0.1",
    port: String(chosen),
    dir: folder,
    daemonize: "no",
    ...redisSettings,
  };
  const server = serverOf({
    name,
    dir: foldersOf(dir).root,
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    command: "redis-server",
    args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    env: {},
    cwd: folder,
    ready: { kind: "redis", port: chosen },
    startTimeoutMs: 30_000,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 10_000,
  });
  await server.start();
  return server;
}
