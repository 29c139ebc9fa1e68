import type { Client } from "pg";
import type { TableConnection, TablePage, TableSession, TableSource, TableWindow } from "../../ingest/table-source.ts";
import { asked, fromSql, windowSql } from "./window-sql.ts";

const connectMs = 15_000;

/** PostgreSQL 12 and later, by `pg`: a read-only repeatable-read transaction, rows through a cursor. */
export function createPostgresqlSource(connection: TableConnection): TableSource {
  return {
    open: () =>
      asked(async () => {
        const { default: pg } = await import("pg");
        const client = new pg.Client({
          host: connection.host,
          port: connection.port ?? 5432,
          database: connection.database,
          user: connection.user,
          password: connection.password,
          ...(connection.tls === "off" ? {} : { ssl: tlsOf(connection) }),
          application_name: "hutong",
          connectionTimeoutMillis: connectMs,
          statement_timeout: connection.statementMs,
          // Every value stays the text the server wrote: numeric keeps its digits.
          types: { getTypeParser: () => (text: string) => text },
        });
        client.on("error", () => {}); // a session that breaks between two statements is told by the next one
        await client.connect();
        await client.query("SET datestyle = ISO; SET extra_float_digits = 1");
        await client.query(`SET TIME ZONE INTERVAL '${connection.timeZone}' HOUR TO MINUTE`);
        await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
        return sessionOf(client, connection.pageRows);
      }),
  };
}

function tlsOf({ tls, ca }: TableConnection) {
  return { rejectUnauthorized: tls === "verify", ...(ca === undefined ? {} : { ca }) };
}

function sessionOf(client: Client, pageRows: number): TableSession {
  const query = (text: string) =>
    asked(() => client.query<(string | null)[], unknown[]>({ text, rowMode: "array" } as { text: string; rowMode: "array" }));
  return {
    clock: async () => (await query("SELECT to_char(localtimestamp, 'YYYY-MM-DD HH24:MI:SS.US')")).rows[0]?.[0] ?? "",
    largest: async (from, column) => (await query(`SELECT max(q.${column}) FROM ${fromSql(from)}`)).rows[0]?.[0] ?? undefined,
    async *rows(window: TableWindow): AsyncGenerator<TablePage> {
      const time = (text: string) => `timestamp '${text}'`;
      await query(`DECLARE pull NO SCROLL CURSOR FOR ${windowSql(window, { time })}`);
      try {
        for (;;) {
          const { fields, rows } = await query(`FETCH ${pageRows} FROM pull`);
          yield { columns: fields.map((field) => field.name), rows };
          if (rows.length < pageRows) break;
        }
      } finally {
        // Also when nobody reads on; after a failure the session is of no use, and the failure is told already.
        await query("CLOSE pull").catch(() => undefined);
      }
    },
    close: () => client.end().catch(() => undefined),
  };
}
