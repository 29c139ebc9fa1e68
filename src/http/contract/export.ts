import { z } from "zod";
import { type Presented, ShortText, WorkId } from "./parts.ts";

/** Name of a feed: one folder of mappings. */
export const FeedName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be a feed's name");

/** Name of a file as its supplier calls it: no folder, no control character. */
export const FileName = ShortText.regex(/^[^/\\]+$/, "must be a file name without a folder").refine(
  (name) => name !== "." && name !== "..",
  "must be a file name",
);

/** Query of `POST /exports/{feed}`: the file's name when the body is that one file. */
export const ExportQuery = z.strictObject({ file: FileName.optional() });

const Status = z.enum(["waiting", "running", "completed", "failed"]);

/** Answer of `POST /exports/{feed}`: stored durably, work will follow. */
export const ExportAccepted = z.object({ id: WorkId, status: z.literal("accepted"), location: z.string() });

/** Rows of one table of an export: `read` = `mapped` + `skipped` (each skipped row is an issue or an exact duplicate). */
const RowCounts = z.object({ read: z.int(), mapped: z.int(), skipped: z.int() });

const Column = z.object({ table: z.string(), column: z.string() });

/** What the mapping did not understand, counted. */
const MappingReport = z.object({
  rows: z.record(z.string(), RowCounts),
  unmappedColumns: z.array(Column.extend({ count: z.int() })),
  unusedColumns: z.array(Column),
  tableMisses: z.array(z.object({ table: z.string(), code: z.string(), unit: z.string().optional(), count: z.int() })),
  issues: z.record(z.string(), z.int()),
});

/** Answer of `GET /exports/{id}`. */
export const ExportState = z.object({
  id: WorkId,
  feed: FeedName,
  status: Status,
  receivedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  files: z.array(z.object({ name: z.string(), bytes: z.int() })),
  /** While it runs: how many sheets are done, and how much of the files' bytes has been read. */
  progress: z.object({ sheets: z.int(), percent: z.int().optional() }).optional(),
  /** Resources and people by what became of them, e.g. `{ created: 12, unchanged: 3 }`. */
  counts: z.record(z.string(), z.int()).optional(),
  report: MappingReport.optional(),
  reason: z.string().optional(),
});
export type ExportState = Presented<z.output<typeof ExportState>>;

/** One row (or file) that did not become resources as it stands; values are masked. */
export const ExportIssue = z.object({
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  file: z.string(),
  line: z.int().optional(),
  column: z.string().optional(),
  field: z.string().optional(),
  mapping: z.string().optional(),
  mappingLine: z.int().optional(),
  element: z.string().optional(),
  reason: z.string(),
});
export type ExportIssue = Presented<z.output<typeof ExportIssue>>;

/** Query of `GET /exports/{id}/issues`. */
export const IssuesQuery = z.strictObject({ format: z.enum(["json", "csv"]).optional() });
