import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import { numberText, styleOf } from "../../src/mapping/xlsx-cell.ts";
import { fileOf, mapFiles, unaccountedRows } from "./map-files.ts";
import { textRow, workbookParts, zipOf } from "./workbook.ts";
import { showing, shownBy, writtenFeed } from "./written-feed.ts";

let feed: Feed;
beforeAll(async () => {
  feed = await writtenFeed({
    "feed.yaml": `
feed: test
format: xlsx
supplier: quality-centre
institution: { always: LHLJZX }
tables:
  result:
    file: "*.xlsx"
    sheet: "结果*"
    columns:
      id: { header: 编号, required: true }
      name: { header: 姓名 }
      value: { header: [结果, 结果值] }
`,
    "result.yaml": showing("result", ["id", "name", "value"], ["id"]),
  });
});

const header = textRow(3, ["编号", "姓名", "结果"]);
const sheet = (rows: string, after = "") => ({
  name: "结果1",
  rows: `${textRow(1, ["某医院检验结果"])}${header}${rows}`,
  after,
});
const map = (bytes: Uint8Array) => mapFiles(feed, [fileOf("a.xlsx", bytes)]);
const shown = async (rows: string, more = {}, after = "") => {
  const mapped = await map(zipOf(workbookParts([sheet(rows, after)], more)));
  return {
    ...mapped,
    notes: shownBy(mapped),
  };
};

