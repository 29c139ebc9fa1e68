import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import type { CodeTable } from "./code-table.ts";
import type { IssueCode, MappingDeps, ParentReference, PatientAlias, RowIssue } from "./mapped.ts";
import type { ReportCounter } from "./report.ts";

/** How the text of a column is read; every type but `text` and `code` also checks it. */
export type ColumnType = "text" | "code" | "integer" | "decimal" | "date" | "date8" | "local_time";

/** One declared column of a table: its place in a row and where it stands in the file. */
export interface Column {
  readonly name: string;
  readonly index: number;
  /** Headings this column may have (CSV), most usual first. */
  readonly headers: readonly string[];
  /** Where to find it in JSON (`a.b`, `^.a`), XML (`code/@code`, `^/id/@extension`) and HL7 (`PID-3.1`, `@message`); the name when not given. */
  readonly path: string;
  readonly type: ColumnType;
  readonly optional: boolean;
  readonly required: boolean;
  readonly future: boolean;
  /** Why nothing reads this column. */
  readonly unused?: string;
  /** Whether the column counts for the row's digest: not `unused`, not the place of the row in its message. */
  readonly digested: boolean;
  readonly line: number;
}

/** Rows that are not to be mapped although they are well formed (quality control, test patients), and why. */
export interface Rejection {
  readonly when: Leaf;
  readonly reason: string;
}

/** One table of a feed: which rows of which files it is, and its columns. */
export interface Table {
  readonly name: string;
  readonly file: RegExp;
  readonly filePattern: string;
  /** JSON and XML: path to the rows; HL7: segment that makes a row; CSV and Excel: "". */
  readonly rows: string;
  /** Excel: names of the sheets that are read; undefined = the first one. */
  readonly sheet?: RegExp;
  /** HL7: message types read (`ADT^A01`); empty = all. */
  readonly messages: readonly string[];
  readonly columns: readonly Column[];
  readonly byName: ReadonlyMap<string, Column>;
  readonly institution?: InstitutionSource;
  readonly reject: Rejection[];
}

/** Where a sheet's institution comes from: a column of its head row, or a code the supplier always means. */
export type InstitutionSource = { readonly column: Column } | { readonly always: string };

export type Cell = string | undefined;

/** One source row, read and checked. */
export interface Row {
  readonly table: Table;
  readonly cells: readonly Cell[];
  readonly file: string;
  readonly line: number;
  readonly digest: string;
  /** What became of it so far; every row ends as `mapped` or `issue`. */
  fate: "unread" | "mapped" | "issue";
}

/** What a leaf, a `$let` or a function can yield: one value or nothing. */
export type Value = string | number | boolean | object | undefined;
/** A compiled expression. */
export type Leaf = (scope: Scope) => Value;

/** What an expression and a template see while one row is mapped. */
export interface Scope {
  readonly run: Run;
  readonly sheet: Sheet;
  /** The row in hand: the head's or, under `$each`, a joined one. */
  row: Row;
  readonly lets: Value[];
  /** The rows in hand of the `$each`s around, by their slots. */
  readonly around: Row[];
  /** An error was told for the resource in hand: it is not emitted. */
  failed: boolean;
  /** The last code that a table had no line for, and went on without. */
  miss?: { readonly row: Row; readonly place: Place; readonly reason: string };
}

/** Facts of the sheet in hand. */
export interface Sheet {
  readonly head: Row;
  readonly tenant: InstitutionCode;
  readonly campus?: string;
  /** Rows joined to the head, by the name in `with`. */
  readonly joined: Map<string, readonly Row[]>;
  /** Ids computed from the head row, by entry of `ids`. */
  readonly ids: Map<string, Identity | undefined>;
  /** Ids computed from joined rows, by entry of `ids`. */
  readonly rowIds: Map<string, Map<Row, Identity | undefined>>;
  /** Joined rows that became resources, by entry of `ids`. */
  readonly made: Map<string, Set<Row>>;
  readonly references: Map<string, ParentReference>;
  /** Weaker Patient keys that the rows show, by id. */
  readonly aliases: Map<string, PatientAlias>;
}

/** A computed id with what it was computed from. */
export interface Identity {
  readonly id: ResourceId;
  readonly kind: string;
  readonly key: readonly string[];
}

/** Where in a mapping something stands. */
export interface Place {
  readonly mapping: string;
  readonly line: number;
  readonly element: string;
  readonly column?: Column;
}

/** One run of a feed over one export. */
export interface Run {
  readonly deps: MappingDeps;
  readonly supplier: string;
  readonly counter: ReportCounter;
  /** The feed's origin when it is one whose results nobody reviewed (`analyser`, `poct`): they stay preliminary. */
  readonly unreviewed?: string;
  /** Issues not yet handed on. */
  readonly issues: RowIssue[];
}

/** What happens when a table has no line for a code: count it and go on, tell the row's issue, or leave the row out. */
export type MissPolicy = "keep" | "fail" | "skip";

/** A code table with its policy. */
export interface NamedTable {
  readonly name: string;
  readonly table: CodeTable;
  readonly onMiss: MissPolicy;
}

/** A column as it stands in the file: its heading, JSON or XML path, or HL7 field. */
export function fieldOf(column: Column): string {
  return column.path === column.name ? (column.headers[0] ?? column.name) : column.path;
}

/** Tells an issue at a row and a place of the mapping; an error fails the resource in hand. */
export function tell(
  scope: Scope,
  issue: { severity: "error" | "warning"; code: IssueCode; reason: string },
  place?: Place,
): void {
  if (issue.severity === "error") scope.failed = true;
  scope.run.issues.push({
    ...issue,
    file: scope.row.file,
    line: scope.row.line,
    ...(place === undefined ? {} : { mapping: place.mapping, mappingLine: place.line, element: place.element }),
    ...(place?.column === undefined ? {} : { column: place.column.name, field: fieldOf(place.column) }),
  });
}
