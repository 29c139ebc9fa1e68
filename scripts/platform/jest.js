import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.js";
import { node24 } from "./packages.js";
import { projectRoot } from "./paths.js";

/** @typedef {{passed: number, failed: number, skipped: number}} Counts */

/**
 * Runs some of jest.config.js's projects on Node 24.
 * @param {{projects: string[], args: string[], env: Record<string, string>, dir: string}} options
 * @returns {Promise<Counts>} a test file that could not be loaded counts as one failed test
 */
export async function runJest({ projects, args, env, dir }) {
  mkdirSync(dir, { recursive: true });
  const outputFile = join(dir, `jest-${projects.join("-")}-${process.pid}.json`);
  const code = await runCommand(
    node24,
    [
      ...["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "node_modules/jest/bin/jest.js", ...args],
      ...["--passWithNoTests", "--json", `--outputFile=${outputFile}`, "--selectProjects", ...projects],
    ],
    { cwd: projectRoot, env, output: "show" },
  );
  if (!existsSync(outputFile)) throw new Error(`jest ended with exit code ${code} before it had a result`);
  const result = JSON.parse(readFileSync(outputFile, "utf8"));
  rmSync(outputFile);
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
