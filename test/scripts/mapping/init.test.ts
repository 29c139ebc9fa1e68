import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import iconv from "iconv-lite";
import { coverage } from "../../../scripts/mapping/coverage.ts";
import { init } from "../../../scripts/mapping/init.ts";
import { imagingExportOfA, labExportOfA, labExportOfB, labMessagesOfC } from "../../../scripts/sample/fresh.ts";
import { freshResident } from "../../../scripts/sample/people.ts";
import { workbookParts, zipOf } from "../../mapping/workbook.ts";
import { folderOf, run } from "./tools.ts";

const person = freshResident({ seed: "init", today: new Date("2026-11-18T00:00:00Z") });
const at = new Date("2026-11-17T01:00:00Z");
const results = [
  { item: "CREA", value: "86" },
  { item: "UA", value: "351" },
];
const [adt, oru] = labMessagesOfC(person, results, at);

const foreign = [
  "医院代码,病人编号,姓名,性别,年龄,身份证号,条码号,检验项目,项目编码,结果,单位,参考区间,提示,采样时间,审核时间,审核人",
  "YY01,P0001,张伟,男,45,99010119800101001X,B1,葡萄糖,GLU,5.60,mmol/L,3.9-6.1,,2026-11-01 08:00:00,2026-11-01 10:00:00,李芳",
  "YY01,P0002,王丽,女,30,990101199505050022,B2,乙肝表面抗原,HBsAg,阴性,,阴性,,2026-11-02 09:00:00,,",
];

// Its second row tells no time of review and none of the report: the person decides what `issued` is then.
const unreviewed = ["invalid-resource: Missing required property"];
const isRefusal = ({ code }: { code: string }) => code === "invalid-resource" || code === "sheet-failed";

const inline = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
const sheetRows = foreign.map((line, at) => `<row r="${at + 1}">${line.split(",").map(inline).join("")}</row>`).join("");

describe("a drafted mapping", () => {
  it.each([
    {
      said: "of TB_ tables in GB18030",
      files: labExportOfA(person, results, at).files,
      made: ["Patient", "DiagnosticReport", "Observation"],
    },
    {
      said: "of an imaging report",
      files: imagingExportOfA(person, "CT-CHEST", at).files,
      made: ["Patient", "DiagnosticReport"],
    },
    {
      said: "of nested JSON",
      files: labExportOfB(person, results, at).files,
      made: ["Patient", "DiagnosticReport", "Observation"],
    },
    { said: "of HL7 v2 ADT", files: adt?.files ?? [], made: ["Patient", "Encounter"] },
    { said: "of HL7 v2 ORU", files: oru?.files ?? [], made: ["DiagnosticReport", "Observation"] },
    {
      said: "of a foreign CSV with Chinese headings",
      files: [{ name: "检验结果_20261102.csv", bytes: iconv.encode(`${foreign.join("\r\n")}\r\n`, "gb18030") }],
      made: ["Patient", "Observation"],
      refused: unreviewed,
    },
    {
      said: "of a sheet of an Excel workbook",
      files: [{ name: "检验_20261102.xlsx", bytes: zipOf(workbookParts([{ name: "结果", rows: sheetRows }])) }],
      made: ["Patient", "Observation"],
      refused: unreviewed,
    },
    {
      said: "of diagnoses that no column names the institution of",
      files: [
        {
          name: "diag_1.csv",
          bytes: "patient_id,visit_no,icd_code,diag_name,diag_time\nP1,V1,J18.9,肺炎,2026-11-01 10:00:00\n",
        },
      ],
      made: ["Condition"],
    },
  ])(
    "$said compiles as it stands, maps every row of its sample, and passes the profiles",
    async ({ files, made, refused = [] }) => {
      const sample = folderOf(files);
      const folder = join(folderOf([]), "drafted");
      const drafted = await run(init, [sample], { out: folder, feed: "drafted" });
      expect(drafted).toMatchObject({ code: 0, text: expect.stringContaining("it compiles") });
      const { text } = await run(coverage, [sample], { mappings: folder, json: true });
      const found = JSON.parse(text);
      expect(Object.keys(found.resources)).toEqual(expect.arrayContaining(made));
      for (const { read, mapped } of Object.values(found.rows) as { read: number; mapped: number }[]) expect(mapped).toBe(read);
      expect(found.requiredByProfile).toEqual({});
      const wrong = (found.issues as { code: string; reason: string; first: string }[]).filter(isRefusal);
      expect(wrong.map(({ code, reason }) => `${code}: ${reason}`)).toEqual(refused);
    },
  );

  it("names what it could not recognise, and keeps the column", async () => {
    const sample = folderOf([{ name: "检验结果_1.csv", bytes: foreign.join("\n") }]);
    const folder = join(folderOf([]), "drafted");
    const { text } = await run(init, [sample], { out: folder, feed: "drafted" });
    expect(text).toContain("not recognised: 年龄");
    expect(readFileSync(join(folder, "feed.yaml"), "utf8")).toContain("年龄: { optional: true }");
  });

  it("reads headings with blanks in them, and leaves a place for the patient that no column was taken for", async () => {
    const sample = folderOf([
      { name: "jy.txt", bytes: "检验单号\t姓 名\t审核时间\t体检卡\nJ1\t张伟\t2026-11-01 10:00:00\tT7\n" },
    ]);
    const folder = join(folderOf([]), "drafted");
    const { code, text } = await run(init, [sample], { out: folder, feed: "drafted" });
    expect(code).toBe(1);
    expect(text).toContain("姓 名 = 姓名");
    expect(text).toContain("to finish before it compiles");
    expect(text).toMatch(/lab-report\.yaml:\d+: ids\.Patient\.first_of\.0\.file\.0 .*FILL_IN/);
    expect(readFileSync(join(folder, "lab-report.yaml"), "utf8")).toContain("the column that names the patient");
  });

  it("says exactly what is missing when nothing tells what a table is", async () => {
    const sample = folderOf([{ name: "odd.csv", bytes: "甲,乙\n1,2\n" }]);
    const { code, text } = await run(init, [sample], { out: join(folderOf([]), "odd"), feed: "odd" });
    expect(code).toBe(1);
    expect(text).toContain("table odd (odd.csv): nothing tells what a row is");
  });

  it("never overwrites a folder", async () => {
    const folder = folderOf([{ name: "feed.yaml", bytes: "feed: mine" }]);
    const sample = folderOf([{ name: "a.csv", bytes: "a\n1\n" }]);
    await expect(run(init, [sample], { out: folder, feed: "mine" })).rejects.toThrow("not empty");
  });
});
