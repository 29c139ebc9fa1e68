import { describe, expect, it } from "@jest/globals";
import { parse } from "csv-parse/sync";
import type { SampleExport } from "../../../scripts/sample/events.ts";
import { labExportOfA, labExportOfB, labMessagesOfC } from "../../../scripts/sample/fresh.ts";
import { freshResident } from "../../../scripts/sample/people.ts";
import { volumeOfA } from "../../../scripts/sample/volume.ts";

const at = new Date("2026-11-19T01:30:00Z");
const resident = freshResident({ seed: "one", today: at });
const creatinine = [{ item: "CREA", value: "86" }];

function tableOf(made: SampleExport, table: string): Record<string, string>[] {
  const bytes = made.files.find((file) => file.name.startsWith(table))?.bytes;
  return parse(new TextDecoder("gb18030", { fatal: true }).decode(bytes), { columns: true });
}

describe("a fresh resident", () => {
  it("is nobody of an earlier run and nobody of the loaded region", () => {
    const numbers = new Set(Array.from({ length: 500 }, () => freshResident().number));
    expect(numbers.size).toBe(500);
    expect([...numbers].every((number) => /^99(?!01)/.test(number))).toBe(true);
  });
});

describe("a lab export for a test", () => {
  it("delivers A's result as it was asked for, complete enough to be recognised", () => {
    const made = labExportOfA(resident, creatinine, at);
    expect(tableOf(made, "TB_LIS_INDICATORS")).toEqual([
      expect.objectContaining({ JYZBDM: "CREA", JYZBJG: "86", JLDW: "μmol/L", 互认标识: "全国HR" }),
    ]);
    expect(tableOf(made, "TB_LIS_REPORT")).toEqual([
      expect.objectContaining({ CJSJ: "2026-11-19 09:30:00", SHSJ: "2026-11-19 11:40:00", XGBZ: "1" }),
    ]);
    expect(tableOf(made, "TB_YL_PATIENT_INFORMATION")).toEqual([
      expect.objectContaining({ ZJHM: resident.number, XM: resident.name }),
    ]);
  });

  it("converts what the east campus prints in mg/dL", () => {
    expect(tableOf(labExportOfA(resident, creatinine, at, { campus: "0002" }), "TB_LIS_INDICATORS")[0]).toMatchObject({
      JYZBJG: "0.97",
      JLDW: "mg/dL",
    });
  });

  it("is the same sheet when it is issued again, later", () => {
    const [first] = tableOf(labExportOfA(resident, creatinine, at), "TB_LIS_REPORT");
    const [again] = tableOf(
      labExportOfA(resident, [{ item: "CREA", value: "90" }], at, {
        reviewedAt: new Date("2026-11-20T01:00:00Z"),
        state: "retracted",
      }),
      "TB_LIS_REPORT",
    );
    expect(again).toMatchObject({ BGRQ: first?.BGRQ, BGDH: first?.BGDH, JZLSH: first?.JZLSH, XGBZ: "2" });
    expect((again?.SHSJ ?? "") > (first?.SHSJ ?? "")).toBe(true);
  });

  it("names the same person at B and C", () => {
    const b = JSON.parse(labExportOfB(resident, creatinine, at).files[0]?.bytes.toString("utf8") ?? "");
    expect(b.T_PATIENT[0]).toMatchObject({ id_no: resident.number });
    expect(b.T_TEST_REC[0].T_TESTR_RES_INDICATE[0]).toMatchObject({ test_proj_code_exp: "J3001", test_index_result: "86" });
    const [adt, oru] = labMessagesOfC(resident, creatinine, at).map((made) => made.files[0]?.bytes.toString("latin1") ?? "");
    expect(adt).toContain(`~${resident.number}^^^SFZ^NI|`);
    expect(oru).toContain("|86|");
  });

  it("refuses an item the sample does not have", () => {
    expect(() => labExportOfA(resident, [{ item: "CRAE", value: "1" }], at)).toThrow("no item CRAE");
  });
});

describe("a large export", () => {
  const volume = volumeOfA({ seed: "v", residents: 40, reports: 1300, days: 30, today: at });

  it("has as many rows as it says, in files that decode", () => {
    const lines = volume.files.map(
      (file) =>
        new TextDecoder("gb18030", { fatal: true })
          .decode(Buffer.concat([...file.chunks()]))
          .trimEnd()
          .split("\r\n").length - 1,
    );
    expect(lines.reduce((sum, count) => sum + count, 0)).toBe(volume.rows);
  });

  it("is the same each time it is read", () => {
    const read = () => Buffer.concat([...(volume.files[3]?.chunks() ?? [])]);
    expect(read().equals(read())).toBe(true);
  });
});
