import type { Coding } from "@medplum/fhirtypes";
import { parse } from "csv-parse/sync";
import type { MappingProblem } from "./mapped.ts";
import { didYouMean } from "./suggest.ts";
import { ucumName, wrongUcum } from "./ucum.ts";

/** One line of a code table: what a local code (with a local unit) means. */
export interface CodeRow {
  /** Undefined when the line names a target unit only. */
  readonly coding?: Coding;
  readonly code?: string;
  readonly ucum?: string;
  /** Unit for people; the UCUM code when the table has no spelling of its own. */
  readonly unit?: string;
  readonly unitSystem?: string;
  /** Exact factor from the printed unit to the target unit. */
  readonly factor: string;
}

/** Looks a code up with its printed unit (undefined = none printed). */
export interface CodeTable {
  find(code: string, unit?: string): CodeRow | undefined;
  /** Every target code with its line in the file. */
  readonly codes: readonly { readonly code: string; readonly line: number }[];
}

/** Spellings of units as printed, folded, → UCUM. */
export type UnitSpellings = ReadonlyMap<string, string>;

type Problems = MappingProblem[];
const ucumSystem = "http://unitsofmeasure.org";
const columns = [
  "source_code",
  "source_unit",
  "target_system",
  "target_code",
  "target_display",
  "target_ucum",
  "target_unit",
  "factor",
] as const;
type Line = Partial<Record<(typeof columns)[number], string>>;

/** A code as it is compared: compatibility characters folded, outer blanks gone. */
function foldCode(code: string): string {
  return code.normalize("NFKC").trim();
}

/** A unit as it is compared: blanks gone, both micro signs one; never NFKC, which makes 10⁹ into 109. */
function foldUnit(unit: string): string {
  return unit.replaceAll("\u00b5", "\u03bc").replace(/\s+/g, "");
}

/** Reads a code table (CSV). One `(code, unit)`, in whatever spelling, must mean one thing; what is wrong is added to `problems` with its line. */
export function readCodeTable(file: string, text: string, units: UnitSpellings, problems: Problems): CodeTable {
  const lines = readLines(file, text, columns, ["source_code"], problems);
  const rows = new Map<string, CodeRow>();
  const keyOf = (code: string, unit: string | undefined) => {
    const folded = unit === undefined ? "" : foldUnit(unit);
    return `${foldCode(code)}\0${units.get(folded) ?? folded}`;
  };
  for (const { line, at } of lines) {
    const key = keyOf(line.source_code ?? "", line.source_unit);
    const row = codeRow(line);
    const before = rows.get(key);
    const twice = before !== undefined && JSON.stringify(before) !== JSON.stringify(row);
    const wrong =
      wrongLine(line) ??
      wrongUnit(line.target_ucum, units) ??
      (twice ? "this code and unit already mean something else" : undefined);
    if (wrong === undefined) rows.set(key, row);
    else problems.push({ file, line: at, reason: wrong });
  }
  const found = new Map<string, CodeRow | undefined>(); // what was asked before, so that a million rows fold each spelling once
  const codes = lines.flatMap(({ line, at }) => (line.target_code === undefined ? [] : [{ code: line.target_code, line: at }]));
  return {
    codes,
    find(code, unit) {
      const asked = unit === undefined ? code : `${code}\0${unit}`;
      if (found.has(asked)) return found.get(asked);
      const row = rows.get(keyOf(code, unit));
      if (found.size < 50_000) found.set(asked, row);
      return row;
    },
  };
}

