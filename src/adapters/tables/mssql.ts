import type { Connection, ConnectionConfiguration } from "tedious";
import type { TableConnection, TableFrom, TablePage, TableSession, TableSource } from "../../ingest/table-source.ts";
import { asked, fromSql, windowSql } from "./window-sql.ts";

type Tedious = typeof import("tedious");
type Row = (string | null)[];

const connectMs = 15_000;

/**
 * SQL Server 2016 and later, by `tedious`: in one snapshot when the database allows it, else each statement reads what is committed. The server
 * itself writes every value as text, because the driver would round decimals. The login needs no more than `db_datareader`.
 */
export function createMssqlSource(connection: TableConnection): TableSource {
  return {
    open: () =>
      asked(async () => {
        const tedious = await import("tedious");
        const client = new tedious.Connection(configurationOf(connection));
        client.on("error", () => {}); // a session that breaks between two statements is told by the next one
        const connected = Promise.withResolvers<void>();
        client.connect((error) => (error === undefined || error === null ? connected.resolve() : connected.reject(error)));
        await connected.promise;
        const session = sessionOf(tedious, client, connection.pageRows);
        const [row] = await session.all("SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()");
        await session.all(`SET TRANSACTION ISOLATION LEVEL ${Number(row?.[0]) === 1 ? "SNAPSHOT" : "READ COMMITTED"}`);
        await session.all("BEGIN TRANSACTION");
        return session;
      }),
  };
}

function configurationOf(connection: TableConnection): ConnectionConfiguration {
  return {
    server: connection.host,
    authentication: { type: "default", options: { userName: connection.user, password: connection.password } },
    options: {
      database: connection.database,
      port: connection.port ?? 1433,
      encrypt: connection.tls !== "off",
      trustServerCertificate: connection.tls === "require",
      ...(connection.ca === undefined ? {} : { cryptoCredentialsDetails: { ca: connection.ca } }),
      connectTimeout: connectMs,
      requestTimeout: connection.statementMs,
      appName: "hutong",
      readOnlyIntent: true,
      dateFormat: "ymd",
    },
  };
}

function sessionOf(tedious: Tedious, client: Connection, pageRows: number) {
  async function* stream(sql: string): AsyncGenerator<Row[]> {
    const waiting: Row[][] = [];
    let rows: Row[] = [];
    let wake = () => {};
    let end: { readonly error?: Error } | undefined;
    const request = new tedious.Request(sql, (error) => {
      end = error === undefined || error === null ? {} : { error };
      wake();
    });
    request.on("row", (cells: readonly { value: unknown }[]) => {
      rows.push(cells.map(({ value }) => (value === null || value === undefined ? null : String(value))));
      if (rows.length < pageRows) return;
      waiting.push(rows);
      rows = [];
      request.pause(); // nothing more is read until the page is taken
      wake();
    });
    client.execSqlBatch(request);
    while (end === undefined || waiting.length > 0) {
      const page = waiting.shift();
      if (page !== undefined) {
        yield page;
        if (waiting.length === 0) request.resume();
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (end.error !== undefined) throw end.error;
    yield rows;
  }
  const all = (sql: string) =>
    asked(async () => {
      const rows: Row[] = [];
      for await (const page of stream(sql)) rows.push(...page);
      return rows;
    });
  const describe = (from: TableFrom) => {
    const text = `SELECT q.* FROM ${fromSql(from)}`.replaceAll("'", "''");
    return all(
      `SELECT name, system_type_name FROM sys.dm_exec_describe_first_result_set(N'${text}', NULL, 0) ORDER BY column_ordinal`,
    );
  };
  const session: TableSession & { all: typeof all } = {
    all,
    clock: async () => (await all("SELECT CONVERT(nvarchar(26), SYSDATETIME(), 121)"))[0]?.[0] ?? "",
    largest: async (from, column) =>
      (await all(`SELECT CONVERT(nvarchar(40), MAX(q.${column})) FROM ${fromSql(from)}`))[0]?.[0] ?? undefined,
    async *rows(window): AsyncGenerator<TablePage> {
      const described = (await describe(window.from)).map(([name, type]) => ({ name: name ?? "", type: type ?? "" }));
      const columns = described.map(({ name }) => name);
      const select = described.map(({ name, type }) => asText(`q.[${name.replaceAll("]", "]]")}]`, type)).join(", ");
      const pages = stream(windowSql(window, { time: (text) => `CONVERT(datetime2, '${text}', 121)` }, select));
      for (;;) {
        const next = await asked(() => pages.next());
        if (next.done === true) return;
        yield { columns, rows: next.value };
      }
    },
    close: async () => client.close(),
  };
  return session;
}

/** The column as exact text (CONVERT styles: 121 = ODBC time, 23 = ISO day, 3 = every digit of a float, 2 = four decimals of money, 1 = 0x…). */
function asText(column: string, type: string): string {
  const base = type.replace(/\(.*/, "");
  if (/^(datetime2|datetime|smalldatetime)$/.test(base)) return `CONVERT(nvarchar(26), ${column}, 121)`;
  if (base === "datetimeoffset")
    return `CONVERT(nvarchar(26), ${column}, 121) + RIGHT(CONVERT(nvarchar(40), ${column}, 121), 6)`;
  if (base === "date") return `CONVERT(nvarchar(10), ${column}, 23)`;
  if (base === "time") return `CONVERT(nvarchar(15), ${column}, 114)`;
  if (base === "float" || base === "real") return `CONVERT(nvarchar(40), ${column}, 3)`;
  if (base === "money" || base === "smallmoney") return `CONVERT(nvarchar(40), ${column}, 2)`;
  if (/^(varbinary|binary|image|timestamp)$/.test(base)) return `CONVERT(nvarchar(max), CONVERT(varbinary(max), ${column}), 1)`;
  return `CONVERT(nvarchar(max), ${column})`;
}
