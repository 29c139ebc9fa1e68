import type { Table } from "./compiled.ts";
import { decodeText } from "./decode-text.ts";
import type { Encoding } from "./feed-file.ts";
import type { ExportFile } from "./mapped.ts";
import type { ReadEvent, WrongFile } from "./source-row.ts";
import { childrenOf, createXmlBuilder, ownText, type XmlElement } from "./xml-document.ts";
import { elementsAt, parseXmlPath, textAt, type XmlPath } from "./xml-path.ts";

/** How an XML file of a feed is written. */
export interface XmlFormat {
  readonly encodings: readonly Encoding[];
  /** Namespaces by the prefix that paths use; "" for names without one. */
  readonly namespaces: Readonly<Record<string, string>>;
}

const largestFile = 64 * 1024 * 1024;

/**
 * Reads an XML file as rows of several tables. `rows` is a path from the root to the elements that make rows; a column's `path` leads from the row
 * (`^/` from the row around it, `/` from the root) to an attribute or a text, and `@row` is a name of the row, for joining. An absent place is an
 * absent cell. A file that is not well-formed gives no row at all: it is refused with line and column.
 */
export async function* readXml(file: ExportFile, tables: readonly Table[], format: XmlFormat): AsyncGenerator<ReadEvent> {
  const notes: ReadEvent[] = [];
  const root = await documentOf(file, format.encodings, notes);
  yield* notes;
  if ("code" in root) {
    yield { kind: "failed", ...root };
    return;
  }
  const found = tables.map((table) => ({ table, rows: elementsAt(root, parseXmlPath(table.rows, format.namespaces)) }));
  if (found.every(({ rows }) => rows.length === 0)) {
    yield {
      kind: "failed",
      code: "header",
      line: root.line,
      field: tables[0]?.rows ?? "",
      reason: `the file has none of the elements that the feed reads (${tables.map((table) => table.rows).join(", ")})`,
    };
    return;
  }
  const owners = new Map(found.flatMap(({ table, rows }) => rows.map((row) => [row, table] as const)).reverse());
  for (const { table, rows } of found) {
    const paths = table.columns.map((column) => parseXmlPath(column.path, format.namespaces));
    for (const row of rows) {
      const cells = paths.map((path) => cellAt(row, path, { root, owners, file: file.name }));
      yield { kind: "row", table, cells, line: row.line };
    }
  }
  yield { kind: "record-end" };
  const unread = new Map<string, Table>();
  listUnread(root, "", tables[0] as Table, { owners, unread });
  for (const [column, table] of unread) yield { kind: "undeclared", table, column };
}

async function documentOf(
  file: ExportFile,
  encodings: readonly Encoding[],
  notes: ReadEvent[],
): Promise<XmlElement | WrongFile> {
  const builder = createXmlBuilder();
  let size = 0;
  let declared: WrongFile | undefined;
  for await (const block of decodeText(file.open(), encodings, { longestLine: largestFile, headed: false })) {
    if ("code" in block) return block;
    const [badLine] = block.badLines;
    if (badLine !== undefined)
      return { code: "encoding", line: badLine, reason: "the line holds bytes that are no characters in the feed's encoding" };
    if (block.privateLine !== undefined && notes.length === 0) notes.push(privateUse(block.privateLine));
    if (size === 0) declared = wrongDeclaration(block.text, encodings);
    size += block.text.length;
    if (size > largestFile) return { code: "syntax", reason: "the file is larger than 64 MB; deliver smaller files" };
    builder.write(block.text);
    const wrong = declared ?? builder.wrong();
    if (wrong !== undefined) return wrong;
  }
  return builder.end();
}

function privateUse(line: number): ReadEvent {
  const reason = "the file holds characters of a private font; they are kept as they are";
  return { kind: "note", code: "private-use", line, reason };
}

/** The encoding that the XML declaration names must be one that the feed accepts; the bytes were read in one of those. */
function wrongDeclaration(text: string, encodings: readonly Encoding[]): WrongFile | undefined {
  const named = /^<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(text)?.[1];
  if (named === undefined) return undefined;
  const family = /^gb/i.test(named)
    ? "gb18030"
    : /^(utf-?8|us-ascii)$/i.test(named)
      ? "utf-8"
      : /^utf-?16/i.test(named)
        ? "utf-16"
        : "";
  if (encodings.some((encoding) => encoding.startsWith(family)) && family !== "") return undefined;
  return {
    code: "encoding",
    line: 1,
    reason: `the file declares the encoding ${named}; the feed declares ${encodings.join(" or ")}`,
  };
}

interface Surroundings {
  readonly root: XmlElement;
  /** The table whose row an element is. */
  readonly owners: ReadonlyMap<XmlElement, Table>;
  readonly file: string;
}

function cellAt(row: XmlElement, path: XmlPath, { root, owners, file }: Surroundings): string | undefined {
  let start: XmlElement | undefined = path.from === "root" ? root : row;
  for (let outward = path.from === "root" ? 0 : path.from; outward > 0; outward--) {
    start = start?.parent;
    while (start !== undefined && !owners.has(start)) start = start.parent;
  }
  if (start === undefined) return undefined;
  return path.take === "row" ? `${file}#${start.number}` : textAt(start, path);
}

// How the document is built, not what it says.
const structural = new Set([
  "classCode",
  "moodCode",
  "typeCode",
  "determinerCode",
  "contextConductionInd",
  "contextControlCode",
]);
const instanceUri = "http://www.w3.org/2001/XMLSchema-instance";

/** Attributes and texts that no column took, each path once, under the table of the row they stand in. */
function listUnread(
  element: XmlElement,
  outer: string,
  table: Table,
  found: { readonly owners: ReadonlyMap<XmlElement, Table>; readonly unread: Map<string, Table> },
): void {
  const path = `${outer}/${element.local}`;
  const own = found.owners.get(element) ?? table;
  for (const { local, uri, read, value } of element.attributes) {
    if (read || value.trim() === "" || structural.has(local) || uri === instanceUri) continue;
    found.unread.set(`${path}/@${local}`, own);
  }
  if (!element.read && ownText(element) !== "") found.unread.set(path, own);
  for (const child of childrenOf(element)) listUnread(child, path, own, found);
}
