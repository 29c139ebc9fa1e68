import { dirname, join } from "node:path";
import { attach } from "../../scripts/platform/state.js";
import { startRoles, writeEngineState } from "../platform-roles.js";

/** Jest runs this once before the flow tests: one engine for all of them, on the servers that `npm test` started. */
export default async function startFlowEngine() {
  const stateFile = process.env.PLATFORM_STATE;
  if (stateFile === undefined)
    throw new Error("PLATFORM_STATE is not set: these tests run through `npm test`, which starts the servers");
  const { hapi, redis } = attach(stateFile);
  if (hapi === undefined || redis === undefined) throw new Error(`${stateFile} names no HAPI and no Redis`);
  const dir = dirname(stateFile);
  const servers = await startRoles({ dir, name: "flow", hapi, redis });
  writeEngineState(join(dir, "flow.json"), { dir, servers });
}
