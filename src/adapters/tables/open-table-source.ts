import type { TableConnection, TableSource } from "../../ingest/table-source.ts";
import { Fault } from "../../kernel/fault.ts";
import { createMssqlSource } from "./mssql.ts";
import { createMysqlSource } from "./mysql.ts";
import { createOracleSource } from "./oracle.ts";
import { createPostgresqlSource } from "./postgresql.ts";

/** Databases that can be pulled from; each driver is loaded by the first session that needs it. `mysql` is MariaDB too. */
const tableSources = {
  postgresql: createPostgresqlSource,
  mysql: createMysqlSource,
  mssql: createMssqlSource,
  oracle: createOracleSource,
} as const;

/** A statement is ended by the server; should the server or the network be gone without a word, we stop waiting this much later, ms. */
const graceMs = 30_000;

/** The database a pull names. */
export function openTableSource(kind: keyof typeof tableSources, connection: TableConnection): TableSource {
  return impatient(tableSources[kind](connection), connection.statementMs + graceMs);
}

/** The same source, but nothing is waited for longer than `ms`: then it is `Fault("tables-down")`. */
export function impatient(source: TableSource, ms: number): TableSource {
  return {
    async open() {
      const session = await within(source.open(), ms);
      return {
        clock: () => within(session.clock(), ms),
        largest: (from, column) => within(session.largest(from, column), ms),
        async *rows(window) {
          const pages = session.rows(window)[Symbol.asyncIterator]();
          try {
            for (;;) {
              const next = await within(pages.next(), ms);
              if (next.done === true) return;
              yield next.value;
            }
          } finally {
            await within(Promise.resolve(pages.return?.()), ms).catch(() => undefined);
          }
        },
        close: () => within(session.close(), ms).catch(() => undefined),
      };
    },
  };
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Fault("tables-down", { detail: "The database did not answer in time." })), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
