import type { TableFrom, TableWindow } from "../../ingest/table-source.ts";
import { Fault } from "../../kernel/fault.ts";

/** How a dialect writes a watermark. */
export interface Dialect {
  time(text: string): string;
}

/** `table q` or `(query) q`. */
export function fromSql(from: TableFrom): string {
  return "table" in from ? `${from.table} q` : `(${from.query.trim().replace(/;$/, "")}) q`;
}

/** The statement for a window; `select`: its columns, `q.*` when the driver gives text by itself. Watermarks are our own digits, never a stranger's text. */
export function windowSql(window: TableWindow, dialect: Dialect, select = "q.*"): string {
  const literal = (text: string) => {
    if (!/^-?[\d :.-]+$/.test(text)) throw new Fault("unexpected", { detail: "A watermark holds more than digits." });
    return window.kind === "time" ? dialect.time(text) : text;
  };
  const column = `q.${window.column}`;
  return `SELECT ${select} FROM ${fromSql(window.from)} WHERE ${column} >= ${literal(window.after)} AND ${column} <= ${literal(window.upTo)} ORDER BY ${column}`;
}

/** The Fault for what a driver threw: its code only, since a message may hold a value. */
export function tablesDown(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, number } = (error ?? {}) as { code?: unknown; number?: unknown };
  const told = [code, number].filter((one) => typeof one === "string" || typeof one === "number").join(" ");
  return new Fault("tables-down", { cause: error, detail: `The database does not answer or refused (${told || "no code"}).` });
}

/** The result of a driver's call; what it throws is a Fault. */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw tablesDown(error);
  }
}
