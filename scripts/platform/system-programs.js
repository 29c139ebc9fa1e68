import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { runCommand } from "./command.js";
import { mariadbProgram } from "./mariadb.js";
import { postgresBinaries } from "./postgres.js";

/**
 * What the embedded platform runs on, and the Debian package each comes from.
 * @type {Array<{name: string, package: string, present: () => boolean}>}
 */
const programs = [
  { name: "JDK 17", package: "openjdk-17-jdk-headless", present: () => answers("javac", ["-version"]) },
  { name: "Maven", package: "maven", present: () => answers("mvn", ["--version"]) },
  { name: "Redis", package: "redis-server", present: () => answers("redis-server", ["--version"]) },
  { name: "PostgreSQL 15", package: "postgresql", present: hasPostgres },
];

/** What only tests run on. @type {typeof programs} */
const testPrograms = [
  { name: "MariaDB", package: "mariadb-server", present: () => existsSync(mariadbProgram) },
  { name: "Chromium", package: "chromium", present: () => existsSync("/usr/bin/chromium") },
];

/**
 * Installs the system programs that are missing, when we are root on Debian.
 * @param {{tests?: boolean}} [options] tests: also what only tests need
 * @throws {Error} with the exact command to run, when we are not
 */
export async function installSystemPrograms({ tests = false } = {}) {
  const wanted = tests ? [...programs, ...testPrograms] : programs;
  const missing = wanted.filter((program) => !program.present());
  if (missing.length === 0) return;
  const names = missing.map((program) => program.name).join(", ");
  const install = ["install", "-y", "--no-install-recommends", ...missing.map((program) => program.package)];
  if (process.getuid?.() !== 0 || !answers("apt-get", ["--version"])) {
    throw new Error(
      `${names} missing. Run this, then start again:\n\n  sudo apt-get update && sudo apt-get ${install.join(" ")}\n`,
    );
  }
  await withoutStartingServices(async () => {
    await apt(["update"]);
    await apt(["-o", "Dpkg::Options::=--force-confold", ...install]);
  });
  const still = missing.filter((program) => !program.present()).map((program) => program.name);
  if (still.length > 0) throw new Error(`apt-get ${install.join(" ")} did not bring ${still.join(", ")}`);
}

/**
 * Debian starts a server it installs, and makes it a first database. We run our own private ones, so for as long as
 * the installation takes both are switched off the way Debian documents it, unless the machine's owner has said otherwise.
 * @param {() => Promise<void>} install
 */
async function withoutStartingServices(install) {
  const redisWasThere = answers("redis-server", ["--version"]);
  const undo = [
    temporaryFile("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755),
    temporaryFile("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n", 0o644),
  ];
  try {
    await install();
    if (!redisWasThere) spawnSync("systemctl", ["disable", "--quiet", "redis-server"]); // nor at the next boot
  } finally {
    for (const remove of undo) remove();
  }
}

/**
 * @param {string} path
 * @param {string} content
 * @param {number} mode
 * @returns {() => void} removes it again
 */
function temporaryFile(path, content, mode) {
  if (existsSync(path)) return () => {};
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  return () => rmSync(path, { force: true });
}

/** @param {string[]} args */
async function apt(args) {
  await runCommand("apt-get", ["-q", ...args], { cwd: "/", env: { DEBIAN_FRONTEND: "noninteractive" } });
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function answers(program, args) {
  return spawnSync(program, args).status === 0;
}

function hasPostgres() {
  try {
    postgresBinaries();
    return true;
  } catch {
    return false;
  }
}
