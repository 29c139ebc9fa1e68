import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide } from "../../src/recognition/decide.ts";
import { type Trend, trendOf } from "../../src/recognition/trend.ts";
import { type GivenResult, priorOf } from "./described-results.ts";
import { made, now, resultIn } from "./generated.ts";
import { certificatesOf, institutionOf, linhuPolicy, orderOf } from "./laboratory.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = catalogueOn(await linhuPolicy(), now);
});

function trend(given: readonly GivenResult[], item = "creatinine"): Trend | undefined {
  const priors = given.map((one, index) => priorOf({ id: `h${index}`, item, ...one }, catalogue));
  const grounds = { catalogue, certificates: certificatesOf([{}], catalogue, item), institutionOf, now };
  return trendOf(decide(priors, orderOf({ item }, catalogue), grounds));
}

const on = (day: string, value: string, more: Partial<GivenResult> = {}): GivenResult => ({
  collected: `2026-11-${day} 08:00`,
  reported: `2026-11-${day} 12:00`,
  value,
  range: "57-111",
  ...more,
});
const valuesOf = (found: Trend | undefined) => found?.points.map((segment) => segment.map((point) => point.value));

describe("the course of an item", () => {
  it.each`
    said                                                    | given                                                                                                                                                                                             | values
    ${"一个值没有趋势"}                                     | ${[on("01", "86")]}                                                                                                                                                                               | ${undefined}
    ${"按采样时间排成一条线"}                               | ${[on("19", "101"), on("01", "86"), on("10", "92")]}                                                                                                                                              | ${[[86, 92, 101]]}
    ${"本院的结果也在线上"}                                 | ${[on("01", "86"), on("10", "92", { source: "c-county", mark: null })]}                                                                                                                           | ${[[86, 92]]}
    ${"超出时限的结果仍在线上"}                             | ${[on("01", "86", { collected: "2026-08-01 08:00", reported: "2026-08-01 12:00" }), on("10", "92")]}                                                                                              | ${[[86, 92]]}
    ${"参考范围改变处断开"}                                 | ${[on("01", "86"), on("10", "92", { range: "41-81" }), on("19", "95", { range: "41-81" })]}                                                                                                       | ${[[86], [92, 95]]}
    ${"方法改变处断开"}                                     | ${[on("01", "86", { method: "酶法" }), on("10", "92", { method: "苦味酸法" })]}                                                                                                                   | ${[[86], [92]]}
    ${"平台改变处断开"}                                     | ${[on("01", "86", { platform: "甲" }), on("10", "92", { platform: "乙" })]}                                                                                                                       | ${[[86], [92]]}
    ${"单位改变处断开，数值换算成本项目的单位"}             | ${[on("01", "86"), on("10", "1", { unit: "mg/dL" })]}                                                                                                                                             | ${[[86], [88.4]]}
    ${"又变回来也不接上"}                                   | ${[on("01", "86"), on("10", "92", { range: "41-81" }), on("19", "95")]}                                                                                                                           | ${[[86], [92], [95]]}
    ${"全角与半角的方法名称是同一个"}                       | ${[on("01", "86", { method: "ＨＰＬＣ" }), on("10", "92", { method: "HPLC" })]}                                                                                                                   | ${[[86, 92]]}
    ${"按相似度匹配的身份、作废、未审核、别的标本不在线上"} | ${[on("01", "86"), on("05", "1", { link: "score" }), on("06", "2", { status: "entered-in-error" }), on("07", "3", { status: "preliminary" }), on("08", "4", { specimen: "尿" }), on("10", "92")]} | ${[[86, 92]]}
    ${"低于检出限的没有点"}                                 | ${[on("01", "86"), on("10", "<5"), on("19", "95")]}                                                                                                                                               | ${[[86, 95]]}
    ${"将来的采样时间没有点"}                               | ${[on("01", "86"), on("30", "92")]}                                                                                                                                                               | ${undefined}
  `("$said", ({ given, values }) => expect(valuesOf(trend(given as GivenResult[]))).toEqual(values));

  it("of an item bound to its method breaks between laboratories that do not name theirs", () => {
    const given = [
      on("01", "6.1", { source: "a-provincial" }),
      on("10", "6.4", { source: "a-provincial" }),
      on("19", "6.9", { source: "b-central" }),
    ];
    expect(
      valuesOf(
        trend(
          given.map((one) => ({ ...one, unit: "%" })),
          "hba1c",
        ),
      ),
    ).toEqual([[6.1, 6.4], [6.9]]);
  });

  it("does not exist for a qualitative item", () =>
    expect(trend([on("01", "1.2", { unit: null }), on("10", "1.4", { unit: null })], "hbsag")).toBeUndefined());

  it("tells where each value stands, as printed and as compared", () =>
    expect(trend([on("01", "86"), on("10", "0.97", { unit: "mg/dl" })])?.points[1]).toEqual([
      {
        at: "2026-11-10T00:00:00.000Z",
        value: 85.748,
        unit: "umol/L",
        printed: "0.97 mg/dl",
        source: "a-provincial",
        evidence: "a-provincial/Observation/h1/_history/1",
      },
    ]));

  it("is in time, loses and doubles nothing, and does not depend on the order of results", () => {
    const [linhu] = made;
    if (linhu === undefined) throw new Error("there is a region");
    fc.assert(
      fc.property(fc.array(resultIn(linhu, ["creatinine", "potassium"]), { maxLength: 12 }), (given) => {
        const unique = given.map((one, index) => ({ ...one, id: `h${index}` }));
        const found = trend(unique);
        const points = found?.points.flat() ?? [];
        expect(points.map((point) => point.at)).toEqual([...points.map((point) => point.at)].sort());
        expect(new Set(points.map((point) => point.evidence)).size).toBe(points.length);
        expect(found?.points.filter((segment) => segment.length === 0) ?? []).toEqual([]);
        expect(points.every((point) => point.unit === "umol/L" && Number.isFinite(point.value))).toBe(true);
        expect(trend([...unique].reverse())).toEqual(found);
      }),
      { numRuns: 500 },
    );
  });
});
