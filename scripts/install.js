/**
 * `node scripts/install.js`: brings a machine to where `npm start`, `npm test` and `npm run check` work, and starts nothing.
 */
import { installSteps } from "./platform/platform.js";
import { runSteps } from "./platform/progress.js";

try {
  await runSteps(installSteps());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
