import type { Table } from "./compiled.ts";
import { type Header, readHeader } from "./csv-header.ts";
import type { ExportFile } from "./mapped.ts";
import type { ReadEvent, WrongFile } from "./source-row.ts";
import { openWorkbook, type WorkbookPackage, WorkbookRefused } from "./xlsx-package.ts";
import { columnLetters, type MergedCells, readSheet, type SheetRow } from "./xlsx-sheet.ts";
import { readWorkbook, type Workbook, type WorkbookSheet } from "./xlsx-workbook.ts";

/** A sheet that a table reads. */
interface Taken {
  readonly sheet: WorkbookSheet;
  readonly table: Table;
  readonly header: Header;
  readonly headerLine: number;
  readonly merges: readonly MergedCells[];
}

const headerWithin = 20;

/**
 * Reads an Excel workbook (.xlsx) as rows of tables: of each table the sheets it names, else the first visible one. The header is the first row among
 * the first twenty that has the table's columns; cells are texts as shown, days `YYYY-MM-DD`, formulas their last value, cells merged downwards all
 * the value of the top one. Hidden sheets are not read, and told. A workbook that is damaged anywhere in a sheet that is read is refused whole: it is
 * read twice, once to see that.
 */
export async function* readXlsx(file: ExportFile, tables: readonly Table[]): AsyncGenerator<ReadEvent> {
  try {
    const zip = await openWorkbook(file.open());
    const book = await readWorkbook(zip);
    const notes: ReadEvent[] = [];
    const taken = await takeSheets(zip, book, tables, notes);
    if (!Array.isArray(taken)) {
      yield { kind: "failed", ...taken };
      return;
    }
    yield* notes;
    for (const one of taken) yield* rowsOf(zip, book, one);
  } catch (error) {
    if (!(error instanceof WorkbookRefused)) throw error;
    const { place, message } = error;
    const where = place === undefined ? { field: "workbook" } : { line: place.line, field: place.part };
    yield { kind: "failed", code: "syntax", ...where, reason: message };
  }
}

/** Chooses the sheets and reads each to its end, so that nothing of a damaged workbook is taken. */
async function takeSheets(
  zip: WorkbookPackage,
  book: Workbook,
  tables: readonly Table[],
  notes: ReadEvent[],
): Promise<Taken[] | WrongFile> {
  const taken: Taken[] = [];
  const visible = book.sheets.filter((sheet) => !sheet.hidden);
  for (const table of tables) {
    const { sheet: pattern } = table;
    const sheets = pattern === undefined ? visible.slice(0, 1) : visible.filter((sheet) => pattern.test(sheet.name));
    for (const sheet of sheets) {
      const found = await headerOf(zip, book, sheet, table);
      if ("code" in found) return found;
      taken.push(found);
    }
  }
  const wanted = (sheet: WorkbookSheet) => tables.some((table) => table.sheet?.test(sheet.name));
  if (taken.length === 0) {
    const reason = `the workbook has no visible sheet that the feed reads (it has ${book.sheets.length})`;
    return { code: "header", field: "sheet", reason };
  }
  for (const sheet of book.sheets) {
    if (sheet.hidden && wanted(sheet))
      notes.push({ kind: "note", code: "left-out", line: 1, reason: `the sheet ${sheet.name} is hidden and was not read` });
    else if (!taken.some((one) => one.sheet === sheet))
      notes.push({ kind: "undeclared", table: tables[0] as Table, column: `sheet ${sheet.name}` });
  }
  return taken;
}

async function headerOf(zip: WorkbookPackage, book: Workbook, sheet: WorkbookSheet, table: Table): Promise<Taken | WrongFile> {
  const merges: MergedCells[] = [];
  let found: { header: Header; headerLine: number } | undefined;
  let wrong: WrongFile | undefined;
  let tried = 0;
  for await (const row of readSheet(zip, sheet.part, book, merges)) {
    if (found !== undefined || ++tried > headerWithin) continue;
    const header = readHeader(
      Array.from(row.cells, (cell) => cell ?? ""),
      table,
    );
    if (!("code" in header)) found = { header, headerLine: row.line };
    // The row with the most of the columns is the one whose lack is told.
    else if (wrong === undefined || header.reason.length < wrong.reason.length) wrong = { ...header, line: row.line };
  }
  if (found !== undefined) return { sheet, table, merges, ...found };
  return wrong ?? { code: "empty-file", field: sheet.name, reason: `the sheet ${sheet.name} has no header row` };
}

async function* rowsOf(zip: WorkbookPackage, book: Workbook, taken: Taken): AsyncGenerator<ReadEvent> {
  const { sheet, table, header, headerLine, merges } = taken;
  for (const column of header.undeclared) yield { kind: "undeclared", table, column };
  const beyond = new Set<number>();
  const fill = createMergeFiller(merges.filter(({ from }) => from > headerLine));
  for await (const row of readSheet(zip, sheet.part, book, [])) {
    if (row.line <= headerLine) continue;
    const cells = fill(row);
    for (const { column, reason } of row.wrong) {
      const place = `${columnLetters(column)}${row.line}`;
      if (header.places.includes(column))
        yield {
          kind: "note",
          code: "bad-value",
          line: row.line,
          reason: `the cell ${place} ${reason}; the row goes on without it`,
        };
    }
    for (let column = header.width; column < cells.length; column++)
      if ((cells[column] ?? "").trim() !== "" && header.places.indexOf(column) < 0) beyond.add(column);
    yield { kind: "row", table, cells: header.places.map((at) => (at < 0 ? undefined : cells[at])), line: row.line };
  }
  for (const column of beyond) yield { kind: "undeclared", table, column: `column ${columnLetters(column)}` };
}

/** Gives the cells of a row with those that are merged with a cell above. */
function createMergeFiller(merges: readonly MergedCells[]): (row: SheetRow) => readonly (string | undefined)[] {
  const starts = Map.groupBy(merges, ({ from }) => from);
  let open: { readonly merge: MergedCells; readonly text: string | undefined }[] = [];
  return ({ line, cells }) => {
    open = open.filter(({ merge }) => merge.to >= line);
    const filled = [...cells];
    for (const { merge, text } of open) filled[merge.column] ??= text;
    for (const merge of starts.get(line) ?? []) open.push({ merge, text: cells[merge.column] });
    return filled;
  };
}
