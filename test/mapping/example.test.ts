import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation } from "@medplum/fhirtypes";
import iconv from "iconv-lite";
import { createProfileCheck } from "../../src/fhir/profile-check.ts";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import { feedIn, fileOf, type Mapped, mapFiles } from "./map-files.ts";

const reportHeader =
  "院区代码,报告日期,报告单号,就诊流水号,院内患者索引,卡类型,卡号,报告大类,采集时间,审核时间,修改标志,打印时间";
const resultHeader =
  "院区代码,指标流水号,报告日期,报告单号,项目代码,指标名称,结果,计量单位,参考值,异常提示,打印序号,修改标志,检验备注";
const csv = (...rows: string[]) => iconv.encode(`${rows.join("\r\n")}\r\n`, "gb18030");
const reports = (...rows: string[]) => fileOf("LIS_REPORT_1.csv", csv(reportHeader, ...rows));
const results = (...rows: string[]) => fileOf("LIS_RESULT_1.csv", csv(resultHeader, ...rows));
const aReport = (number: string, state = "1", reviewed = "2026-11-18 10:30:00", card = "01,10000001") =>
  `0001,20261118,${number},V1,F1,${card},化学,2026-11-18 08:12:00,${reviewed},${state},1900-01-01 00:00:00`;
const aResult = (id: string, item: string, state = "1") => `0001,${id},20261118,R1,${item},1,${id},${state},-`;

const sixRows = [
  aResult("1", "WBC,白细胞,11.30,G/L,3.5-9.5"),
  aResult("2", "CREA,肌酐,1.10,mg/dL,0.5-1.2"),
  aResult("3", "TSH,促甲状腺激素,<0.01,µIU/mL,0.27-4.2"),
  aResult("4", "HBsAg,乙肝表面抗原,阴性,-,阴性"),
  aResult("5", "WBC,白细胞,-,G/L,3.5-9.5"),
  aResult("6", "WBC,白细胞,5.0,G/L,3.5-9.5", "2"),
];

let feed: Feed;
beforeAll(async () => {
  feed = await feedIn(fileURLToPath(new URL("./county-a", import.meta.url)));
});

const observationsOf = (mapped: Mapped) =>
  mapped.sheets.flatMap((sheet) =>
    sheet.members.map((member) => member.resource).filter((one): one is Observation => one.resourceType === "Observation"),
  );
const digits = (value: unknown) => JSON.stringify(value);

