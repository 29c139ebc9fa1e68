import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import iconv from "iconv-lite";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import { mapExport } from "../../src/mapping/map-export.ts";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { feedIn, fileOf, mapFiles, testDeps, unaccountedRows } from "./map-files.ts";
import { showing, shownBy, writtenFeed } from "./written-feed.ts";

const mappings = fileURLToPath(new URL("../../mappings/", import.meta.url));
const header =
  "证书编号,发布机构代码,机构代码,机构名称,LOINC编码,项目名称,质控机构,质控级别,适用区域,检测周期开始,检测周期结束,发布日期,有效期开始,有效期结束,结果,备注,更新时间";
const certificate = (number: string, name = "临湖省人民医院", remark = "-") =>
  `${number},LHLJZX,12990100HTDEM0014T,${name},14682-9,肌酐,中心,省,临湖省,2026-02-05,2026-04-06,2026-05-01,2026-05-06,2027-05-05,合格,${remark},2026-05-01 07:00:00`;

let csvFeed: Feed;
let jsonFeed: Feed;
let hl7Feed: Feed;
let tbFeed: Feed;
beforeAll(async () => {
  csvFeed = await feedIn(`${mappings}quality-certificates`);
  jsonFeed = await feedIn(`${mappings}b-snake`);
  hl7Feed = await feedIn(`${mappings}c-lis`);
  tbFeed = await feedIn(`${mappings}a-tb`);
});

const mapCsv = (content: Uint8Array | string) => mapFiles(csvFeed, [fileOf("EQA_1.csv", content)]);
const linesOf = (rows: readonly { resource: unknown; line: number }[]) => rows.map(({ line }) => line);

