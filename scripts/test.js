/**
 * `npm test`: installs what is missing, starts PostgreSQL, Redis and HAPI on empty data of their own (beside a running
 * `npm start`), runs the tests on Node 24 and stops. The last line is `N passed, N failed, N skipped`.
 *
 *   npm test -- consent          only tests whose path matches
 *   npm test -- --unit           only the pure ones, without servers; also --server, --flow, --browser, --fault
 *   npm test -- -t "withdrawal"  anything else goes to jest
 *
 * With PLATFORM_STATE=<a state.json> the servers running there are used, and left running.
 */
import { join } from "node:path";
import { runJest } from "./platform/jest.js";
import { installPackages } from "./platform/packages.js";
import { dataRoot, foldersOf, forgetData } from "./platform/paths.js";
import { installSteps, storeSteps } from "./platform/platform.js";
import { runSteps } from "./platform/progress.js";
import { session } from "./platform/session.js";
import { readState } from "./platform/state.js";

/** The projects of jest.config.js, by run: what runs side by side, and what must not. */
const runs = [["unit", "server"], ["flow"], ["browser"], ["fault"]];
/** Those whose files share one engine, or kill what the others need: one file after another. */
const alone = ["flow", "browser", "fault"];

const options = process.argv.slice(2);
const chosen = runs.flat().filter((project) => options.includes(`--${project}`));
const jestArgs = options.filter((option) => !chosen.includes(option.slice(2)));
const dir = join(dataRoot, "test");
const unitOnly = chosen.length === 1 && chosen[0] === "unit";
const borrowed = process.env.PLATFORM_STATE;

if (unitOnly || borrowed !== undefined) {
  await runSteps([{ title: "install npm packages and Node 24", run: installPackages }]);
  process.exitCode = await runTests(borrowed === undefined ? {} : addresses(borrowed));
} else {
  await session(dir, async () => {
    forgetData(dir);
    await runSteps([...installSteps({ tests: true }), ...storeSteps(dir, {}, { brief: true })]);
    return await runTests(addresses(foldersOf(dir).stateFile));
  });
}

/**
 * @param {Record<string, string>} env
 * @returns {Promise<number>} the exit code
 */
async function runTests(env) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const run of runs) {
    const projects = run.filter((project) => chosen.length === 0 || chosen.includes(project));
    if (projects.length === 0) continue;
    const args = alone.some((project) => projects.includes(project)) ? [...jestArgs, "--runInBand"] : jestArgs;
    const counts = await runJest({ projects, args, env, dir });
    for (const key of /** @type {const} */ (["passed", "failed", "skipped"])) total[key] += counts[key];
  }
  if (total.passed + total.failed + total.skipped === 0) console.error(`no test matches: ${jestArgs.join(" ")}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/**
 * What the tests are told about the running servers.
 * @param {string} stateFile
 * @returns {Record<string, string>}
 */
function addresses(stateFile) {
  const state = readState(stateFile);
  if (state === undefined) throw new Error(`${stateFile} does not exist`);
  const { hapi = "", redis = "" } = state.urls;
  return { HAPI_URL: hapi, REDIS_URL: redis, PLATFORM_STATE: stateFile };
}
