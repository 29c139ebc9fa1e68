import { parseDocument } from "yaml";
import { z } from "zod";
import { Fault } from "../kernel/fault.ts";

/** A name that needs no quotation marks in any of the databases. */
const name = z.string().regex(/^[\p{L}_][\p{L}\p{N}_$#]{0,127}$/u, "must be a plain name");
const tableName = z.string().regex(/^([\p{L}_][\p{L}\p{N}_$#]*\.){0,3}[\p{L}_][\p{L}\p{N}_$#]*$/u, "must be [schema.]table");
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const duration = z
  .string()
  .regex(/^[1-9]\d{0,4}[smhd]$/, "must be like 30s, 10m, 2h or 7d")
  .transform((text) => Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs]);
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/, "must be YYYY-MM-DD or YYYY-MM-DD HH:MM:SS");

const PulledTable = z
  .strictObject({
    /** A table or view; or `query`, a SELECT that is read as one. */
    from: tableName.optional(),
    query: z.string().min(1).optional(),
    /** Column that grows whenever a row is written: a time of change, or a number that is only ever counted up. */
    watermark: name,
    kind: z.enum(["time", "number"]).default("time"),
    /** With `kind: number`: where to begin, and how many numbers are read again each time. */
    start: z.int().min(0).default(0),
    overlap: z.int().min(0).default(1000),
    /** Columns that are read but not exported, e.g. a watermark taken from another table. */
    leave_out: z.array(name).default([]),
  })
  .refine((table) => (table.from === undefined) !== (table.query === undefined), "needs either from or query");

const PullFile = z.strictObject({
  feed: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  source: z.enum(["postgresql", "mysql", "mssql", "oracle"]),
  connection: z.strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65535).optional(),
    database: z.string().min(1),
    user: z.string().min(1),
    tls: z.enum(["off", "require", "verify"]).default("verify"),
    /** File with the certificate (PEM) that signed the server's. */
    ca: z.string().min(1).optional(),
  }),
  every: duration,
  /** How far back each pull reads again: longer than the source's longest transaction and any clock difference. */
  overlap: duration,
  /** Where the first pull begins. */
  start: time,
  /** Most time one pull covers: a first pull of years comes in pieces. */
  span: duration.default(7 * unitMs.d),
  statement_timeout: duration.default(5 * unitMs.m),
  /** By the feed's name of the table, in the order in which they are read. */
  tables: z.record(name, PulledTable).refine((tables) => Object.keys(tables).length > 0, "needs a table"),
});

/** How one feed is pulled; durations in ms. */
export type Pull = z.output<typeof PullFile>;

/** Reads a pull's YAML. Throws `Fault("configuration-wrong")` that names the file and every mistake. */
export function readPull(file: string, yaml: string): Pull {
  const document = parseDocument(yaml);
  const parsed = document.errors.length > 0 ? undefined : PullFile.safeParse(document.toJS());
  if (parsed?.success === true) return parsed.data;
  const problems =
    parsed === undefined
      ? document.errors.map((error) => error.message)
      : parsed.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`);
  throw new Fault("configuration-wrong", { detail: `${file}: ${problems.join("; ")}` });
}