describe("an Excel workbook", () => {
  it("is read from the first row that has the columns, with shared, inline and rich texts, and formulas by their value", async () => {
    const { notes, sheets, issues, report } = await shown(
      `<row r="4"><c r="A4" t="s"><v>0</v></c><c r="B4" t="s"><v>1</v></c><c r="C4"><v>11.30</v></c></row>
       <row r="6"><c t="str"><f>A4&amp;"x"</f><v>1x</v></c><c t="inlineStr"><is><t>李</t></is></c><c r="C6"><v>2.2999999999999998</v></c></row>`,
      { strings: "<si><t>1</t></si><si><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></si>" },
    );
    expect(issues).toEqual([]);
    expect(notes).toEqual([
      ["id=1", "name=张三", "value=11.30"],
      ["id=1x", "name=李", "value=2.3"],
    ]);
    expect(sheets.map((one) => one.members[0]?.line)).toEqual([4, 6]);
    expect(unaccountedRows(report)).toBe(0);
  });

  it("gives every row of cells merged downwards the value of the top one, and no more", async () => {
    const rows = [4, 5, 6, 7]
      .map((line) => textRow(line, [`${line}`, line === 4 || line === 7 ? `n${line}` : "", "v"]))
      .join("");
    const merged = `<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="B4:B5"/></mergeCells>`;
    expect((await shown(rows, {}, merged)).notes.map((note) => note[1])).toEqual(["name=n4", "name=n4", "name=", "name=n7"]);
  });

  it("tells cells whose value is lost: errors, formulas never computed, long numbers", async () => {
    const { issues, notes } = await shown(
      `<row r="4"><c r="A4"><v>1</v></c><c r="B4" t="e"><v>#N/A</v></c><c r="C4"><f>1+1</f></c></row>
       <row r="5"><c r="A5"><v>2</v></c><c r="B5"><v>9.9123419900101104E+17</v></c></row>`,
    );
    expect(notes).toEqual([
      ["id=1", "name=", "value="],
      ["id=2", "name=", "value="],
    ]);
    expect(issues.map(({ code, line, reason }) => `${code} ${line} ${reason.slice(0, 30)}`)).toEqual([
      "bad-value 4 the cell B4 holds an error of ",
      "bad-value 4 the cell C4 holds a formula wi",
      "bad-value 5 the cell B5 holds a number of ",
    ]);
  });

  it("tells sheets and columns that nobody reads, and hidden sheets", async () => {
    const parts = workbookParts([
      { name: "说明", rows: textRow(1, ["x"]) },
      sheet(textRow(4, ["1", "", "", "x"])),
      { name: "结果2", rows: "", state: "hidden" },
    ]);
    const { report, issues, sheets } = await map(zipOf(parts));
    expect(sheets).toHaveLength(1);
    expect(report.unmappedColumns.map(({ column }) => column)).toEqual(["sheet 说明", "column D"]);
    expect(issues).toMatchObject([{ severity: "warning", reason: "the sheet 结果2 is hidden and was not read" }]);
  });

  it.each<{ style: string; id: number; code: string | undefined; stored: string; text: string; since1904?: boolean }>`
    style                       | id     | code                      | stored                   | text
    ${"a day"}                  | ${14}  | ${undefined}              | ${"46346"}               | ${"2026-11-20"}
    ${"a day with its time"}    | ${22}  | ${undefined}              | ${"46346.354166666664"}  | ${"2026-11-20 08:30:00"}
    ${"midnight of a time"}     | ${22}  | ${undefined}              | ${"46346"}               | ${"2026-11-20 00:00:00"}
    ${"a Chinese day"}          | ${164} | ${'yyyy"年"m"月"d"日";@'} | ${"46346"}               | ${"2026-11-20"}
    ${"a time of day"}          | ${20}  | ${undefined}              | ${"0.5"}                 | ${"12:00:00"}
    ${"the first day"}          | ${14}  | ${undefined}              | ${"1"}                   | ${"1900-01-01"}
    ${"the day that never was"} | ${14}  | ${undefined}              | ${"60"}                  | ${"1900-02-29"}
    ${"the day after"}          | ${14}  | ${undefined}              | ${"61"}                  | ${"1900-03-01"}
    ${"a duration"}             | ${164} | ${"[h]:mm"}               | ${"1.5"}                 | ${"1.5"}
    ${"a coloured number"}      | ${164} | ${"[Red]0.00"}            | ${"5"}                   | ${"5"}
    ${"a number with a unit"}   | ${164} | ${'0.0"mmol/d"'}          | ${"5.10"}                | ${"5.10"}
    ${"an exponent"}            | ${0}   | ${undefined}              | ${"1.5E-3"}              | ${"0.0015"}
    ${"a great exponent"}       | ${0}   | ${undefined}              | ${"1.5E+4"}              | ${"15000"}
    ${"17 digits of a double"}  | ${0}   | ${undefined}              | ${"0.10000000000000001"} | ${"0.1"}
  `("shows $style as $text", ({ id, code, stored, text }) => {
    expect(numberText(stored, styleOf(id, code), false)).toEqual({ text });
  });

  it("counts days from 1904 where the workbook says so", async () => {
    const { notes } = await shown(`<row r="4"><c r="A4" s="1"><v>44884</v></c></row>`, {
      properties: 'date1904="1"',
      styles: '<xf numFmtId="14"/>',
    });
    expect(notes[0]?.[0]).toBe("id=2026-11-20");
  });

  const good = zipOf(workbookParts([sheet(textRow(4, ["1", "n", "v"]))]));
  const ole = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600)]);
  const broken = workbookParts([sheet(textRow(4, ["1", "n", "v"]))]);
  it.each<{ fault: string; bytes: Buffer; reason: RegExp }>`
    fault                  | bytes                                                                                   | reason
    ${"the old format"}    | ${ole}                                                                                  | ${/old Excel workbook \(\.xls\); save it as \.xlsx/}
    ${"a password"}        | ${Buffer.concat([ole, Buffer.from("EncryptedPackage", "utf16le")])}                     | ${/protected by a password/}
    ${"CSV in it"}         | ${Buffer.from("编号,姓名\n")}                                                           | ${/no Excel workbook/}
    ${"its end cut off"}   | ${good.subarray(0, good.length - 40)}                                                   | ${/cut off/}
    ${"another zip in it"} | ${zipOf({ "a.txt": "x" })}                                                              | ${/_rels\/\.rels is missing/}
    ${"a sheet broken"}    | ${zipOf({ ...broken, "xl/worksheets/sheet0.xml": "<worksheet><row></worksheet>" })}     | ${/sheet0.xml in the workbook is not well-formed/}
    ${"a document type"}   | ${zipOf({ ...broken, "xl/sharedStrings.xml": "<!DOCTYPE x><sst/>" })}                   | ${/document type/}
    ${"a bomb"}            | ${zipOf({ ...broken, "xl/sharedStrings.xml": `<sst>${" ".repeat(30_000_000)}</sst>` })} | ${/unpacks to/}
    ${"other columns"}     | ${zipOf(workbookParts([{ name: "结果", rows: textRow(1, ["a", "b"]) }]))}               | ${/the header lacks 3 columns/}
  `("with $fault is refused whole with its reason", async ({ bytes, reason }) => {
    const { sheets, issues } = await map(bytes);
    expect(sheets).toEqual([]);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.reason).toMatch(reason);
  });
});
