import { describe, expect, it } from "@jest/globals";
import type { CatalogueAnswer, CatalogueItem } from "../../src/http/contract/catalogue.ts";
import { basisWords, found, subjectOf, windowsOf, windowWords, yuan } from "../../src/web/staff/catalogue-words.ts";
import { charted, monthBefore, rateWords, wholeYuan } from "../../src/web/staff/figures-words.ts";
import { imaginedFor, requestOf } from "../../src/web/staff/imagined.ts";
import { groundOf } from "../../src/web/staff/ruling-words.ts";

const stated = { source: "s", clause: "c", effective: { from: "2026-01-01" }, provisional: false };
const general = { ...stated, id: "w", results: "others", days: 30, anchor: "collected" } as const;
const item: CatalogueItem = {
  ...{ ...stated, id: "creatinine", name: "肌酐", kind: "lab", loinc: "14682-9", alsoLoinc: ["2160-0"], unit: "umol/L" },
  ...{ specimens: ["serum"], comparability: "unit", methods: [], windows: [general], prices: [], panels: ["kidney"] },
  ...{ conditions: [], bases: ["mark"] },
};
const panel = {
  ...stated,
  id: "kidney",
  name: "肾功能",
  members: ["creatinine"],
  core: ["creatinine"],
  advice: "all",
} as const;
const catalogue = { items: [item], panels: [panel], names: { serum: "血清" } } as unknown as CatalogueAnswer;

describe("finding an item", () => {
  it.each(["肌", "14682", "2160-0", " Creatinine ", "肾功能", ""])("%p finds creatinine", (words) =>
    expect(found(catalogue, { words, kind: "all" })).toHaveLength(1),
  );
  it("looks only among the kind chosen", () => expect(found(catalogue, { words: "", kind: "imaging" })).toEqual([]));
  it("finds nothing by words that stand nowhere", () => expect(found(catalogue, { words: "钾", kind: "all" })).toEqual([]));
});

describe("the words of the catalogue", () => {
  it("says how long and from which moment, and for which visits", () => {
    expect(windowWords(general)).toBe("30 天（自采样）");
    expect(windowWords({ ...general, days: 7, settings: ["inpatient"] })).toBe("住院：7 天（自采样）");
  });

  it("names the window for all first, and keeps the institution's own apart", () => {
    const single = { ...general, id: "i", settings: ["inpatient" as const] };
    const own = { ...general, id: "o", results: "own" as const };
    expect(windowsOf({ windows: [single, own, general] }, "others").map((one) => one.id)).toEqual(["w", "i"]);
    expect(windowsOf({ windows: [single, own, general] }, "own").map((one) => one.id)).toEqual(["o"]);
  });

  it("joins what one basis needs together", () => {
    const basis = { ...stated, id: "b", kinds: ["lab" as const], all: ["mark-and-certificate", "alliance"] };
    expect(basisWords(basis)).toBe("互认标识和室间质评合格，且医联体内");
  });

  it("calls specimens and sites by their names, and an id without one by itself", () => {
    expect(subjectOf(item, { serum: "血清" })).toBe("血清 · umol/L");
    expect(subjectOf(item, {})).toBe("serum · umol/L");
  });

  it("gives prices in yuan", () => expect(yuan(1250)).toBe("12.50 元"));
});

describe("an imagined result", () => {
  const parties = ["a", "b"].map((code) => ({ code, name: code, ji: 3, deng: "甲", place: "p" }));

  it("begins as another institution's, of the item's own unit and specimen, measured there", () => {
    expect(imaginedFor(catalogue, parties, "a")).toMatchObject({
      source: "b",
      laboratory: "b",
      unit: "umol/L",
      specimen: "血清",
    });
  });

  it("leaves out what is not told", () => {
    const bare = { ...imaginedFor(catalogue, parties, "a"), laboratory: "", unit: " ", mark: "" };
    const { prior } = requestOf(bare, new Date("2026-11-18T00:00:00Z"));
    expect(Object.keys(prior).sort()).toEqual(["at", "link", "reportedAt", "source", "specimen", "status"]);
    expect(prior.at).toBe("2026-11-15T00:00:00.000Z");
  });
});

describe("the ground of a rule", () => {
  const law = "国卫医发〔2022〕6号 第四条";
  it("is the law alone where the region cites the same document", () =>
    expect(groundOf({ law, source: "互认管理办法（国卫医发〔2022〕6号）", clause: "第四条" })).toBe(law));
  it("names the region's own document beside it", () =>
    expect(groundOf({ law, source: "临湖省工作方案", clause: "三" })).toBe(`${law}；临湖省工作方案 三`));
});

describe("figures", () => {
  const row = (key: string, recognised: number) => ({ key, name: key, items: { recognised }, visits: {} }) as never;
  const ends = [{ measure: "recognised" }];

  it("charts the largest rows first, leaves out the empty, and keeps months in their order", () => {
    const rows = [row("2026-10", 1), row("2026-09", 5), row("2026-08", 0)];
    const keys = (by: "item" | "month") => charted({ rows, by }, ends).map((one) => one.key);
    expect(keys("item")).toEqual(["2026-09", "2026-10"]);
    expect(keys("month")).toEqual(["2026-08", "2026-09", "2026-10"]);
  });

  it("shows no rate where there was nothing to recognise", () => {
    expect(rateWords({ numerator: 0, denominator: 0 })).toBe("—");
    expect(rateWords({ numerator: 1, denominator: 3, percent: 33.33 })).toBe("33.3%");
  });

  it("counts months back over the turn of a year, and money in whole yuan", () => {
    expect(monthBefore(new Date(2026, 0, 31), 2)).toBe("2025-11");
    expect(wholeYuan(1_234_560)).toBe("12,346 元");
  });
});
