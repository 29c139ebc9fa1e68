import { crc32, deflateRawSync } from "node:zlib";

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006/relationships";

/** A sheet as XML: its name, its rows (`<row>…`), what follows the rows. */
export interface SheetXml {
  readonly name: string;
  readonly rows: string;
  readonly after?: string;
  readonly state?: string;
}

/** The parts of a workbook, by their paths. */
export function workbookParts(
  sheets: readonly SheetXml[],
  more: { readonly strings?: string; readonly formats?: string; readonly styles?: string; readonly properties?: string } = {},
): Record<string, string> {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
  return {
    "_rels/.rels": `<Relationships xmlns="${packages}">${relation("r1", "officeDocument", "xl/workbook.xml")}</Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr ${more.properties ?? ""}/><sheets>${sheets.map(({ name, state }, index) => `<sheet name="${name}" sheetId="${index + 1}" ${state === undefined ? "" : `state="${state}"`} r:id="s${index}"/>`).join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${packages}">${sheets.map((_sheet, index) => relation(`s${index}`, "worksheet", `worksheets/sheet${index}.xml`)).join("")}${relation("t", "sharedStrings", "sharedStrings.xml")}${relation("y", "styles", "/xl/styles.xml")}</Relationships>`,
    "xl/sharedStrings.xml": `<sst xmlns="${main}">${more.strings ?? ""}</sst>`,
    "xl/styles.xml": `<styleSheet xmlns="${main}"><numFmts>${more.formats ?? ""}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${more.styles ?? ""}</cellXfs></styleSheet>`,
    ...Object.fromEntries(
      sheets.map(({ rows, after }, index) => [
        `xl/worksheets/sheet${index}.xml`,
        `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData>${after ?? ""}</worksheet>`,
      ]),
    ),
  };
}

/** A zip of the parts, deflated. */
export function zipOf(parts: Readonly<Record<string, string | Buffer>>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const content = typeof text === "string" ? Buffer.from(text) : text;
    const packed = deflateRawSync(content);
    const path = Buffer.from(name);
    const facts = Buffer.alloc(26);
    for (const [at, value] of [
      [0, 20],
      [2, 0x0800],
      [4, 8],
      [8, 0x21],
      [22, path.length],
    ] as const)
      facts.writeUInt16LE(value, at);
    for (const [at, value] of [
      [10, crc32(content)],
      [14, packed.length],
      [18, content.length],
    ] as const)
      facts.writeUInt32LE(value, at);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const file = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), facts, path, packed]);
    files.push(file);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), facts, place, path]));
    offset += file.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, listed, end]);
}

/** A row of inline texts from column A on. */
export function textRow(line: number, cells: readonly string[]): string {
  return `<row r="${line}">${cells.map((text, column) => (text === "" ? "" : `<c r="${String.fromCharCode(65 + column)}${line}" t="inlineStr"><is><t>${text}</t></is></c>`)).join("")}</row>`;
}
