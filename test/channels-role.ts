import { dirname } from "node:path";
import { startEngine } from "../scripts/platform/engine.js";
import type { Server } from "../scripts/platform/server.js";
import { attach } from "../scripts/platform/state.js";

/** Starts an engine process with the role `channels` beside the servers of this run; what it takes is worked through by the run's own worker. */
export async function startChannels(name: string, env: Record<string, string>): Promise<Server> {
  const stateFile = process.env.PLATFORM_STATE ?? "";
  const { hapi, redis } = attach(stateFile);
  if (hapi === undefined || redis === undefined)
    throw new Error("PLATFORM_STATE names no HAPI and no Redis: run through `npm test`");
  return startEngine({ dir: dirname(stateFile), role: "channels", name, hapi, redis, env });
}
