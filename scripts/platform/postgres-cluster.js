import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { foldersOf, privateFolder } from "./paths.js";

/** @typedef {{uid: number, gid: number}} User */

/** The database HAPI owns, and the role it signs in as. */
export const database = "hapi";

/**
 * The folder of the platform's PostgreSQL cluster, which is created when there is none.
 * @param {string} dir the platform's data folder
 * @param {{binaries: string, user: User | undefined}} options user: whom PostgreSQL runs as; undefined for ourselves
 * @returns {string}
 */
export function clusterFolder(dir, { binaries, user }) {
  const record = foldersOf(dir).postgresLocation;
  const recorded = existsSync(record) ? readFileSync(record, "utf8").trim() : undefined;
  if (recorded !== undefined && existsSync(recorded)) {
    requirePassword(dir);
    return recorded;
  }
  const folder = reachablePlace(dir, user);
  rmSync(folder, { recursive: true, force: true }); // of a creation that was interrupted
  privateFolder(folder);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  createCluster({ dir, folder, binaries, user });
  writeFileSync(record, `${folder}\n`);
  return folder;
}

/**
 * Where a database server's data can lie. PostgreSQL and MariaDB refuse to run as root, so root runs them as another user, who cannot come
 * below a closed home directory.
 * @param {string} dir
 * @param {User | undefined} user
 * @param {string} [server] the folder's name
 * @returns {string} not made yet
 */
export function reachablePlace(dir, user, server = "postgres") {
  const { root } = foldersOf(dir);
  if (user === undefined || canEnter(root, user)) return join(root, server);
  const name = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const elsewhere = `/var/lib/hutong/${name}`;
  if (canEnter(elsewhere, user)) return join(elsewhere, server);
  throw new Error(`user ${user.uid}, whom ${server} has to run as, can enter neither ${root} nor ${elsewhere}`);
}

/**
 * The file with HAPI's database password; alone in its folder, which HAPI reads as settings.
 * @param {string} dir
 */
export function databasePasswordFile(dir) {
  return join(foldersOf(dir).keys, "hapi", "hapi_db_password");
}

/** @param {string} dir */
function requirePassword(dir) {
  const file = databasePasswordFile(dir);
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: nobody can sign in to the database. Put it back, or forget the data with --fresh`);
  }
}

/**
 * Could this user enter the folder? It need not exist yet.
 * @param {string} path
 * @param {User} user
 */
function canEnter(path, user) {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { mode, uid, gid } = statSync(folder);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/**
 * @param {{dir: string, folder: string, binaries: string, user: User | undefined}} options
 */
function createCluster({ dir, folder, binaries, user }) {
  /** @param {string} program @param {string[]} args @param {string} [input] */
  const run = (program, args, input) => {
    const env = { PATH: process.env.PATH, LANG: "C.UTF-8" };
    const done = spawnSync(join(binaries, program), args, { cwd: folder, env, input, encoding: "utf8", ...(user ?? {}) });
    if (done.status !== 0) throw new Error(`${program} failed: ${done.stderr || done.error?.message}`);
  };
  const passwordFolder = mkdtempSync(join(tmpdir(), "hutong-initdb-"));
  const passwordFile = join(passwordFolder, "admin");
  writeFileSync(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  if (user !== undefined) for (const path of [passwordFolder, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    run("initdb", [
      ...["-D", folder, "--username", "hutong_admin", "--pwfile", passwordFile, "--auth", "scram-sha-256"],
      ...["--encoding", "UTF8", "--no-locale", "--no-instructions"],
    ]);
  } finally {
    rmSync(passwordFolder, { recursive: true });
  }
  const file = databasePasswordFile(dir);
  privateFolder(dirname(file));
  writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  // Single-user mode needs no sign-in, so nobody has to keep the administrator's password.
  const statements = [
    `CREATE ROLE ${database} LOGIN PASSWORD '${readFileSync(file, "utf8")}'`,
    `CREATE DATABASE ${database} OWNER ${database}`,
  ];
  run("postgres", ["--single", "-D", folder, "postgres"], statements.join("\n"));
}
