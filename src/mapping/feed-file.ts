import { z } from "zod";
import type { Column, InstitutionSource, MissPolicy, Table } from "./compiled.ts";
import { readHl7Path } from "./hl7-path.ts";
import type { MappingProblem } from "./mapped.ts";
import { readYamlAs, type YamlSource } from "./yaml-source.ts";

const columnTypes = ["text", "code", "integer", "decimal", "date", "date8", "local_time"] as const;
const encodings = ["utf-8", "gb18030"] as const;

const ColumnFile = z.strictObject({
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
  messages: z.array(z.string()).default([]),
  key: z.array(z.string()).default([]),
  institution: z.string().optional(),
  reject: z.array(z.strictObject({ when: z.string(), reason: z.string() })).default([]),
  columns: z.record(z.string(), ColumnFile.nullable()),
});

const FeedFile = z.strictObject({
  feed: z.string().regex(/^[a-z0-9-]+$/),
  supplier: z.string().default(""),
  origin: z.enum(["his", "lis", "ris", "analyser", "poct", "registry"]).default("his"),
  format: z.enum(["csv", "json", "hl7v2"]).default("csv"),
  encoding: z.union([z.enum(encodings), z.array(z.enum(encodings)).min(1), z.literal("detect")]).default("utf-8"),
  delimiter: z.string().length(1).default(","),
  /** A delimited file that does not end in a line end was cut off. */
  final_newline: z.boolean().default(false),
  time_zone: z
    .string()
    .regex(/^[+-]\d{2}:\d{2}$/)
    .default("+08:00"),
  absent: z.array(z.string()).default([]),
  institution: z.union([z.string(), z.strictObject({ always: z.string() })]).optional(),
  misses: z.record(z.string(), z.enum(["keep", "fail", "skip"])).default({}),
  tables: z.record(z.string(), TableFile),
});
type FeedFile = z.output<typeof FeedFile>;

export type Encoding = (typeof encodings)[number];

/** What `feed.yaml` declares, ready for readers and templates. */
export interface FeedDeclaration {
  readonly name: string;
  readonly supplier: string;
  readonly origin: FeedFile["origin"];
  readonly format: FeedFile["format"];
  /** Accepted encodings; when both, the file tells. */
  readonly encodings: readonly Encoding[];
  readonly delimiter: string;
  readonly finalNewline: boolean;
  readonly timeZone: string;
  readonly absent: ReadonlySet<string>;
  readonly misses: Readonly<Record<string, MissPolicy>>;
  readonly tables: ReadonlyMap<string, Table>;
  /** `reject` rules of a table, still as text; compiled once the code tables are known. */
  readonly rejections: readonly { table: Table; when: string; reason: string; line: number }[];
}

/** Reads and checks `feed.yaml`. What is wrong is added to `problems`; undefined when it cannot be used. */
export function readFeedFile(file: string, text: string, problems: MappingProblem[]): FeedDeclaration | undefined {
  const read = readYamlAs(FeedFile, { file, text }, problems);
  if (read === undefined) return undefined;
  const { source, data: feed } = read;
  const tables = new Map(
    Object.entries(feed.tables).map(([name, table]) => [name, tableOf(name, table, feed, source, problems)]),
  );
  return {
    name: feed.feed,
    supplier: feed.supplier,
    origin: feed.origin,
    format: feed.format,
    encodings: feed.encoding === "detect" ? encodings : typeof feed.encoding === "string" ? [feed.encoding] : feed.encoding,
    delimiter: feed.delimiter,
    finalNewline: feed.final_newline,
    timeZone: feed.time_zone,
    absent: new Set(["", ...feed.absent]),
    misses: feed.misses,
    tables,
    rejections: [...tables.values()].flatMap((table) =>
      (feed.tables[table.name]?.reject ?? []).map((rule, index) => ({
        ...rule,
        table,
        line: source.lineAt(["tables", table.name, "reject", index]),
      })),
    ),
  };
}

function tableOf(
  name: string,
  table: FeedFile["tables"][string],
  feed: FeedFile,
  source: YamlSource,
  problems: MappingProblem[],
): Table {
  const at = (...path: PropertyKey[]) => source.lineAt(["tables", name, ...path]);
  const columns = Object.entries(table.columns).map(([column, given], index): Column => {
    const settings = given ?? ColumnFile.parse({});
    const path = settings.path ?? column;
    return {
      name: column,
      index,
      headers: settings.header === undefined ? [column] : [settings.header].flat(),
      path,
      type: settings.type,
      optional: settings.optional,
      required: settings.required,
      future: settings.future,
      ...(settings.unused === undefined ? {} : { unused: settings.unused }),
      digested: settings.unused === undefined && !path.includes("@"),
      line: at("columns", column),
    };
  });
  const byName = new Map(columns.map((column) => [column.name, column]));
  for (const part of table.key)
    if (!byName.has(part))
      problems.push({ file: source.file, line: at("key"), reason: `key names ${part}, which is no column of ${name}` });
  for (const column of columns) {
    const wrong = wrongPath(column, feed.format);
    if (wrong !== undefined) problems.push({ file: source.file, line: column.line, reason: `${column.name} ${wrong}` });
  }
  const rows = table.rows ?? "";
  if (feed.format === "json" && !rows.endsWith("[*]"))
    problems.push({ file: source.file, line: at("rows"), reason: "rows is a path to a list and ends in [*]" });
  if (feed.format === "hl7v2" && !/^[A-Z][A-Z0-9]{2}$/.test(rows))
    problems.push({ file: source.file, line: at("rows"), reason: "rows is the segment that makes a row (OBR)" });
  const institution = institutionOf(table.institution ?? feed.institution, byName);
  return {
    name,
    file: globOf(table.file),
    filePattern: table.file,
    rows,
    messages: table.messages,
    columns,
    byName,
    ...(institution === undefined ? {} : { institution }),
    reject: [],
  };
}

function wrongPath(column: Column, format: FeedFile["format"]): string | undefined {
  if (format === "hl7v2" && readHl7Path(column.path) === undefined)
    return `has the path ${column.path}; HL7 paths look like PID-3.1, PID-3[5=PI].1, @message or @group`;
  if (format === "json" && !/^(\$\.|(\^\.)*)(@row|[^.[\]]+(\.[^.[\]]+)*)$/.test(column.path))
    return `has the path ${column.path}; JSON paths look like name, name.part, ^.name, $.name or @row`;
  return undefined;
}

function institutionOf(named: FeedFile["institution"], columns: ReadonlyMap<string, Column>): InstitutionSource | undefined {
  if (named === undefined) return undefined;
  if (typeof named === "object") return named;
  const column = columns.get(named);
  return column === undefined ? undefined : { column };
}

/** `*` stands for anything but a slash; everything else for itself. Matched against the last segment of a file's name. */
function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`, "i");
}
