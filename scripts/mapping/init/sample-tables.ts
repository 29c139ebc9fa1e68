import { parse } from "csv-parse/sync";
import type { ExportFile } from "../../../src/mapping/mapped.ts";
import { openWorkbook } from "../../../src/mapping/xlsx-package.ts";
import { readSheet } from "../../../src/mapping/xlsx-sheet.ts";
import { readWorkbook } from "../../../src/mapping/xlsx-workbook.ts";
import { Mistake } from "../command.ts";
import type { SampleColumn } from "./guess-column.ts";

export type Format = "csv" | "json" | "hl7v2" | "xlsx";

/** One table met in a sample: where its rows stand and what its columns hold. */
export interface SampleTable {
  readonly file: string;
  /** JSON: path of the rows; HL7: segment; CSV: "". */
  readonly rows: string;
  /** Name of the sheet (xlsx). */
  readonly sheet?: string;
  readonly columns: readonly SampleColumn[];
}

/** What a sample is made of. */
export interface Sample {
  readonly format: Format;
  readonly encoding: "utf-8" | "gb18030";
  readonly delimiter?: string;
  readonly messages?: readonly string[];
  readonly tables: readonly SampleTable[];
}

const mostBytes = 4 << 20;
const mostRows = 300;

/** Reads the beginning of each file and finds its tables. Throws `Mistake` when a file cannot be understood. */
export async function sampleOf(files: readonly ExportFile[]): Promise<Sample> {
  const samples = await Promise.all(files.map(sampleFile));
  const [first] = samples;
  if (first === undefined) throw new Mistake("there is no file");
  const other = samples.find((one) => one.format !== first.format);
  if (other !== undefined) throw new Mistake("these files are of several formats: draft a feed for each of them");
  const encoding = samples.some((one) => one.encoding === "gb18030") ? "gb18030" : "utf-8";
  return {
    ...first,
    encoding,
    tables: mergedTables(samples.flatMap((one) => one.tables)),
    ...(first.messages === undefined ? {} : { messages: [...new Set(samples.flatMap((one) => one.messages ?? []))] }),
  };
}

async function sampleFile(file: ExportFile): Promise<Sample> {
  const bytes = await beginningOf(file);
  if (bytes.subarray(0, 2).toString("latin1") === "PK") return xlsxSample(file);
  const { text, encoding } = decode(bytes);
  const start = text.replace(/^\uFEFF/, "").trimStart();
  if (start.startsWith("MSH") || start.startsWith("\x0bMSH")) return hl7Sample(file.name, text, encoding);
  if (start.startsWith("{") || start.startsWith("[")) return jsonSample(file.name, start, encoding, bytes.length >= mostBytes);
  if (start.startsWith("<"))
    throw new Mistake(
      `${file.name} is XML: take a shipped feed as a pattern (docs/mapping.md), init drafts CSV, JSON, xlsx and HL7 v2`,
    );
  return csvSample(file.name, start, encoding);
}

async function beginningOf(file: ExportFile): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.open()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= mostBytes) break;
  }
  return Buffer.concat(chunks);
}

/** The visible sheets of a workbook; the fullest of the first rows is the header. */
async function xlsxSample(file: ExportFile): Promise<Sample> {
  const zip = await openWorkbook(file.open());
  const book = await readWorkbook(zip);
  const tables: SampleTable[] = [];
  for (const { name, part } of book.sheets.filter((sheet) => !sheet.hidden)) {
    const rows: (readonly (string | undefined)[])[] = [];
    for await (const { cells } of readSheet(zip, part, book, [])) if (rows.push(cells) >= mostRows) break;
    const filled = (cells: readonly (string | undefined)[]) => cells.filter((cell) => (cell ?? "").trim() !== "").length;
    const head = rows.slice(0, 20).reduce((best, row) => (filled(row) > filled(best) ? row : best), rows[0] ?? []);
    const data = rows.slice(rows.indexOf(head) + 1);
    const columns = Array.from(head, (field, at) => ({
      field: (field ?? "").trim(),
      values: data.map((row) => row[at] ?? ""),
    }));
    const named = columns.filter(({ field }) => field !== "");
    if (named.length > 0) tables.push({ file: patternOf(file.name), rows: "", sheet: name, columns: named });
  }
  return { format: "xlsx", encoding: "utf-8", tables };
}

/** UTF-8 where the bytes allow it, else GB18030; a character cut at the end is left out. */
function decode(bytes: Buffer): { text: string; encoding: Sample["encoding"] } {
  for (const encoding of ["utf-8", "gb18030"] as const) {
    for (let cut = 0; cut < 4; cut++) {
      try {
        return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, bytes.length - cut)), encoding };
      } catch {
        if (bytes.length < mostBytes) break; // a whole file has no cut character
      }
    }
  }
  throw new Mistake("the file is neither UTF-8 nor GB18030");
}

