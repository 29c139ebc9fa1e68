import { dirname, join } from "node:path";
import { attach } from "../../scripts/platform/state.js";

/** Jest runs this once after the flow tests. */
export default async function stopFlowEngine() {
  const servers = attach(join(dirname(process.env.PLATFORM_STATE ?? ""), "flow.json"));
  await Promise.all(Object.values(servers).map((server) => server.stop()));
}
