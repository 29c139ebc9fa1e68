import { z } from "zod";

const columnTypes = ["text", "code", "integer", "decimal", "date", "date8", "local_time"] as const;
/** Every encoding a file may have, in the order in which detection tries them. */
export const encodings = ["utf-8", "gb18030", "utf-16le", "utf-16be"] as const;

/** One column as written. */
export const ColumnFile = z.strictObject({
  /** Headings met in the files; the column's own name when left out. */
  header: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  path: z.string().optional(),
  type: z.enum(columnTypes).default("text"),
  /** The files may lack the column. */
  optional: z.boolean().default(false),
  /** A row without a value here is an issue. */
  required: z.boolean().default(false),
  /** Times after now are meant (appointments). */
  future: z.boolean().default(false),
  unused: z.string().min(1).optional(),
});

const TableFile = z.strictObject({
  file: z.string().min(1),
  rows: z.string().optional(),
  sheet: z.string().min(1).optional(),
  messages: z.array(z.string()).default([]),
  key: z.array(z.string()).default([]),
  institution: z.string().optional(),
  reject: z.array(z.strictObject({ when: z.string(), reason: z.string() })).default([]),
  columns: z.record(z.string(), ColumnFile.nullable()),
});

/** `feed.yaml` as written, with what the families it extends add. */
export const FeedFile = z.strictObject({
  feed: z.string().regex(/^[a-z0-9-]+$/, "is made of small letters, digits and hyphens"),
  supplier: z.string().default(""),
  origin: z.enum(["his", "lis", "ris", "analyser", "poct", "registry"]).default("his"),
  format: z.enum(["csv", "json", "hl7v2", "xml", "xlsx"]).default("csv"),
  encoding: z
    .union([z.enum(encodings), z.literal("detect"), z.array(z.enum(encodings)).min(1)], {
      error:
        "is none that is read: utf-8, gb18030 (which reads gbk and gb2312 too), utf-16le, utf-16be, a list of these, or detect",
    })
    .default("utf-8"),
  /** Between the fields of a line; `"\t"` for tabs. */
  delimiter: z.string().min(1).max(5).default(","),
  /** A delimited file that does not end in a line end was cut off. */
  final_newline: z.boolean().default(false),
  /** Prefixes of the XML namespaces that paths use. */
  namespaces: z.record(z.string(), z.string()).default({}),
  time_zone: z
    .string()
    .regex(/^[+-]\d{2}:\d{2}$/, 'looks like "+08:00"')
    .default("+08:00"),
  absent: z.array(z.string()).default([]),
  institution: z.union([z.string(), z.strictObject({ always: z.string() })]).optional(),
  misses: z.record(z.string(), z.enum(["keep", "fail", "skip"])).default({}),
  tables: z.record(z.string(), TableFile),
});
export type FeedFile = z.output<typeof FeedFile>;

/** `family.yaml` as written, or a `feed.yaml` that extends a family: anything may be left to the other. */
export const PartialFeedFile = FeedFile.partial().extend({
  family: z.string().optional(),
  extends: z.string().optional(),
  tables: z.record(z.string(), TableFile.partial().nullable()).optional(),
});