function csvSample(name: string, text: string, encoding: Sample["encoding"]): Sample {
  const [head = ""] = text.split(/\r?\n/, 1);
  const delimiter = [",", "\t", "|", ";", "^"].reduce((best, one) =>
    head.split(one).length > head.split(best).length ? one : best,
  );
  const whole = text.slice(0, Math.max(text.lastIndexOf("\n") + 1, head.length));
  const rows = parse(whole, {
    delimiter,
    to: mostRows,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  }) as string[][];
  const [header = [], ...data] = rows;
  const columns = header
    .map((field, at) => ({ field: field.trim(), values: data.map((row) => row[at] ?? "") }))
    .filter(({ field }) => field !== "");
  return { format: "csv", encoding, delimiter, tables: [{ file: patternOf(name), rows: "", columns }] };
}

type Tree = Readonly<Record<string, unknown>>;

function jsonSample(name: string, text: string, encoding: Sample["encoding"], cut: boolean): Sample {
  const tables: SampleTable[] = [];
  const root = parseJson(name, text, cut);
  const visit = (records: readonly Tree[], rows: string) => {
    const fields = new Map<string, string[]>();
    const lists = new Map<string, Tree[]>();
    for (const record of records.slice(0, mostRows)) leavesOf(record, "", fields, lists);
    if (fields.size > 0)
      tables.push({ file: patternOf(name), rows, columns: [...fields].map(([field, values]) => ({ field, values })) });
    for (const [path, inner] of lists) visit(inner, `${rows}.${path}[*]`);
  };
  if (Array.isArray(root)) visit(root as Tree[], "[*]");
  else for (const [key, value] of Object.entries(root)) if (isRecords(value)) visit(value, `${key}[*]`);
  if (tables.length === 0) throw new Mistake(`${name} holds no list of records`);
  return { format: "json", encoding, tables };
}

function parseJson(name: string, text: string, cut: boolean): Tree | unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  try {
    if (lines.length > 1 && lines[0]?.trimEnd().endsWith("}"))
      return lines
        .slice(0, cut ? -1 : undefined)
        .slice(0, mostRows)
        .map((line) => JSON.parse(line));
    return JSON.parse(text);
  } catch {
    throw new Mistake(cut ? `${name} is too large to draft from: cut a piece out of it` : `${name} is no valid JSON`);
  }
}

function leavesOf(record: Tree, path: string, fields: Map<string, string[]>, lists: Map<string, Tree[]>): void {
  for (const [key, value] of Object.entries(record)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (isRecords(value)) lists.set(at, [...(lists.get(at) ?? []), ...value]);
    else if (typeof value === "object" && value !== null && !Array.isArray(value)) leavesOf(value as Tree, at, fields, lists);
    else fields.set(at, [...(fields.get(at) ?? []), value === null || value === undefined ? "" : String(value)]);
  }
}

function isRecords(value: unknown): value is Tree[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one === "object" && one !== null && !Array.isArray(one))
  );
}

function hl7Sample(name: string, text: string, encoding: Sample["encoding"]): Sample {
  const headers = text
    .split(/[\r\n]+/)
    .map((line) => line.slice(line.indexOf("MSH")))
    .filter((line) => line.startsWith("MSH"));
  const types = headers.map((line) => line.split(line[3] ?? "|")[8] ?? "");
  const messages = [...new Set(types.map((type) => type.split("^").slice(0, 2).join("^")).filter((type) => type !== ""))];
  return {
    format: "hl7v2",
    encoding,
    messages,
    tables: [{ file: `*${/\.[a-z0-9]+$/i.exec(name)?.[0] ?? ""}`, rows: "MSH", columns: [] }],
  };
}

/** Numbers in a name change from delivery to delivery: they become asterisks. */
function patternOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).replace(/\d{2,}([-_]?\d+)*/g, "*");
}

/** Files of one pattern are one table: columns of all, values of all. */
function mergedTables(tables: readonly SampleTable[]): SampleTable[] {
  return [...Map.groupBy(tables, ({ file, rows, sheet }) => `${file}\0${rows}\0${sheet ?? ""}`).values()].map((some) => {
    const fields = Map.groupBy(
      some.flatMap((one) => one.columns),
      (column) => column.field,
    );
    const columns = [...fields].map(([field, parts]) => ({
      field,
      values: parts.flatMap((one) => one.values).slice(0, mostRows),
    }));
    return { ...(some[0] as SampleTable), columns };
  });
}
