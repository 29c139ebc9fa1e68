import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql from "mysql2/promise";
import pg from "pg";
import { startMariadb } from "../scripts/platform/mariadb.js";
import { startPostgres } from "../scripts/platform/postgres.js";
import { databasePasswordFile } from "../scripts/platform/postgres-cluster.js";
import type { Server } from "../scripts/platform/server.js";
import type { TableConnection } from "../src/ingest/table-source.ts";

/** A real database server that stands for a hospital's. */
export interface HospitalDatabase {
  readonly connection: TableConnection;
  readonly server: Pick<Server, "kill" | "restart">;
  /** Runs statements as the hospital's own system would. */
  run(...statements: readonly string[]): Promise<void>;
  /** Ends every session. */
  cut?(): Promise<void>;
  stop(): Promise<void>;
}

const rules = { tls: "off", timeZone: "+08:00", statementMs: 5_000, pageRows: 100 } as const;

/** A PostgreSQL of its own. */
export async function postgresqlOfHospital(): Promise<HospitalDatabase> {
  const dir = await folder();
  const server = await startPostgres({ dir });
  const password = readFileSync(databasePasswordFile(dir), "utf8");
  const connection = { ...rules, host: "127.0.0.1", port: server.port, database: "hapi", user: "hapi", password };
  return {
    connection,
    ...ownServer(server, dir),
    async run(...statements) {
      const client = new pg.Client(connection);
      await client.connect();
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
    },
  };
}

/** A MariaDB of its own. */
export async function mariadbOfHospital(): Promise<HospitalDatabase> {
  const dir = await folder();
  const { server, password } = await startMariadb({ dir });
  const connection = { ...rules, host: "127.0.0.1", port: server.port, database: "hospital", user: "hospital", password };
  return {
    connection,
    ...ownServer(server, dir),
    async run(...statements) {
      const { host, port, database, user } = connection;
      const client = await mysql.createConnection({ host, port, database, user, password, multipleStatements: true });
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
    },
  };
}

/** A SQL Server that somebody started: `mssql://user:password@host:port/database`. */
export async function mssqlAt(url: URL): Promise<Pick<HospitalDatabase, "connection" | "run" | "stop">> {
  const { Connection, Request } = await import("tedious");
  const connection = { ...connectionOf(url), tls: "require" } as const;
  return {
    connection,
    async run(...statements) {
      const client = new Connection({
        server: connection.host,
        authentication: { type: "default", options: { userName: connection.user, password: connection.password } },
        options: { port: connection.port ?? 1433, database: connection.database, encrypt: true, trustServerCertificate: true },
      });
      const done = (resolve: () => void, reject: (error: Error) => void) => (error?: Error | null) =>
        error === undefined || error === null ? resolve() : reject(error);
      await new Promise<void>((resolve, reject) => client.connect(done(resolve, reject)));
      try {
        for (const statement of statements)
          await new Promise<void>((resolve, reject) => client.execSqlBatch(new Request(statement, done(resolve, reject))));
      } finally {
        client.close();
      }
    },
    stop: async () => {},
  };
}

/** An Oracle database that somebody started: `oracle://user:password@host:port/service`. */
export async function oracleAt(url: URL): Promise<Pick<HospitalDatabase, "connection" | "run" | "stop">> {
  // @ts-expect-error: the driver comes without types
  const { default: driver } = await import("oracledb");
  const connection = connectionOf(url);
  return {
    connection,
    async run(...statements) {
      const { user, password, host, port, database } = connection;
      const client = await driver.getConnection({ user, password, connectString: `${host}:${port ?? 1521}/${database}` });
      try {
        for (const statement of statements) await client.execute(statement, [], { autoCommit: true });
      } finally {
        await client.close();
      }
    },
    stop: async () => {},
  };
}

function connectionOf(url: URL): TableConnection {
  return {
    ...rules,
    host: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** The servers run as another user when we are root: the folder must let them in. */
async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "hutong-hospital-"));
  await chmod(dir, 0o755);
  return dir;
}

/** A server that was started for one test, with its folder: how it is cut and stopped. */
function ownServer(server: Server, dir: string) {
  return {
    server,
    async cut() {
      await server.kill();
      await server.restart();
    },
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
