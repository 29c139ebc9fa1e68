import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../scripts/platform/ports.js";
import { type Server, serverOf } from "../../scripts/platform/server.js";
import { attach } from "../../scripts/platform/state.js";
import { connectWorld, type World } from "../platform.ts";
import { startRoles, writeEngineState } from "../platform-roles.js";

/** An engine of its own with a Redis of its own, on the HAPI and PostgreSQL of the run, all of which a test may kill. */
export interface FaultEngine {
  readonly world: World;
  readonly servers: Readonly<Record<"api" | "worker" | "mllp" | "redis" | "hapi" | "postgres", Server>>;
  /** The own Redis. */
  readonly redis: Redis;
  stop(): Promise<void>;
}

/** How long anything may take to be back, in milliseconds (DESIGN: 20 s); `TEST_SLOWNESS` stretches it on a machine that others use too. */
export const backMs = 20_000 * Number(process.env.TEST_SLOWNESS ?? 1);

/** Starts it. Whatever an earlier test killed and did not bring back is started first. */
export async function startFaultEngine(): Promise<FaultEngine> {
  const stateFile = process.env.PLATFORM_STATE;
  if (stateFile === undefined) throw new Error("PLATFORM_STATE is not set: these tests run through `npm test`");
  const { hapi, postgres, redis: shared } = attach(stateFile);
  if (hapi === undefined || postgres === undefined || shared === undefined) throw new Error(`${stateFile} lacks a server`);
  if (hapi.pid === undefined) await hapi.start();
  const dir = dirname(stateFile);
  const redis = await startOwnRedis(shared, join(dir, "fault-redis"));
  const engine = await startRoles({ dir, name: "fault", hapi, redis });
  const file = join(dir, "fault.json");
  writeEngineState(file, { dir, servers: engine });
  const world = connectWorld(file);
  const client = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => 500, maxRetriesPerRequest: null });
  client.on("error", () => {});
  return {
    world,
    servers: { ...engine, redis, hapi, postgres },
    redis: client,
    async stop() {
      client.disconnect();
      await world.close();
      await Promise.all(Object.values(engine).map((server) => server.stop()));
      await redis.stop();
    },
  };
}

/** A second Redis as the run's own is, on another port and with empty data. */
async function startOwnRedis(like: Server, folder: string): Promise<Server> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const { spec } = like;
  const args = spec.args.map((arg, at) => ({ "--port": String(port), "--dir": folder })[spec.args[at - 1] ?? ""] ?? arg);
  const server = serverOf({
    ...spec,
    ...{ name: "fault-redis", port, url: `redis://127.0.0.1:${port}`, args, cwd: folder },
    ready: { kind: "redis", port },
  });
  await server.start();
  return server;
}

/** A key nobody used before. */
export function aKey(): string {
  return `fault-${randomUUID()}`;
}