/** Reads the table of unit spellings (CSV: spelling, ucum). */
export function readUnitSpellings(file: string, text: string, problems: Problems): UnitSpellings {
  const spellings = new Map<string, string>();
  for (const { line, at } of readLines(file, text, ["spelling", "ucum"] as const, ["spelling", "ucum"], problems)) {
    const folded = foldUnit(line.spelling ?? "");
    const before = spellings.get(folded);
    if (before !== undefined && before !== line.ucum)
      problems.push({ file, line: at, reason: "this spelling already means another unit" });
    const wrong = line.ucum === undefined ? "ucum is empty" : wrongUcum(line.ucum);
    if (wrong !== undefined) problems.push({ file, line: at, reason: wrong });
    spellings.set(folded, line.ucum ?? "");
  }
  return spellings;
}

/** A target unit is UCUM, and not a spelling that laboratories use for another unit than UCUM does. */
function wrongUnit(ucum: string | undefined, units: UnitSpellings): string | undefined {
  if (ucum === undefined) return undefined;
  const meant = units.get(foldUnit(ucum));
  const wrong = wrongUcum(ucum);
  if (wrong !== undefined) return meant === undefined ? wrong : `target_ucum ${wrong}; did you mean ${meant}?`;
  return meant === undefined || meant === ucum
    ? undefined
    : `target_ucum ${ucum} is ${ucumName(ucum)} in UCUM; where laboratories print ${ucum}, unit.csv says they mean ${meant}`;
}

function wrongLine(line: Line): string | undefined {
  if (line.source_code === undefined) return "source_code is empty";
  if (line.factor !== undefined && !/^(0|[1-9]\d*)(\.\d+)?$/.test(line.factor)) return "factor is not a plain decimal";
  if (line.factor !== undefined && line.factor !== "1" && line.target_ucum === undefined) return "a factor needs target_ucum";
  if (line.target_code === undefined && line.target_ucum === undefined) return "the line has no target";
  return undefined;
}

function codeRow(line: Line): CodeRow {
  const coding: Coding = {
    ...(line.target_system === undefined ? {} : { system: line.target_system }),
    ...(line.target_code === undefined ? {} : { code: line.target_code }),
    ...(line.target_display === undefined ? {} : { display: line.target_display }),
  };
  const unit = line.target_unit ?? line.target_ucum;
  return Object.freeze({
    ...(line.target_code === undefined ? {} : { coding: Object.freeze(coding), code: line.target_code }),
    ...(line.target_ucum === undefined ? {} : { ucum: line.target_ucum, unitSystem: ucumSystem }),
    ...(unit === undefined ? {} : { unit }),
    factor: line.factor ?? "1",
  });
}

function wrongCsv(error: unknown): string {
  const { code = "unreadable", record, columns: header } = error as { code?: string; record?: unknown[]; columns?: unknown[] };
  if (code === "CSV_RECORD_INCONSISTENT_COLUMNS" && record !== undefined && header !== undefined)
    return `the line has ${record.length} fields and the header ${header.length} (a text with a comma in it stands in quotation marks)`;
  return code.includes("QUOTE")
    ? "a quotation mark is opened and not closed, or stands in the middle of a text"
    : `is not a CSV table (${code})`;
}

/** Rows of a mapping's own CSV with their lines; empty cells are left out. */
function readLines<K extends string>(
  file: string,
  text: string,
  allowed: readonly K[],
  needed: readonly K[],
  problems: Problems,
) {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, {
      columns: true,
      info: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
    }) as unknown as typeof records;
  } catch (error) {
    problems.push({ file, line: (error as { lines?: number }).lines ?? 1, reason: wrongCsv(error) });
    return [];
  }
  const header = Object.keys(records[0]?.record ?? {});
  for (const name of header)
    if (!allowed.includes(name as K))
      problems.push({ file, line: 1, reason: `unknown column ${name}${didYouMean(name, allowed)}` });
  for (const name of records.length > 0 ? needed : [])
    if (!header.includes(name)) problems.push({ file, line: 1, reason: `column ${name} is missing` });
  return records.map(({ record, info }) => ({
    line: Object.fromEntries(Object.entries(record).filter(([, value]) => value !== "")) as Partial<Record<K, string>>,
    at: info.lines,
  }));
}
