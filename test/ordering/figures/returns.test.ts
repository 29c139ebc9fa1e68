import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { countMonth } from "../../../src/ordering/figures/count-month.ts";
import { fillReturn } from "../../../src/ordering/figures/fill-return.ts";
import { loadReturns, type ReturnTemplate, readReturn } from "../../../src/ordering/figures/return-template.ts";
import { catalogueOn } from "../../../src/recognition/catalogue.ts";
import { type Certificate, indexCertificates } from "../../../src/recognition/certificates.ts";
import type { Party } from "../../../src/recognition/rules/rule.ts";
import { institutionOf, linhuPolicy } from "../../recognition/laboratory.ts";
import { fact, november, only } from "./told-facts.ts";

const folder = new URL("../../../profiles/recognition/returns/", import.meta.url).pathname;
const yaml = readFileSync(`${folder}liaoning.yaml`, "utf8");
const party = (code: string) => institutionOf(code) as Party;

const certificate = (laboratory: string, item: string, more: Partial<Certificate> = {}): Certificate => ({
  id: `${laboratory}-${item}`,
  laboratory,
  item,
  body: "国家卫生健康委临床检验中心",
  level: "national",
  scope: undefined,
  result: "passed",
  from: "2026-01-01",
  to: "2026-12-31",
  ...more,
});

describe("the 辽宁 return", () => {
  it("is one of the returns that come with the project", async () => {
    expect([...(await loadReturns(folder)).keys()]).toEqual(["liaoning"]);
  });

  it("has a row per class of hospitals: who passed, what was recognised, what it saved in 元, what was opened", async () => {
    const catalogue = catalogueOn(await linhuPolicy(), november.now);
    const months = [
      countMonth(
        only(
          fact("adopted", "11-05 10:00", { of: "a", fen: 540 }),
          fact("adopted", "11-05 10:00", { of: "b", item: "chest-ct", fen: 19_850 }),
          fact("adopted", "11-05 10:00", { of: "c", item: "chest-dr", fen: 7200 }),
          fact("viewed", "11-05 09:50", { of: "b", item: "chest-ct" }),
        ),
        november,
      ),
    ];
    const certificates = indexCertificates([
      certificate("c-county", "creatinine"),
      certificate("c-county", "urea"),
      certificate("a-provincial", "creatinine", { level: "provincial" }),
      certificate("a-provincial", "urea", { result: "failed" }),
      certificate("a-provincial", "chest-ct", { level: "provincial" }),
    ]);
    const rows = fillReturn(readReturn(yaml) as ReturnTemplate, {
      months,
      institutions: ["a-provincial", "b-central", "c-county"].map(party),
      catalogue,
      certificates,
      day: "2026-11-30",
      today: "2026-12-05",
    });
    const template = readReturn(yaml) as ReturnTemplate;
    const cell = (row: string, column: string) =>
      rows.find((one) => one.id === row)?.values[template.columns.findIndex((one) => one.id === column)];
    const row = (id: string) => template.columns.map((one) => `${one.id} ${cell(id, one.id)}`);
    expect(row("secondary")).toEqual([
      ...["institutions 1", "eqa-national 1", "eqa-provincial 0", "imaging-qc 0", "items-national 2", "items-provincial 0"],
      ...["dr 1", "dr-yuan 72", "mr 0", "mr-yuan 0", "ct 1", "ct-yuan 198.5", "lab 1", "lab-yuan 5.4", "views 1"],
    ]);
    expect(row("tertiary").slice(0, 6)).toEqual([
      "institutions 2",
      "eqa-national 0",
      "eqa-provincial 1",
      "imaging-qc 1",
      "items-national 0",
      "items-provincial 1",
    ]);
    expect(cell("total", "ct-yuan")).toBe(198.5);
    expect(cell("total", "institutions")).toBe(3);
  });

  it.each([
    ["a measure nobody counts", ["sum: viewed", "sum: looked"], /must have an id, a title and one of/],
    ["a column that is named twice", ["id: views", "id: lab"], /names a column twice/],
    ["a 级 in two classes", ["ji: [1, 9]", "ji: [1, 2]"], /names a 级 twice/],
    ["a level nobody has", ["level: national", "level: galactic"], /must have an id/],
    ["no source", ["  source: 辽宁省互认统计表（见于公开代码）\n", ""], /return\.source/],
  ])("with %s is refused with its line", (_, [from = "", to = ""], reason) => {
    const read = readReturn(yaml.replace(from, to));
    if (!Array.isArray(read)) throw new Error("it was taken");
    expect(read[0]?.reason).toMatch(reason);
    expect(read[0]?.line).toBeGreaterThan(3);
  });
});