describe("a delimited file", () => {
  it("is read whatever its line ends, blank lines and place of the columns", async () => {
    const shuffled = [header, certificate("E1"), "", certificate("E2", '"甲\r\n乙"'), certificate("E3")].map((row) =>
      row.split(",").reverse().join(","),
    );
    const { sheets, issues } = await mapCsv(`${shuffled[0]}\r\n${shuffled[1]}\n\n${shuffled[3]}\r${shuffled[4]}`);
    expect(issues).toEqual([]);
    expect(sheets.map((sheet) => linesOf(sheet.members)[0])).toEqual([2, 4, 6]);
  });

  it.each<{ fault: string; content: Uint8Array | string; code: string; line: number | undefined; field: string | undefined }>`
    fault                               | content                                                         | code            | line         | field
    ${"nothing in it"}                  | ${""}                                                           | ${"empty-file"} | ${undefined} | ${undefined}
    ${"only blank lines"}               | ${"\n\n"}                                                       | ${"empty-file"} | ${undefined} | ${undefined}
    ${"a zip archive"}                  | ${"PK\u0003\u0004\u0000\u0000"}                                 | ${"binary"}     | ${1}         | ${undefined}
    ${"GB18030 for UTF-8"}              | ${iconv.encode(`${header}\n${certificate("E1")}\n`, "gb18030")} | ${"encoding"}   | ${1}         | ${undefined}
    ${"UTF-16"}                         | ${iconv.encode(`${header}\n${certificate("E1")}\n`, "utf-16")}  | ${"encoding"}   | ${1}         | ${undefined}
    ${"a column missing"}               | ${`${header.replace("结果,", "")}\n`}                           | ${"header"}     | ${1}         | ${"结果"}
    ${"a column twice"}                 | ${`${header},结果\n`}                                           | ${"header"}     | ${1}         | ${"结果"}
    ${"other columns"}                  | ${"a,b,c\n1,2,3\n"}                                             | ${"header"}     | ${1}         | ${"证书编号"}
    ${"its end cut off in a row"}       | ${`${header}\n${certificate("E1")}\nE2,LHLJZX,1299`}            | ${"truncated"}  | ${3}         | ${undefined}
    ${"its end cut off in a quotation"} | ${`${header}\n${certificate("E1")}\nE2,"LHLJ`}                  | ${"truncated"}  | ${3}         | ${undefined}
  `("with $fault is one clear error, with line and field", async ({ content, code, line, field }) => {
    const { issues } = await mapCsv(content);
    const errors = issues.filter((issue) => issue.code === code);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ severity: "error", file: "EQA_1.csv" });
    expect([errors[0]?.line, errors[0]?.field]).toEqual([line, field]);
  });

  it("is closed when nobody reads on, and a failing disk is no wrong file", async () => {
    const text = Buffer.from(
      `${header}\n${Array.from({ length: 20_000 }, (_none, index) => certificate(`E${index}`)).join("\n")}\n`,
    );
    let closed = false;
    const endless: ExportFile = {
      name: "EQA_1.csv",
      async *open() {
        try {
          for (let at = 0; at < text.length; at += 65_536) yield text.subarray(at, at + 65_536);
          throw new Error("the disk failed");
        } finally {
          closed = true;
        }
      },
    };
    for await (const _event of mapExport(csvFeed, [endless], testDeps).events) break;
    expect(closed).toBe(true);
    await expect(mapFiles(csvFeed, [endless])).rejects.toThrow("the disk failed");
  });

  it("tells one row with too few values, and the others go on", async () => {
    const { sheets, issues } = await mapCsv(`${header}\n${certificate("E1")}\nE2,x\n${certificate("E3")}\n`);
    expect(issues).toMatchObject([{ code: "columns", line: 3 }]);
    expect(sheets).toHaveLength(2);
  });

  it("tells one line with bytes that are no characters, and the others go on", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${header}\n${certificate("E1")}\n`),
      Buffer.from(certificate("E2", "X")).map((byte) => (byte === 0x58 ? 0xff : byte)),
      Buffer.from(`\n${certificate("E3")}\n`),
    ]);
    const { sheets, issues } = await mapCsv(bytes);
    expect(issues).toMatchObject([{ code: "encoding", line: 3 }]);
    expect(sheets).toHaveLength(2);
  });

  it("tells which lines a stray quotation mark swallowed, and goes on after them", async () => {
    const rows = [
      certificate("E1"),
      certificate("E2", '"甲"乙'),
      certificate("E3"),
      certificate("E4", '"丙",'),
      certificate("E5"),
      certificate("E6"),
    ];
    const { sheets, issues } = await mapCsv(`${[header, ...rows].join("\n")}\n`);
    expect(issues).toMatchObject([
      { code: "quote", line: 3, reason: "lines 3 to 5 cannot be read: a quotation mark stands where none may" },
    ]);
    expect(sheets.flatMap((sheet) => linesOf(sheet.members))).toEqual([2, 6, 7]);
  });

  it("whose stray quotation mark swallowed the rest is told as cut off from that line", async () => {
    const { sheets, issues } = await mapCsv(
      `${header}\n${certificate("E1")}\n${certificate("E2", '"甲"乙')}\n${certificate("E3")}\n`,
    );
    expect(sheets).toHaveLength(1);
    expect(issues).toMatchObject([{ code: "truncated", line: 3 }]);
  });

  it("gives the same in pieces of any size", async () => {
    const bytes = iconv.encode(
      readFileSync(`${mappings}quality-certificates/cases/one-list/export/EQA_20261101.csv`, "utf8").slice(1),
      "utf-8",
    );
    const whole = await mapCsv(bytes);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (piece) => {
        expect(await mapFiles(csvFeed, [fileOf("EQA_1.csv", bytes, piece)])).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it.each<{ name: string; bytes: number[] }>`
    name    | bytes
    ${"䶮"} | ${[0xfe, 0x9f]}
    ${"㛃"} | ${[0x82, 0x30, 0xb7, 0x31]}
    ${"𠮷"} | ${[0x95, 0x34, 0xb2, 0x35]}
    ${"堃"} | ${[0x88, 0xd2]}
    ${"·"}  | ${[0xa1, 0xa4]}
  `("in GB18030 keeps the character $name", async ({ name, bytes }) => {
    const [columns = "", row = ""] = iconv
      .decode(readFileSync(`${mappings}a-tb/cases/wrong-files/export/TB_YL_PATIENT_INFORMATION_1.csv`), "gb18030")
      .split("\r\n");
    const [before = "", after = ""] = row.split("张䶮");
    const file = Buffer.concat([
      iconv.encode(`${columns}\r\n${before}`, "gb18030"),
      Buffer.from(bytes),
      iconv.encode(`${after}\r\n`, "gb18030"),
    ]);
    const { sheets } = await mapFiles(tbFeed, [fileOf("TB_YL_PATIENT_INFORMATION_1.csv", file)]);
    expect(sheets[0]?.person?.name).toBe(name);
  });
});

describe("an HL7 v2 file", () => {
  const message = (control: string, ...segments: string[]) =>
    [`MSH|^~\\&|LIS|XRMYY|HUTONG|LINHU|20261120113000||ORU^R01|${control}|P|2.3.1||||||UNICODE UTF-8`, ...segments].join("\r");
  const report =
    "PID|1||100001^^^CHIS^PI\rOBR|1|S|R1|SH01^生化^CLIS|||20261120082000|||||||||||||||20261120113000|||F|||||||2007&李敏^20261120112500";
  const result = (value: string, note = "") => `OBX|1|ST|L014^肌酐^CLIS||${value}|μmol/L|57-111|N|||F${note}`;
  const mapHl7 = (content: string | Uint8Array) => mapFiles(hl7Feed, [fileOf("m.hl7", content)]);
  const resultOf = async (content: string) =>
    (await mapHl7(content)).sheets[0]?.members[1]?.resource as { valueString?: string };

  it.each<{ framing: string; content: string }>`
    framing                   | content
    ${"segments ended by CR"} | ${"\r"}
    ${"LF"}                   | ${"\n"}
    ${"CR LF"}                | ${"\r\n"}
  `("may have $framing", async ({ content }) => {
    const { sheets, issues } = await mapHl7(`${message("1", report, result("86"))}\r`.replaceAll("\r", content));
    expect(issues).toEqual([]);
    expect(linesOf(sheets[0]?.members ?? [])).toEqual([3, 4]);
  });

  it("may hold several messages, in a batch and in MLLP frames", async () => {
    const batch = [
      "FHS|^~\\&|LIS",
      "BHS|^~\\&|LIS",
      message("1", report, result("86")),
      message("2", report.replace("R1", "R2"), result("87")),
      "BTS|2",
      "FTS|1",
    ].join("\r");
    const framed = `\u000b${message("1", report, result("86"))}\r\u001c\r\u000b${message("2", report.replace("R1", "R2"), result("87"))}\r\u001c\r`;
    expect((await mapHl7(batch)).sheets.map((sheet) => linesOf(sheet.members))).toEqual([
      [5, 6],
      [9, 10],
    ]);
    expect((await mapHl7(framed)).sheets).toHaveLength(2);
  });

  it.each<{ sequence: string; meaning: string }>`
    sequence     | meaning
    ${"\\T\\"}   | ${"&"}
    ${"\\F\\"}   | ${"|"}
    ${"\\S\\"}   | ${"^"}
    ${"\\R\\"}   | ${"~"}
    ${"\\E\\"}   | ${"\\"}
    ${"\\X41\\"} | ${"A"}
    ${"\\.br\\"} | ${"\n"}
    ${"\\Q\\"}   | ${"\\Q\\"}
    ${"\\"}      | ${"\\"}
  `("means $meaning by $sequence", async ({ sequence, meaning }) => {
    expect((await resultOf(message("1", report, result(`a${sequence}b`)))).valueString).toBe(`a${meaning}b`);
  });

  it("is decoded by each message's own MSH-18", async () => {
    const gbk = iconv.encode(message("1", report, result("阴性")).replace("UNICODE UTF-8", "GBK"), "gb18030");
    const both = Buffer.concat([gbk, Buffer.from(`\r${message("2", report.replace("R1", "R2"), result("阳性"))}\r`)]);
    const { sheets } = await mapHl7(both);
    expect(sheets.map((sheet) => (sheet.members[1]?.resource as { valueString?: string } | undefined)?.valueString)).toEqual([
      "阴性",
      "阳性",
    ]);
  });

  it("reads delimiters of the message's own", async () => {
    const own = message("1", report, result("86")).replaceAll("^", "!").replaceAll("~", "^").replace("|!^\\&|", "|!^\\&|");
    expect((await mapHl7(own)).sheets[0]?.members).toHaveLength(2);
  });

  it("tells a broken message and goes on with the next", async () => {
    const { sheets, issues } = await mapHl7(
      `${message("1", report, "not a segment")}\r${message("2", report, result("86"))}\r`,
    );
    expect(issues).toMatchObject([{ code: "syntax", line: 4 }]);
    expect(sheets).toHaveLength(1);
  });

  it("tells what of it nobody reads", async () => {
    const { report: counts } = await mapHl7(message("1", report, result("86"), "ZZ1|x"));
    expect(counts.unmappedColumns).toEqual([{ table: "report", column: "ZZ1-1", count: 1 }]);
  });
});

describe("mutated bytes", () => {
  const folders = readdirSync(mappings)
    .filter((name) => existsSync(`${mappings}${name}/feed.yaml`))
    .flatMap((feed) =>
      readdirSync(`${mappings}${feed}/cases`).map((name) => ({ feed, folder: `${mappings}${feed}/cases/${name}/export` })),
    );
  const files = folders.flatMap(({ feed, folder }) =>
    readdirSync(folder).map((name) => ({ feed, name, bytes: readFileSync(`${folder}/${name}`) })),
  );
  const mutation = fc.record({
    at: fc.nat(),
    remove: fc.integer({ min: 0, max: 40 }),
    insert: fc.uint8Array({ maxLength: 12 }),
  });

  it.each(["a-tb", "b-snake", "c-adt", "c-lis", "quality-certificates"])(
    "of %s never crash a reader, and every row read is accounted for",
    async (name) => {
      const feed = await feedIn(`${mappings}${name}`);
      const own = files.filter((file) => file.feed === name);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...own),
          fc.array(mutation, { minLength: 1, maxLength: 6 }),
          async (file, mutations) => {
            const bytes = mutations.reduce((all, { at, remove, insert }) => {
              const place = at % (all.length + 1);
              return Buffer.concat([all.subarray(0, place), insert, all.subarray(place + remove)]);
            }, file.bytes);
            const { report, sheets, issues } = await mapFiles(feed, [fileOf(file.name, bytes)]);
            expect(unaccountedRows(report)).toBe(0);
            expect(issues.every((issue) => issue.file === file.name)).toBe(true);
            const skipped = Object.values(report.rows).reduce((sum, rows) => sum + rows.skipped, 0);
            const held = issues.some((issue) => issue.code === "companion-failed");
            if (skipped > 0 && !held) expect(issues.length).toBeGreaterThanOrEqual(Math.min(skipped, 1));
            for (const sheet of sheets) expect(sheet.members.length).toBeGreaterThan(0);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

describe("a JSON file", () => {
  it("keeps digits, lines and nesting", async () => {
    const { sheets } = await mapFiles(jsonFeed, [
      fileOf("b_export_1.json", readFileSync(`${mappings}b-snake/cases/one-day/export/b_export_20261027.json`)),
    ]);
    expect(sheets.flatMap((sheet) => sheet.members).every((member) => member.line > 1)).toBe(true);
  });

  it("tells the line on which it is broken", async () => {
    const { issues } = await mapFiles(jsonFeed, [fileOf("b_export_1.json", '{\n"T_PATIENT": [\n{"a": 1,}\n]}')]);
    expect(issues).toMatchObject([{ code: "syntax", line: 3, reason: "the file is not JSON: a quoted name is missing here" }]);
  });
});

describe("HL7 v2 beyond results", () => {
  const order = (feed: string, template: string) => writtenFeed({ "feed.yaml": feed, "row.yaml": template });
  const head = (type: string) => `MSH|^~\\&|HIS|X|H|L|20261120||${type}|1|P|2.3.1||||||UNICODE UTF-8`;
  const where = "format: hl7v2\nsupplier: quality-centre\ninstitution: { always: LHLJZX }";

  it("reads each ORC of an ORM^O01 with the OBR and the note that stand under it", async () => {
    const columns = ["number", "item", "patient", "note"];
    const feed = await order(
      `feed: test\n${where}\ntables: { row: { file: "*", rows: ORC, messages: [ORM^O01], columns: { number: { path: ORC-2 }, item: { path: OBR-4.2 }, patient: { path: PID-3.1 }, note: { path: DG1-3 } } } }`,
      showing("row", columns, ["number"]),
    );
    const message = [
      head("ORM^O01"),
      "PID|1||P1",
      "ORC|NW|O1",
      "OBR|1|||B^血",
      "DG1|1||D1",
      "ORC|NW|O2",
      "OBR|2|||U^尿",
      "",
    ].join("\r");
    const mapped = await mapFiles(feed, [fileOf("m.hl7", message)]);
    expect(shownBy(mapped)).toEqual([
      ["number=O1", "item=血", "patient=P1", "note=D1"],
      ["number=O2", "item=尿", "patient=P1", "note="],
    ]);
  });

  it('never lets "" become text: it leaves the element out, like a field that is not there', async () => {
    const feed = await order(
      `feed: test\n${where}\ntables: { row: { file: "*", rows: PID, columns: { number: { path: PID-3.1 }, name: { path: PID-5 }, second: { path: PID-5.2 } } } }`,
      showing("row", ["number", "name", "`second`"], ["number"]),
    );
    const mapped = await mapFiles(feed, [fileOf("m.hl7", [head("ADT^A08"), 'PID|1||P1||""^""'].join("\r"))]);
    expect(shownBy(mapped)).toEqual([["number=P1", "name=", "`second`="]]);
  });

  it("says of an A40 which of two patients gives way to which", async () => {
    const feed = await order(
      `feed: test\n${where}\ntables: { row: { file: "*", rows: PID, messages: [ADT^A40], columns: { number: { path: PID-3.1 }, former: { path: MRG-1.1 } } } }`,
      "mapping: test/row\nversion: 1\nfor: row\nids: { Patient: { first_of: [{ file: [number] }] } }\nmerge: { from: { file: [former] } }\n",
    );
    const message = [head("ADT^A40"), "PID|1||P1", "MRG|P0", "PID|2||P3", "MRG|P2", ""].join("\r");
    const { merges, issues, report } = await mapFiles(feed, [fileOf("m.hl7", message)]);
    expect(issues).toEqual([]);
    expect(merges.map(({ from, into, line }) => [from.key, into.key, line])).toEqual([
      [["file", "P0"], ["file", "P1"], 2],
      [["file", "P2"], ["file", "P3"], 4],
    ]);
    expect(unaccountedRows(report)).toBe(0);
  });

  const adt = (id: string) => [head("ADT^A08"), `PID|1||${id}`].join("\r");
  it.each<{ fault: string; content: string; sheets: number; reason: RegExp }>`
    fault                                   | content                                                | sheets | reason
    ${"a batch with fewer than it says"}    | ${`BHS|^~\\&|A\r${adt("1")}\rBTS|2\r`}                 | ${1}   | ${/announces 2 messages and holds 1/}
    ${"a batch without an end"}             | ${`BHS|^~\\&|A\r${adt("1")}\r`}                        | ${1}   | ${/has no end \(BTS\)/}
    ${"a message that begins wrongly"}      | ${`${adt("1")}\rmSH${adt("2").slice(3)}\r${adt("3")}`} | ${2}   | ${/not named MSH/}
    ${"something before the first message"} | ${`hello\r${adt("1")}`}                                | ${1}   | ${/before the first message/}
    ${"a NUL byte in one message"}          | ${`${adt("1")}\r${adt("2\0")}\r${adt("3")}`}           | ${2}   | ${/NUL/}
  `("tells $fault and takes the other messages", async ({ content, sheets, reason }) => {
    const feed = await order(
      `feed: test\n${where}\ntables: { row: { file: "*", rows: PID, columns: { number: { path: PID-3.1 } } } }`,
      showing("row", ["number"], ["number"]),
    );
    const mapped = await mapFiles(feed, [fileOf("m.hl7", content)]);
    expect(mapped.sheets).toHaveLength(sheets);
    expect(mapped.issues).toHaveLength(1);
    expect(mapped.issues[0]?.reason).toMatch(reason);
  });
});

describe("UTF-16", () => {
  const rows = `${header}\n${certificate("E1")}\n${certificate("E2")}\n`;
  it.each<{ written: string; bytes: Buffer }>`
    written                         | bytes
    ${"little-endian, with a mark"} | ${iconv.encode(rows, "utf-16le", { addBOM: true })}
    ${"little-endian, without one"} | ${iconv.encode(rows, "utf-16le")}
    ${"big-endian, with a mark"}    | ${iconv.encode(rows, "utf-16be", { addBOM: true })}
    ${"big-endian, without one"}    | ${iconv.encode(rows, "utf-16be")}
  `("$written is detected, in pieces of any size", async ({ bytes }) => {
    const feed: Feed = { ...csvFeed, encodings: ["utf-8", "gb18030", "utf-16le", "utf-16be"] };
    const whole = await mapFiles(csvFeed, [fileOf("EQA_1.csv", rows)]);
    for (const piece of [1, 7, 4_096]) expect(await mapFiles(feed, [fileOf("EQA_1.csv", bytes, piece)])).toEqual(whole);
  });

  it("with half a character in a line loses that line and tells it", async () => {
    const bytes = iconv.encode(rows.replace("E2", "E\ud842"), "utf-16le", { addBOM: true });
    const { sheets, issues } = await mapFiles({ ...csvFeed, encodings: ["utf-16le"] }, [fileOf("EQA_1.csv", bytes)]);
    expect(sheets).toHaveLength(1);
    expect(issues).toMatchObject([{ code: "encoding", line: 3 }]);
  });
});

describe("an NDJSON file", () => {
  const line = (id: string) => `{"id":"${id}","results":[{"item":"${id}-1"}]}`;
  const feedOf = () =>
    writtenFeed({
      "feed.yaml": `feed: test\nformat: json\nsupplier: quality-centre\ninstitution: { always: LHLJZX }\ntables: { row: { file: "*", rows: "[*].results[*]", columns: { id: { path: ^.id }, item: {} } } }`,
      "row.yaml": showing("row", ["id"], ["item"]),
    });

  it("loses only the lines that are no JSON, or none of the feed's, and tells them", async () => {
    const content = `${line("a")}\n{"id":\n\n${line("b")}\n7\n${line("c")}`;
    const { sheets, issues } = await mapFiles(await feedOf(), [fileOf("a.json", content)]);
    expect(sheets.map((sheet) => sheet.members[0]?.line)).toEqual([1, 4, 6]);
    expect(issues.map((issue) => [issue.code, issue.line])).toEqual([
      ["truncated", 2],
      ["header", 5],
    ]);
  });

  it("may be larger than memory: lines are read as they come", async () => {
    let pulled = 0;
    const endless: ExportFile = {
      name: "a.ndjson",
      async *open() {
        for (;;) {
          pulled++;
          yield Buffer.from(`${line(String(pulled))}\n`.repeat(1_000));
        }
      },
    };
    for await (const event of mapExport(await feedOf(), [endless], testDeps).events) if (event.kind === "sheet") break;
    expect(pulled).toBeLessThan(60);
  });
});
