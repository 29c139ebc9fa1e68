import type { z } from "zod";
import { type FeedFormat, wrongColumnPath, wrongRows } from "./column-path.ts";
import type { Column, InstitutionSource, MissPolicy, Table } from "./compiled.ts";
import { explainIssues } from "./explain-zod.ts";
import type { LayeredFeed } from "./feed-layers.ts";
import { ColumnFile, encodings, FeedFile } from "./feed-schema.ts";
import type { MappingProblem } from "./mapped.ts";
import { didYouMean } from "./suggest.ts";

/** An encoding that readers know. */
export type Encoding = (typeof encodings)[number];

/** What `feed.yaml` declares, ready for readers and templates. */
export interface FeedDeclaration {
  readonly name: string;
  readonly supplier: string;
  readonly origin: FeedFile["origin"];
  readonly format: FeedFormat;
  /** Accepted encodings; when several, the file tells. */
  readonly encodings: readonly Encoding[];
  readonly delimiter: string;
  readonly finalNewline: boolean;
  /** XML namespaces by the prefix that paths use. */
  readonly namespaces: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly absent: ReadonlySet<string>;
  readonly misses: Readonly<Record<string, MissPolicy>>;
  readonly tables: ReadonlyMap<string, Table>;
  /** `reject` rules of a table, still as text; compiled once the code tables are known. */
  readonly rejections: readonly { table: Table; when: string; reason: string; file: string; line: number }[];
}

/** Tells a problem at a path of feed.yaml, in the file of the feed or family where it stands. */
type Tell = (path: readonly PropertyKey[], reason: string) => void;

/** Checks `feed.yaml`. What is wrong is added to `problems`; undefined when it cannot be used. */
export function readFeedFile(layers: LayeredFeed, problems: MappingProblem[]): FeedDeclaration | undefined {
  const tell: Tell = (path, reason) => problems.push({ ...layers.place(path), reason });
  const parsed = FeedFile.safeParse(layers.plain);
  if (!parsed.success) {
    for (const { path, reason } of explainIssues(parsed.error.issues, { schema: FeedFile, whole: layers.plain }))
      tell(path, reason);
    return undefined;
  }
  const feed = parsed.data;
  const tables = new Map(Object.entries(feed.tables).map(([name, table]) => [name, tableOf(name, table, feed, layers, tell)]));
  return {
    name: feed.feed,
    supplier: feed.supplier,
    origin: feed.origin,
    format: feed.format,
    encodings: feed.encoding === "detect" ? encodings : typeof feed.encoding === "string" ? [feed.encoding] : feed.encoding,
    delimiter: feed.delimiter,
    finalNewline: feed.final_newline,
    namespaces: feed.namespaces,
    timeZone: feed.time_zone,
    absent: new Set(["", ...feed.absent]),
    misses: feed.misses,
    tables,
    rejections: [...tables.values()].flatMap((table) =>
      (feed.tables[table.name]?.reject ?? []).map((rule, index) => ({
        ...rule,
        table,
        ...layers.place(["tables", table.name, "reject", index]),
      })),
    ),
  };
}

function tableOf(name: string, table: FeedFile["tables"][string], feed: FeedFile, layers: LayeredFeed, tell: Tell): Table {
  const at = ["tables", name];
  const columns = Object.entries(table.columns).map(([column, given], index) =>
    columnOf(column, index, given ?? ColumnFile.parse({}), layers.place([...at, "columns", column]).line),
  );
  const byName = new Map(columns.map((column) => [column.name, column]));
  for (const part of table.key)
    if (!byName.has(part))
      tell([...at, "key"], `key names ${part}, which is no column of ${name}${didYouMean(part, byName.keys())}`);
  for (const column of columns) {
    const wrong = wrongColumnPath(column.path, feed.format, feed.namespaces);
    if (wrong !== undefined) tell([...at, "columns", column.name], `${column.name} ${wrong}`);
  }
  checkHeadings(columns, feed.format, (column, reason) => tell([...at, "columns", column.name], reason));
  const rows = table.rows ?? "";
  const wrong = wrongRows(rows, feed.format, feed.namespaces);
  if (wrong !== undefined) tell([...at, "rows"], wrong);
  if (table.sheet !== undefined && feed.format !== "xlsx")
    tell([...at, "sheet"], `sheet has a meaning only in xlsx, not in ${feed.format}`);
  return {
    name,
    file: globOf(table.file),
    filePattern: table.file,
    rows,
    ...(table.sheet === undefined ? {} : { sheet: globOf(table.sheet) }),
    messages: table.messages,
    columns,
    byName,
    ...institutionOf(name, table, feed, byName, tell),
    reject: [],
  };
}

function columnOf(name: string, index: number, settings: z.output<typeof ColumnFile>, line: number): Column {
  const path = settings.path ?? name;
  return {
    name,
    index,
    headers: settings.header === undefined ? [name] : [settings.header].flat(),
    path,
    type: settings.type,
    optional: settings.optional,
    required: settings.required,
    future: settings.future,
    ...(settings.unused === undefined ? {} : { unused: settings.unused }),
    digested: settings.unused === undefined && !/(?:^|[./])@(?:row|message|group)$/.test(path),
    line,
  };
}

/** One heading of a file can be only one column. */
function checkHeadings(columns: readonly Column[], format: FeedFormat, wrong: (column: Column, reason: string) => void): void {
  if (format !== "csv" && format !== "xlsx") return;
  const owners = new Map<string, Column>();
  for (const column of columns) {
    for (const heading of column.headers) {
      const owner = owners.get(heading);
      if (owner !== undefined && owner !== column)
        wrong(column, `${column.name} and ${owner.name} both have the heading ${heading}`);
      owners.set(heading, column);
    }
  }
}

function institutionOf(
  name: string,
  table: FeedFile["tables"][string],
  feed: FeedFile,
  columns: ReadonlyMap<string, Column>,
  tell: Tell,
): { institution?: InstitutionSource } {
  const named = table.institution ?? feed.institution;
  if (named === undefined) return {};
  if (typeof named === "object") return { institution: named };
  const column = columns.get(named);
  if (column !== undefined) return { institution: { column } };
  if (table.institution !== undefined)
    tell(
      ["tables", name, "institution"],
      `institution names ${named}, which is no column of ${name}${didYouMean(named, columns.keys())}`,
    );
  else if (Object.values(feed.tables).every((one) => !Object.hasOwn(one.columns, named)))
    tell(["institution"], `institution names ${named}, which is no column of any table${didYouMean(named, columns.keys())}`);
  return {};
}

/** `*` stands for anything but a slash; everything else for itself. Matched against the last segment of a file's name. */
function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`, "i");
}
