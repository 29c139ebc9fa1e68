/**
 * `npm run demo`: the whole platform on empty data of its own, the sample region, the story, and stop. Its exit code is
 * the story's. Runs beside `npm start`.
 */
import { join } from "node:path";
import { dataRoot, foldersOf, forgetData } from "./platform/paths.js";
import { engineSteps, installSteps, sampleSteps, storeSteps } from "./platform/platform.js";
import { runSteps } from "./platform/progress.js";
import { session } from "./platform/session.js";
import { runTypeScript } from "./platform/typescript.js";

const dir = join(dataRoot, "demo");

await session(dir, async () => {
  /** @type {import("./platform/platform.js").Servers} */
  const servers = {};
  forgetData(dir);
  await runSteps([...installSteps(), ...storeSteps(dir, servers), ...engineSteps(dir, servers), ...sampleSteps(dir)]);
  return await runTypeScript("scripts/story.ts", [], { env: { PLATFORM_STATE: foldersOf(dir).stateFile } });
});