describe("the county's laboratory export", () => {
  it("keeps printed digits, converts exactly, and never guesses", async () => {
    const mapped = await mapFiles(feed, [reports(aReport("R1")), results(...sixRows)]);
    const [wbc, crea, tsh, hbsag, none, withdrawn] = observationsOf(mapped);
    expect(digits(wbc?.valueQuantity)).toBe(
      '{"value":11.30,"unit":"10*9/L","system":"http://unitsofmeasure.org","code":"10*9/L"}',
    );
    expect(digits(crea?.valueQuantity?.value)).toBe("97.240");
    expect(digits([crea?.referenceRange?.[0]?.low?.value, crea?.referenceRange?.[0]?.high?.value])).toBe("[44.20,106.08]");
    expect(digits(tsh?.valueQuantity)).toContain('"comparator":"<","value":0.01');
    expect(hbsag?.valueString).toBe("阴性");
    expect(hbsag?.code?.coding).toEqual([{ system: "urn:hutong:county-a-lis:item", code: "HBsAg", display: "乙肝表面抗原" }]);
    expect(none).toMatchObject({ dataAbsentReason: { coding: [{ code: "unknown" }] } });
    expect(none?.valueQuantity ?? none?.valueString).toBeUndefined();
    expect(withdrawn?.status).toBe("entered-in-error");
    expect(mapped.report.tableMisses).toEqual([{ table: "lab-item", code: "HBsAg", count: 1 }]);
    expect(mapped.issues).toEqual([]);
  });

  it("makes one sheet of a report and its rows, the head first, its parents named with their keys", async () => {
    const { sheets } = await mapFiles(feed, [results(...sixRows), reports(aReport("R1"))]);
    expect(sheets).toHaveLength(1);
    expect(sheets[0]).toMatchObject({
      tenant: "county-a",
      head: "DiagnosticReport/lab-report.county-a.2026-11-18.R1",
      order: "2026-11-18T10:30:00+08:00",
    });
    expect(sheets[0]?.members.map((member) => member.kind)).toEqual(["lab-report", ...sixRows.map(() => "lab-result")]);
    expect(sheets[0]?.parents.map(({ type, key }) => [type, ...key])).toEqual([
      ["Patient", "card", "county-a", "01", "10000001"],
      ["Encounter", "county-a", "V1"],
    ]);
  });

  it("makes what the platform's profiles allow, whatever state the report and its rows are in", async () => {
    const check = await createProfileCheck(fileURLToPath(new URL("../../profiles/", import.meta.url)));
    for (const state of ["1", "2"]) {
      const { sheets } = await mapFiles(feed, [reports(aReport("R1", state)), results(...sixRows)]);
      const members = sheets.flatMap((sheet) => sheet.members);
      expect(members).toHaveLength(1 + sixRows.length);
      // Ids of the test are longer than FHIR allows.
      expect(members.flatMap(({ resource }) => check({ ...resource, id: "x" }))).toEqual([]);
    }
  });

  it("withdraws the rows of a withdrawn sheet", async () => {
    const { sheets } = await mapFiles(feed, [reports(aReport("R1", "2")), results(sixRows[0] as string)]);
    expect(sheets[0]?.members.map(({ state }) => state)).toEqual(["retracted", "retracted"]);
  });

  it("names a patient without a card by the file number", async () => {
    const { sheets } = await mapFiles(feed, [reports(aReport("R1", "1", undefined, "99,-"))]);
    expect(sheets[0]?.parents[0]?.key).toEqual(["file", "county-a", "F1"]);
  });

  it("sorts an issue that has no review time first", async () => {
    const { sheets } = await mapFiles(feed, [reports(aReport("R1", "1", "-"))]);
    expect(sheets[0]?.order).toBe("");
  });

  it("digests a row by what is declared and used: print time and undeclared columns do not make a new version", async () => {
    const once = await mapFiles(feed, [reports(aReport("R1"))]);
    const printed = fileOf(
      "LIS_REPORT_2.csv",
      csv(`${reportHeader},新列`, `${aReport("R1").replace("1900-01-01 00:00:00", "2026-11-19 09:00:00")},x`),
    );
    const again = await mapFiles(feed, [printed]);
    const [before, after] = [once.sheets[0]?.members[0]?.digest, again.sheets[0]?.members[0]?.digest];
    expect(after).toBe(before);
    expect(again.report.unmappedColumns).toEqual([{ table: "report", column: "新列", count: 1 }]);
  });

  it("keeps one of two rows with the same key, and tells the other", async () => {
    const { sheets, issues } = await mapFiles(feed, [
      reports(aReport("R1")),
      results(aResult("1", "WBC,白细胞,1.0,G/L,-"), aResult("1", "WBC,白细胞,2.0,G/L,-")),
    ]);
    expect(sheets[0]?.members).toHaveLength(2);
    expect(issues.map(({ code }) => code)).toEqual(["superseded"]);
  });

  it("tells a row without its report as an orphan, with file, line and the report it waits for", async () => {
    const { orphans, report } = await mapFiles(feed, [results(sixRows[0] as string)]);
    expect(orphans).toMatchObject([
      { tenant: "county-a", head: "DiagnosticReport/lab-report.county-a.2026-11-18.R1", file: "LIS_RESULT_1.csv", line: 2 },
    ]);
    expect(report.rows.result).toEqual({ read: 1, mapped: 0, skipped: 1 });
  });
});
