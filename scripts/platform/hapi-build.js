import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.js";
import { hashOf } from "./file-hash.js";
import { dataRoot, projectRoot } from "./paths.js";

const sources = [join(projectRoot, "hapi/pom.xml"), join(projectRoot, "hapi/src")];

/**
 * The assembled HAPI for the sources as they are now: built by Maven the first time (about 300 MB from the configured
 * repository), then reused until a source changes.
 * @returns {Promise<string>} a folder with hutong-hapi.jar and lib/
 */
export async function assembledHapi() {
  const builds = join(dataRoot, "hapi");
  const target = join(builds, hashOf(sources));
  if (existsSync(target)) return target;
  mkdirSync(builds, { recursive: true });
  const work = mkdtempSync(join(builds, "building-"));
  try {
    for (const source of sources) cpSync(source, join(work, source.slice(source.lastIndexOf("/"))), { recursive: true });
    await runCommand("mvn", ["-B", "-q", "-ntp", "package"], { cwd: work });
    if (!existsSync(target)) renameSync(join(work, "target"), target); // two may have built at once
    forgetOldBuilds(builds, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/**
 * Removes earlier builds, but for those that still run in some data folder.
 * @param {string} builds
 * @param {string} current
 */
function forgetOldBuilds(builds, current) {
  const commands = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine);
  for (const name of readdirSync(builds)) {
    const old = join(builds, name);
    const needed = old === current || name.startsWith("building-") || commands.some((command) => command.includes(old));
    if (!needed) rmSync(old, { recursive: true, force: true });
  }
}

/** @param {string} pid */
function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}
