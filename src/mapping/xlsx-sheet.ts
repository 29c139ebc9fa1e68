import { type CellText, numberText } from "./xlsx-cell.ts";
import { type PartHandler, type WorkbookPackage, WorkbookRefused } from "./xlsx-package.ts";
import { createRichText, type Workbook } from "./xlsx-workbook.ts";

/** A row of a sheet: texts by column (A = 0), and what is wrong with cells that have none for it. */
export interface SheetRow {
  readonly line: number;
  readonly cells: readonly (string | undefined)[];
  readonly wrong: readonly { readonly column: number; readonly reason: string }[];
}

/** Cells shown as one, below one another: the top one holds the value of all. */
export interface MergedCells {
  readonly column: number;
  readonly from: number;
  readonly to: number;
}

const mostColumns = 16_384;
const mostMerges = 200_000;

interface OpenCell {
  column: number;
  type: string;
  style: number;
  value: string;
  inValue: boolean;
  formula: boolean;
}

interface OpenRow extends SheetRow {
  readonly cells: (string | undefined)[];
  readonly wrong: { readonly column: number; readonly reason: string }[];
}

/** Rows of a sheet as they come; `merges` is filled when the end has been read. Throws `WorkbookRefused`. */
export async function* readSheet(
  zip: WorkbookPackage,
  part: string,
  book: Workbook,
  merges: MergedCells[],
): AsyncGenerator<SheetRow> {
  const rows: SheetRow[] = [];
  const rich = createRichText();
  let row: OpenRow = { line: 0, cells: [], wrong: [] };
  let cell: OpenCell = emptyCell(-1, {});
  const damaged: Damaged = (what) => {
    throw new WorkbookRefused(`the workbook is damaged: ${what}`, { part, line: row.line });
  };

  const opened: Readonly<Record<string, (given: Given) => void>> = {
    row(given) {
      const line = Number(given.r ?? row.line + 1);
      if (!(line > row.line)) damaged("its rows are out of order");
      row = { line, cells: [], wrong: [] };
      cell = emptyCell(-1, {});
    },
    c(given) {
      if (given.r !== undefined && !given.r.endsWith(String(row.line))) damaged("a cell stands in another row than it says");
      cell = emptyCell(given.r === undefined ? cell.column + 1 : columnOf(given.r), given);
    },
    v() {
      cell.inValue = true;
    },
    f() {
      cell.formula = true;
    },
    mergeCell(given) {
      if (merges.length < mostMerges) merges.push(...mergedCells(given.ref ?? ""));
    },
  };
  const closed: Readonly<Record<string, () => void>> = {
    v() {
      cell.inValue = false;
    },
    c() {
      if (cell.column < row.cells.length) damaged("two cells have one place");
      const text = textOf(cell, rich.take(), book, damaged);
      row.cells[cell.column] = text !== undefined && "text" in text ? text.text : undefined;
      if (text !== undefined && "wrong" in text) row.wrong.push({ column: cell.column, reason: text.wrong });
    },
    row() {
      if (row.cells.some((text) => text !== undefined && text.trim() !== "") || row.wrong.length > 0) rows.push(row);
    },
  };
  const handler: PartHandler = {
    open: (name, given) => (opened[name] === undefined ? rich.open(name, given) : opened[name](given)),
    text(text) {
      if (cell.inValue) cell.value += text;
      else rich.text(text);
    },
    close: (name) => (closed[name] === undefined ? rich.close(name) : closed[name]()),
  };
  for await (const _piece of zip.read(part, handler)) yield* rows.splice(0);
}

type Given = Readonly<Record<string, string>>;
type Damaged = (what: string) => never;

function emptyCell(column: number, given: Given): OpenCell {
  return { column, type: given.t ?? "n", style: Number(given.s ?? 0), value: "", inValue: false, formula: false };
}

/** The text of a cell (ECMA-376 part 1, 18.18.11); undefined when it is empty. */
function textOf(cell: OpenCell, inline: string, book: Workbook, damaged: Damaged): CellText | undefined {
  const { type, style, value, formula } = cell;
  if (type === "inlineStr" || inline !== "") return { text: inline };
  if (value === "")
    return formula ? { wrong: "holds a formula without a value: open and save the workbook in Excel" } : undefined;
  switch (type) {
    case "s":
      return { text: book.strings[Number(value)] ?? damaged("a cell names a text that is not there") };
    case "str":
      return { text: value };
    case "d":
      return { text: value.replace("T", " ") };
    case "b":
      return { text: value === "1" ? "TRUE" : "FALSE" };
    case "e":
      return { wrong: "holds an error of Excel" };
    case "n":
      return numberText(value, book.styles[style] ?? "number", book.since1904);
    default:
      return damaged("a cell is of no known type");
  }
}

/** Place of the column of a reference like `AB12`. */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0] ?? "";
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  if (column === 0 || column > mostColumns) throw new WorkbookRefused("the workbook is damaged: a cell has no place");
  return column - 1;
}

function mergedCells(reference: string): MergedCells[] {
  const [start = "", end = ""] = reference.split(":");
  const [from, to] = [Number(/\d+$/.exec(start)?.[0]), Number(/\d+$/.exec(end)?.[0])];
  return to > from ? [{ column: columnOf(start), from, to }] : [];
}

/** The name of a column: 0 is A. */
export function columnLetters(column: number): string {
  return column < 26
    ? String.fromCharCode(65 + column)
    : `${columnLetters(Math.floor(column / 26) - 1)}${String.fromCharCode(65 + (column % 26))}`;
}
