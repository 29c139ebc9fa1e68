import type { Readable } from "node:stream";
import type { Connection, FieldPacket, RowDataPacket } from "mysql2";
import type { TableConnection, TablePage, TableSession, TableSource } from "../../ingest/table-source.ts";
import { asked, fromSql, tablesDown, windowSql } from "./window-sql.ts";

const connectMs = 15_000;

/** MySQL 5.7 and later and MariaDB 10.3 and later, by `mysql2`: a read-only transaction on a consistent snapshot, rows streamed. */
export function createMysqlSource(connection: TableConnection): TableSource {
  return {
    open: () =>
      asked(async () => {
        const { createConnection } = await import("mysql2");
        const client = createConnection({
          host: connection.host,
          port: connection.port ?? 3306,
          database: connection.database,
          user: connection.user,
          password: connection.password,
          ...(connection.tls === "off" ? {} : { ssl: tlsOf(connection) }),
          charset: "UTF8MB4_GENERAL_CI",
          connectTimeout: connectMs,
          rowsAsArray: true,
          // Every value stays the text the server wrote: DECIMAL keeps its digits, a zero date stays visible.
          typeCast: (field) => field.string(),
        });
        const lost: Lost = { error: undefined };
        client.on("error", (error) => {
          lost.error ??= error;
          lost.stream?.destroy(error);
        });
        try {
          await prepare(client, connection);
        } catch (error) {
          client.destroy();
          throw error;
        }
        return sessionOf(client, connection.pageRows, lost);
      }),
  };
}

function tlsOf({ tls, ca }: TableConnection) {
  return { rejectUnauthorized: tls === "verify", ...(ca === undefined ? {} : { ca }) };
}

async function prepare(client: Connection, { timeZone, statementMs }: TableConnection): Promise<void> {
  const version = (await ask(client, "SELECT VERSION()"))[0]?.[0] ?? "";
  const limit = /maria/i.test(version)
    ? `SET SESSION max_statement_time = ${statementMs / 1000}`
    : `SET SESSION max_execution_time = ${statementMs}`;
  await ask(client, limit);
  await ask(client, `SET time_zone = '${timeZone}'`);
  await ask(client, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await ask(client, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

function ask(client: Connection, sql: string): Promise<(string | null)[][]> {
  const { promise, resolve, reject } = Promise.withResolvers<(string | null)[][]>();
  client.query<RowDataPacket[][]>(sql, (error, rows) =>
    error === null ? resolve(rows as unknown as (string | null)[][]) : reject(tablesDown(error)),
  );
  return promise;
}

/** The driver tells a streamed statement nothing of a connection that was lost before it began: we remember. */
interface Lost {
  error: unknown;
  stream?: Readable;
}

function sessionOf(client: Connection, pageRows: number, lost: Lost): TableSession {
  return {
    clock: async () => (await ask(client, "SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')"))[0]?.[0] ?? "",
    largest: async (from, column) => (await ask(client, `SELECT MAX(q.${column}) FROM ${fromSql(from)}`))[0]?.[0] ?? undefined,
    async *rows(window): AsyncGenerator<TablePage> {
      let columns: readonly string[] = [];
      const query = client.query(windowSql(window, { time: (text) => `CAST('${text}' AS DATETIME(6))` }));
      query.on("fields", (fields: FieldPacket[]) => {
        columns = fields.map((field) => field.name);
      });
      const stream = query.stream({ highWaterMark: pageRows });
      if (lost.error !== undefined) throw tablesDown(lost.error);
      lost.stream = stream;
      let rows: (string | null)[][] = [];
      try {
        for await (const row of stream as AsyncIterable<(string | null)[]>) {
          rows.push(row);
          if (rows.length < pageRows) continue;
          yield { columns, rows };
          rows = [];
        }
      } catch (error) {
        throw tablesDown(error);
      }
      yield { columns, rows };
    },
    // Not a polite end: a stream that was left half-read would have to be read to its end first.
    close: async () => client.destroy(),
  };
}
