import type { TableConnection, TableFrom, TablePage, TableSession, TableSource } from "../../ingest/table-source.ts";
import { asked, fromSql, windowSql } from "./window-sql.ts";

/** The part of `oracledb` that is used; the driver comes without types. */
interface Driver {
  readonly STRING: unknown;
  readonly DB_TYPE_DATE: unknown;
  readonly DB_TYPE_TIMESTAMP: unknown;
  readonly DB_TYPE_TIMESTAMP_TZ: unknown;
  readonly DB_TYPE_TIMESTAMP_LTZ: unknown;
  readonly DB_TYPE_NUMBER: unknown;
  readonly DB_TYPE_CLOB: unknown;
  readonly DB_TYPE_NCLOB: unknown;
  readonly OUT_FORMAT_ARRAY: unknown;
  getConnection(options: object): Promise<OracleConnection>;
}
interface OracleConnection {
  callTimeout: number;
  execute(sql: string, binds: readonly [], options: object): Promise<Result>;
  close(options: { readonly drop: boolean }): Promise<void>;
}
interface Result {
  readonly metaData?: readonly { readonly name: string; readonly dbType: unknown }[];
  readonly rows?: readonly (string | null)[][];
  readonly resultSet?: { getRows(count: number): Promise<(string | null)[][]>; close(): Promise<void> };
}

/**
 * Oracle Database 12.1 and later, by `oracledb` in its thin mode (no Oracle client needed): a read-only transaction. The server writes times as text;
 * numbers come as their digits. Older servers need Oracle's own client (thick mode), which this adapter does not load.
 */
export function createOracleSource(connection: TableConnection): TableSource {
  return {
    open: () =>
      asked(async () => {
        // @ts-expect-error: the driver comes without types
        const { default: driver } = (await import("oracledb")) as { default: Driver };
        const { host, port, database, tls, user, password, ca } = connection;
        const client = await driver.getConnection({
          user,
          password,
          connectString: `${tls === "off" ? "tcp" : "tcps"}://${host}:${port ?? 1521}/${database}?connect_timeout=15`,
          ...(tls === "verify" ? { sslServerDNMatch: true } : { sslServerDNMatch: false }),
          ...(ca === undefined ? {} : { walletContent: ca }),
        });
        client.callTimeout = connection.statementMs;
        const session = sessionOf(driver, client, connection.pageRows);
        await session.all(`ALTER SESSION SET TIME_ZONE = '${connection.timeZone}'`);
        await session.all("SET TRANSACTION READ ONLY");
        return session;
      }),
  };
}

function sessionOf(driver: Driver, client: OracleConnection, pageRows: number) {
  const asDigits = new Set([driver.DB_TYPE_NUMBER, driver.DB_TYPE_CLOB, driver.DB_TYPE_NCLOB]);
  const options = {
    outFormat: driver.OUT_FORMAT_ARRAY,
    fetchArraySize: pageRows,
    fetchTypeHandler: ({ dbType }: { readonly dbType: unknown }) =>
      asDigits.has(dbType) ? { type: driver.STRING } : undefined,
  };
  const execute = (sql: string, more: object = {}) => asked(() => client.execute(sql, [], { ...options, ...more }));
  const all = async (sql: string) => (await execute(sql)).rows ?? [];
  const describe = async (from: TableFrom) => (await execute(`SELECT q.* FROM ${fromSql(from)} WHERE 1 = 0`)).metaData ?? [];

  /** The column as exact text. */
  const asText = ({ name, dbType }: { readonly name: string; readonly dbType: unknown }): string => {
    const column = `q."${name}"`;
    if (dbType === driver.DB_TYPE_DATE) return `TO_CHAR(${column}, 'YYYY-MM-DD HH24:MI:SS')`;
    if (dbType === driver.DB_TYPE_TIMESTAMP || dbType === driver.DB_TYPE_TIMESTAMP_LTZ)
      return `TO_CHAR(${column}, 'YYYY-MM-DD HH24:MI:SS.FF6')`;
    if (dbType === driver.DB_TYPE_TIMESTAMP_TZ) return `TO_CHAR(${column}, 'YYYY-MM-DD HH24:MI:SS.FF6TZH:TZM')`;
    return column;
  };
  const session: TableSession & { all: typeof all } = {
    all,
    clock: async () => (await all("SELECT TO_CHAR(SYSTIMESTAMP, 'YYYY-MM-DD HH24:MI:SS.FF6') FROM dual"))[0]?.[0] ?? "",
    largest: async (from, column) => (await all(`SELECT MAX(q.${column}) FROM ${fromSql(from)}`))[0]?.[0] ?? undefined,
    async *rows(window): AsyncGenerator<TablePage> {
      const described = await describe(window.from);
      const columns = described.map(({ name }) => name);
      const time = (text: string) => `TO_TIMESTAMP('${text}', 'YYYY-MM-DD HH24:MI:SS.FF6')`;
      const sql = windowSql(window, { time }, described.map(asText).join(", "));
      const { resultSet } = await execute(sql, { resultSet: true });
      if (resultSet === undefined) return;
      for (;;) {
        const rows = await asked(() => resultSet.getRows(pageRows));
        yield { columns, rows };
        if (rows.length < pageRows) break;
      }
      await asked(() => resultSet.close());
    },
    close: () => client.close({ drop: true }).catch(() => undefined),
  };
  return session;
}
