import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf, privateFolder } from "./paths.js";
import { freePort } from "./ports.js";
import { reachablePlace } from "./postgres-cluster.js";
import { serverOf } from "./server.js";

/** The program, where Debian's mariadb-server puts it. */
export const mariadbProgram = "/usr/sbin/mariadbd";

/**
 * A MariaDB of its own on a loopback port, as a hospital's database for tests: new at every start, with one database `hospital` and one user of the same
 * name that may do everything in it.
 * @param {{dir: string}} options dir: its folder, which is made; nothing of an earlier server may lie in it
 * @returns {Promise<{server: import("./server.js").Server, password: string}>}
 */
export async function startMariadb({ dir }) {
  if (!existsSync(mariadbProgram)) throw new Error("MariaDB is not installed: apt-get install mariadb-server");
  const user = unprivilegedUser();
  const folder = reachablePlace(dir, user, "mariadb");
  privateFolder(folder);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const password = randomBytes(18).toString("hex");
  createData(folder, { user, password });
  const port = await freePort();
  const server = serverOf({
    name: "mariadb",
    dir: foldersOf(dir).root,
    url: `mysql://hospital@127.0.0.1:${port}/hospital`,
    port,
    command: mariadbProgram,
    args: [...settings(folder), `--port=${port}`, "--bind-address=127.0.0.1"],
    env: {},
    cwd: folder,
    ...(user === undefined ? {} : { user }),
    ready: { kind: "mariadb", port },
    startTimeoutMs: 60_000,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 30_000,
  });
  await server.start();
  return { server, password };
}

/** @param {string} folder */
function settings(folder) {
  return [
    "--no-defaults",
    `--datadir=${join(folder, "data")}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    "--character-set-server=utf8mb4",
    "--innodb-buffer-pool-size=64M",
    "--skip-name-resolve",
  ];
}

/**
 * @param {string} folder
 * @param {{user: {uid: number, gid: number} | undefined, password: string}} options
 */
function createData(folder, { user, password }) {
  const env = { PATH: process.env.PATH, LANG: "C.UTF-8" };
  /** @param {string} program @param {string[]} args @param {string} [input] */
  const run = (program, args, input) => {
    const done = spawnSync(program, args, { cwd: folder, env, input, encoding: "utf8", ...(user ?? {}) });
    if (done.status !== 0) throw new Error(`${program} failed: ${done.stderr || done.error?.message}`);
  };
  run("mariadb-install-db", [
    "--no-defaults",
    `--datadir=${join(folder, "data")}`,
    "--skip-test-db",
    "--auth-root-authentication-method=normal",
  ]);
  const statements = [
    "FLUSH PRIVILEGES;",
    `ALTER USER root@localhost IDENTIFIED BY '${randomBytes(18).toString("hex")}';`,
    "CREATE DATABASE hospital CHARACTER SET utf8mb4;",
    `CREATE USER hospital@'127.0.0.1' IDENTIFIED BY '${password}';`,
    "GRANT ALL ON hospital.* TO hospital@'127.0.0.1';",
  ];
  run(mariadbProgram, [...settings(folder), "--bootstrap"], `${statements.join("\n")}\n`);
}

/** @returns {{uid: number, gid: number} | undefined} whom MariaDB runs as; undefined: ourselves, who are not root */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => /^(mysql|nobody):/.test(entry));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new Error("there is no user mysql or nobody to run MariaDB as");
  return { uid: Number(uid), gid: Number(gid) };
}
