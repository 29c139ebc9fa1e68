import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { foldersOf } from "./paths.js";
import { freePort } from "./ports.js";
import { clusterFolder, database, databasePasswordFile } from "./postgres-cluster.js";
import { serverOf } from "./server.js";

/** For 2 cores and bulk writes. What makes an acknowledged write durable (fsync, synchronous_commit) keeps its default. */
export const postgresSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "60",
  shared_buffers: "512MB",
  effective_cache_size: "4GB",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  wal_compression: "on",
  random_page_cost: "1.1",
  log_min_messages: "warning",
  log_statement: "none",
  log_min_error_statement: "panic", // a failed statement would carry clinical data into the log,
  log_error_verbosity: "terse", // and so would the detail of its error
};

/**
 * A private PostgreSQL cluster on a loopback port, made by the first start, with one database for HAPI.
 * @param {{dir: string, port?: number | undefined}} options
 * @returns {Promise<import("./server.js").Server>}
 */
export async function startPostgres({ dir, port }) {
  const binaries = postgresBinaries();
  const user = unprivilegedUser();
  const folder = clusterFolder(dir, { binaries, user });
  const chosen = await freePort(port);
  const server = serverOf({
    name: "postgres",
    dir: foldersOf(dir).root,
    url: `postgresql://${database}@127.0.0.1:${chosen}/${database}`,
    port: chosen,
    command: join(binaries, "postgres"),
    args: ["-D", folder, "-p", String(chosen), ...Object.entries(postgresSettings).flatMap(([k, v]) => ["-c", `${k}=${v}`])],
    env: {},
    cwd: folder,
    ...(user === undefined ? {} : { user }),
    ready: { kind: "postgres", port: chosen, binaries },
    startTimeoutMs: 120_000, // after a power cut it replays its log first
    stopSignal: "SIGINT", // "fast": sessions are ended, everything is written
    stopTimeoutMs: 60_000,
  });
  await server.start();
  return server;
}

/**
 * Writes the whole database as plain SQL.
 * @param {{postgres: Pick<import("./server.js").Server, "spec">, file: string}} options
 */
export function dumpDatabase({ postgres, file }) {
  const password = readFileSync(databasePasswordFile(postgres.spec.dir), "utf8");
  execFileSync(join(postgresBinaries(), "pg_dump"), ["--inserts", "--file", file, postgres.spec.url], {
    env: { ...process.env, PGPASSWORD: password },
  });
}

/**
 * The folder of the newest installed PostgreSQL's programs.
 * @returns {string}
 */
export function postgresBinaries() {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root)
    ? readdirSync(root)
        .map(Number)
        .filter((version) => version >= 15)
    : [];
  if (versions.length === 0) throw new Error("PostgreSQL 15 or newer is not installed: apt-get install postgresql");
  return `${root}/${Math.max(...versions)}/bin`;
}

/** @returns {{uid: number, gid: number} | undefined} whom PostgreSQL runs as; undefined: ourselves, who are not root */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("PostgreSQL refuses to run as root and there is no user postgres or nobody to run it as");
}
