import { type NumberStyle, styleOf } from "./xlsx-cell.ts";
import { type PartHandler, type WorkbookPackage, WorkbookRefused } from "./xlsx-package.ts";

/** A sheet of a workbook. */
export interface WorkbookSheet {
  readonly name: string;
  readonly hidden: boolean;
  readonly part: string;
}

/** What the sheets of a workbook refer to. */
export interface Workbook {
  readonly sheets: readonly WorkbookSheet[];
  readonly strings: readonly string[];
  /** By the number of a cell's style. */
  readonly styles: readonly NumberStyle[];
  /** Days count from 1904 (workbooks that began on a Macintosh). */
  readonly since1904: boolean;
}

const mostStringChars = 128 * 1024 * 1024;

/** Reads a workbook but for its sheets. Throws `WorkbookRefused`. */
export async function readWorkbook(zip: WorkbookPackage): Promise<Workbook> {
  const book = [...(await relations(zip, "_rels/.rels", "")).values()].find(({ type }) => type === "officeDocument")?.part;
  if (book === undefined) throw new WorkbookRefused("the file is a zip, but no Excel workbook");
  const folder = book.slice(0, book.lastIndexOf("/") + 1);
  const related = await relations(zip, `${folder}_rels/${book.slice(folder.length)}.rels`, folder);
  const partOf = (type: string) => [...related.values()].find((one) => one.type === type)?.part;
  const sheets: WorkbookSheet[] = [];
  let since1904 = false;
  await readAll(zip, book, {
    open(name, given) {
      if (name === "workbookPr") since1904 = given.date1904 === "1" || given.date1904 === "true";
      const target = name === "sheet" ? related.get(given.id ?? "") : undefined;
      if (target?.type === "worksheet")
        sheets.push({ name: given.name ?? "", hidden: (given.state ?? "visible") !== "visible", part: target.part });
    },
  });
  const [strings, styles] = [partOf("sharedStrings"), partOf("styles")];
  return {
    sheets,
    strings: strings === undefined ? [] : await sharedStrings(zip, strings),
    styles: styles === undefined ? [] : await numberStyles(zip, styles),
    since1904,
  };
}

/** Reads a part to its end. */
async function readAll(zip: WorkbookPackage, part: string, handler: PartHandler): Promise<void> {
  for await (const _piece of zip.read(part, handler));
}

async function relations(
  zip: WorkbookPackage,
  part: string,
  folder: string,
): Promise<Map<string, { readonly type: string; readonly part: string }>> {
  const found = new Map<string, { type: string; part: string }>();
  await readAll(zip, part, {
    open(name, { Id = "", Type = "", Target = "", TargetMode }) {
      if (name !== "Relationship" || TargetMode === "External") return;
      const target = Target.startsWith("/") ? Target.slice(1) : folder + Target;
      found.set(Id, { type: Type.slice(Type.lastIndexOf("/") + 1), part: target });
    },
  });
  return found;
}

async function sharedStrings(zip: WorkbookPackage, part: string): Promise<string[]> {
  const strings: string[] = [];
  let chars = 0;
  const text = createRichText();
  await readAll(zip, part, {
    open: text.open,
    text: text.text,
    close(name) {
      text.close(name);
      if (name !== "si") return;
      const string = text.take();
      chars += string.length + 16;
      if (chars > mostStringChars) throw new WorkbookRefused("the texts of the workbook are larger than 128 MB");
      strings.push(string);
    },
  });
  return strings;
}

/** Gathers the text of `t` elements; phonetic readings (`rPh`) are no part of it. */
export function createRichText(): Required<PartHandler> & { take(): string } {
  let gathered = "";
  let inText = false;
  let phonetic = false;
  return {
    open(name) {
      if (name === "rPh") phonetic = true;
      inText = name === "t" && !phonetic;
    },
    text(text) {
      if (inText) gathered += text;
    },
    close(name) {
      if (name === "rPh") phonetic = false;
      if (name === "t") inText = false;
    },
    take() {
      const text = gathered.replace(/_x([0-9A-Fa-f]{4})_/g, (_all, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      );
      gathered = "";
      return text;
    },
  };
}

async function numberStyles(zip: WorkbookPackage, part: string): Promise<NumberStyle[]> {
  const codes = new Map<number, string>();
  const styles: NumberStyle[] = [];
  let inCells = false;
  await readAll(zip, part, {
    open(name, given) {
      if (name === "numFmt") codes.set(Number(given.numFmtId), given.formatCode ?? "");
      if (name === "cellXfs") inCells = true;
      const id = Number(given.numFmtId ?? 0);
      if (name === "xf" && inCells) styles.push(styleOf(id, codes.get(id)));
    },
    close(name) {
      if (name === "cellXfs") inCells = false;
    },
  });
  return styles;
}
