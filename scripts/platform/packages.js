import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.js";
import { projectRoot } from "./paths.js";

const modules = join(projectRoot, "node_modules");

/** Node 24, which the engine and its tools run on; the system's Node only runs these scripts. There after `installPackages`. */
export const node24 = join(modules, "node/bin/node");

/**
 * Brings node_modules to what package-lock.json says, when it is not that already.
 * @throws {Error} with npm's own last words
 */
export async function installPackages() {
  if (!upToDate()) await runCommand("npm", ["ci", "--no-audit", "--no-fund"], { cwd: projectRoot });
  // The npm package "node" fetches its binary in an install script, which newer npm versions may leave out.
  if (!works(node24)) await runCommand(process.execPath, ["installArchSpecificPackage.js"], { cwd: join(modules, "node") });
  if (!works(node24)) throw new Error(`${node24} does not run. Try: rm -rf node_modules && npm ci`);
}

/** Is every package that the lock wants here installed in the version it wants? */
function upToDate() {
  const installedFile = join(modules, ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const installed = lockedPackages(installedFile);
  const wanted = Object.entries(lockedPackages(join(projectRoot, "package-lock.json")));
  return wanted.every(([path, entry]) => path === "" || entry.optional === true || installed[path]?.version === entry.version);
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean}>}
 */
function lockedPackages(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

/** @param {string} program */
function works(program) {
  return spawnSync(program, ["--version"]).status === 0;
}
