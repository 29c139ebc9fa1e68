import { type ColumnType, guessColumn, isAbsent } from "./guess-column.ts";
import { hl7Tables } from "./hl7-tables.ts";
import type { Sample, SampleTable } from "./sample-tables.ts";

/** A column of the draft. */
export interface DraftColumn {
  /** Name in feed.yaml and in expressions. */
  readonly name: string;
  /** Heading or path in the file. */
  readonly field: string;
  readonly concept?: string;
  readonly type: ColumnType;
  /** A place in a nested file, not something a person typed. */
  readonly place?: boolean;
}

/** What a row of a table is, as far as its columns tell. */
export type TableKind = "patient" | "visit" | "lab-report" | "lab-result" | "imaging-report" | "diagnosis" | "unknown";

/** A table of the draft. */
export interface DraftTable {
  readonly name: string;
  readonly kind: TableKind;
  readonly file: string;
  readonly rows: string;
  readonly sheet?: string;
  readonly columns: readonly DraftColumn[];
  /** Table whose rows stand around these (nested JSON). */
  readonly within?: string;
  /** HL7: message types it is read from. */
  readonly messages?: readonly string[];
}

const kindRules: readonly (readonly [TableKind, (has: (...concepts: string[]) => boolean) => boolean])[] = [
  ["lab-result", (has) => has("result") && has("item_name", "item_code")],
  ["imaging-report", (has) => has("finding", "impression", "modality", "study_uid") && has("report_number", "study_uid")],
  ["lab-report", (has) => has("report_number") && has("reviewed", "collected", "reported", "report_class", "report_date")],
  ["diagnosis", (has) => has("diagnosis_code", "diagnosis_name") && !has("visit_start", "admitted")],
  ["visit", (has) => has("visit_number") && has("visit_start", "admitted", "department")],
  ["patient", (has) => has("name") && has("birth_date", "identity_number", "sex", "phone")],
];

/** Guesses what every table and column of a sample is. */
export function planTables(sample: Sample): DraftTable[] {
  if (sample.format === "hl7v2") return hl7Tables(sample.tables[0]?.file ?? "*", sample.messages ?? []);
  const names = new Set<string>();
  const planned = sample.tables.map((table) => {
    const columns = planColumns(table, sample.format === "json");
    const concepts = new Set(columns.map((column) => column.concept));
    const has = (...some: string[]) => some.some((concept) => concepts.has(concept));
    const kind = kindRules.find(([, holds]) => holds(has))?.[0] ?? "unknown";
    const name = unique(kind === "unknown" ? tableName(table) : kind.replace("-", "_"), names);
    const sheet = table.sheet === undefined ? {} : { sheet: table.sheet };
    return { name, kind, file: table.file, rows: table.rows, ...sheet, columns };
  });
  return planned.map((table) => nested(table, planned));
}

/** Rows inside other rows know the row around them by its place, and its institution by a path. */
function nested(table: DraftTable, all: readonly DraftTable[]): DraftTable {
  const outer = all.find((one) => one !== table && one.rows !== "" && table.rows.startsWith(`${one.rows}.`));
  const holdsInner = all.some((one) => one.rows.startsWith(`${table.rows}.`) && table.rows !== "");
  const own: DraftColumn = { name: "row", field: "@row", type: "text", place: true };
  if (outer === undefined) return holdsInner ? { ...table, columns: [own, ...table.columns] } : table;
  const institution = outer.columns.find((column) => column.concept === "institution");
  const borrowed =
    institution === undefined || table.columns.some((column) => column.concept === "institution")
      ? []
      : [{ ...institution, field: `^.${institution.field}` }];
  return { ...table, within: outer.name, columns: [{ ...own, field: "^.@row" }, ...borrowed, ...table.columns] };
}

function planColumns({ columns }: SampleTable, isPath: boolean): DraftColumn[] {
  const names = new Set<string>(["row"]);
  const guesses = columns.map((column) => ({
    column,
    guess: guessColumn(column),
    filled: column.values.filter((value) => !isAbsent(value)).length,
  }));
  // Of columns that look alike the fullest is taken: the person decides about the others.
  const best = new Map<string, (typeof guesses)[number]>();
  for (const one of guesses) {
    const { concept } = one.guess;
    const before = concept === undefined ? undefined : best.get(concept);
    if (concept !== undefined && (before === undefined || one.filled > before.filled)) best.set(concept, one);
  }
  return guesses.map((one) => {
    const { column, guess } = one;
    const concept = guess.concept !== undefined && best.get(guess.concept) === one ? guess.concept : undefined;
    const last = isPath ? column.field.slice(column.field.lastIndexOf(".") + 1) : column.field;
    const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(last);
    const name = unique(isPlain ? last : (concept ?? last.replace(/[`"'\\\s:{}[\],#]/g, "")), names);
    return { name, field: column.field, type: guess.type, ...(concept === undefined ? {} : { concept }) };
  });
}

function tableName({ file, rows }: SampleTable): string {
  const from = rows === "" ? file : rows;
  return (
    from
      .replace(/\[\*\]/g, "")
      .replace(/\.[a-z]+$/i, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "") || "table"
  );
}

function unique(wanted: string, taken: Set<string>): string {
  let name = wanted === "" ? "column" : wanted;
  for (let at = 2; taken.has(name); at++) name = `${wanted}_${at}`;
  taken.add(name);
  return name;
}
