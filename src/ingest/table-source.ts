/**
 * A hospital's database as a pull reads it: one read-only session on one state of the data. Implemented by `adapters/tables/*`, which all pass
 * test/contract/table-source.contract.ts. Everything throws `Fault("tables-down")` when the database does not answer, refuses, or runs out of time.
 */
export interface TableSource {
  open(): Promise<TableSession>;
}

/** One session. Where the database can, all of it sees the data as they were when it began. */
export interface TableSession {
  /** The database's own local time, `YYYY-MM-DD HH:MM:SS.ffffff`. */
  clock(): Promise<string>;
  /** The greatest value of a number column, as digits; undefined when there is no row. */
  largest(from: TableFrom, column: string): Promise<string | undefined>;
  /** The rows of a window in the order of its column, in pages; the first page comes with the column names even when it has no row. */
  rows(window: TableWindow): AsyncIterable<TablePage>;
  close(): Promise<void>;
}

/** A table or view, or a query to be read as one. */
export type TableFrom = { readonly table: string } | { readonly query: string };

/** Rows whose `column` lies between `after` and `upTo`, both included. */
export interface TableWindow {
  readonly from: TableFrom;
  readonly column: string;
  readonly kind: "time" | "number";
  readonly after: string;
  readonly upTo: string;
}

/** Values as the database writes them in text: digits of numbers kept, times `YYYY-MM-DD HH:MM:SS[.ffffff]`, null = NULL. */
export interface TablePage {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Where a database is and how to sign in; `ca`: certificate (PEM) the server's must be signed by. */
export interface TableConnection {
  readonly host: string;
  readonly port?: number;
  /** Oracle: the service name. */
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** `verify` = encrypted and the server's certificate checked; `require` = encrypted only. */
  readonly tls: "off" | "require" | "verify";
  readonly ca?: string;
  /** Zone of the session, `+08:00`. */
  readonly timeZone: string;
  /** Longest time one statement may take, ms. */
  readonly statementMs: number;
  /** Rows a page. */
  readonly pageRows: number;
}
