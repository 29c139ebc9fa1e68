import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";

/**
 * @typedef {object} CommandOptions
 * @property {string} cwd
 * @property {Record<string, string | undefined>} [env] added to ours
 * @property {"show" | "keep" | {log: string, say?: (line: string) => void}} [output] "show" passes it on; "keep" (the
 *   default) and a log file show its end on failure; `say` gets each last line
 */

/**
 * Runs a program to its end. It does not outlive us.
 * @param {string} program
 * @param {string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<number>} its exit code, when the output is shown; else 0
 * @throws {Error} with the end of the output, when that was not shown and the exit code is not 0
 */
export function runCommand(program, args, { cwd, env, output = "keep" }) {
  return new Promise((done, failed) => {
    const stdio = output === "show" ? "inherit" : /** @type {const} */ (["ignore", "pipe", "pipe"]);
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: /** @type {any} */ (stdio) });
    const kill = () => child.kill();
    process.once("exit", kill);
    let end = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (/** @type {Buffer} */ chunk) => {
        end = (end + chunk.toString()).slice(-3000);
        if (typeof output !== "object") return;
        appendFileSync(output.log, chunk, { mode: 0o600 });
        output.say?.(end.trimEnd().split("\n").at(-1) ?? "");
      });
    }
    child.once("error", failed);
    child.once("close", (code) => {
      process.off("exit", kill);
      if (output === "show" || code === 0) return done(code ?? 1);
      const where = typeof output === "object" ? ` All of it is in ${output.log}.` : "";
      failed(new Error(`${[program, ...args].join(" ")} failed.${where} Its end:\n${end.trim()}`));
    });
  });
}
