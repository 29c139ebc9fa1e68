import { runCommand } from "./command.js";
import { node24 } from "./packages.js";
import { projectRoot } from "./paths.js";

/**
 * Runs a TypeScript file of the project on Node 24.
 * @param {string} file from the project's root
 * @param {string[]} args
 * @param {Pick<import("./command.js").CommandOptions, "env" | "output">} [options] the output is shown when nothing else is said
 * @returns {Promise<number>} its exit code
 */
export function runTypeScript(file, args, { env, output = "show" } = {}) {
  return runCommand(node24, [file, ...args], { cwd: projectRoot, output, ...(env === undefined ? {} : { env }) });
}
