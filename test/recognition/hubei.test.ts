import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { parseMark, scopeOfMark } from "../../src/recognition/marks.ts";
import { instantOf, policiesFolder, policyOf } from "./laboratory.ts";

// A second region, added by data alone: what the public texts say of 湖北 and 武汉 (windows, marks, scopes), against the policy that was written from them.
let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = catalogueOn(await policyOf("hubei"), instantOf("2026-11-22 10:00"));
});

describe("时限 (湖北省人民医院公告)", () => {
  it.each`
    days  | names
    ${30} | ${"总蛋白 白蛋白 铁蛋白 葡萄糖 总胆固醇 甘油三酯 高密度脂蛋白胆固醇 低密度脂蛋白胆固醇 载脂蛋白A1 载脂蛋白B 总胆红素 直接胆红素"}
    ${60} | ${"糖化血红蛋白"}
    ${7}  | ${"钾 钠 氯 钙 镁 铁 总铁结合力 无机磷 锂"}
  `("$days 天: $names", ({ days, names }) => {
    const published = [...catalogue.items.values()]
      .filter((item) => catalogue.windowOf(item.id, "outpatient")?.provisional === false)
      .filter((item) => catalogue.windowOf(item.id, "outpatient")?.days === days)
      .map((item) => item.name);
    expect(published.sort()).toEqual(String(names).split(" ").sort());
  });

  it("what no text gave is provisional, and says so", () => {
    expect(catalogue.windowOf("alt", "outpatient")?.provisional).toBe(true);
    expect(catalogue.windowOf("chest-ct", "outpatient")?.provisional).toBe(true);
  });
});

describe("标识 (鄂HR, 武汉HR)", () => {
  it.each`
    printed     | inside       | scope        | wuhan
    ${"鄂HR"}   | ${"wuhan"}   | ${"hubei"}   | ${true}
    ${"鄂ＨＲ"} | ${"yichang"} | ${"hubei"}   | ${true}
    ${"武汉HR"} | ${"wuhan"}   | ${"wuhan"}   | ${true}
    ${"宜昌HR"} | ${"yichang"} | ${"yichang"} | ${false}
    ${"本市HR"} | ${"yichang"} | ${"yichang"} | ${false}
    ${"本省HR"} | ${"yichang"} | ${"hubei"}   | ${true}
    ${"鄂州HR"} | ${"ezhou"}   | ${"ezhou"}   | ${false}
    ${"全国HR"} | ${"wuhan"}   | ${"cn"}      | ${true}
    ${"苏HR"}   | ${"wuhan"}   | ${"jiangsu"} | ${false}
  `("$printed of a laboratory in $inside covers 武汉: $wuhan", ({ printed, inside, scope, wuhan }) => {
    const mark = parseMark(String(printed));
    const meant = mark.kind === "scoped" ? scopeOfMark(mark.words, String(inside), catalogue.scopes) : undefined;
    expect(meant).toBe(scope);
    expect(catalogue.scopes.covers(String(meant), "wuhan")).toBe(wuhan);
  });

  it("★ before an item stands for 鄂HR", () => expect(catalogue.head.starMeans).toBe("鄂HR"));
});

it("98 and 99 are not offered here, the six of the law are", () => {
  expect(catalogue.declineReasons.map((one) => one.code)).toEqual([
    ...["condition-changed", "rapidly-changing", "critical-decision", "emergency", "forensic-assessment", "other-necessary"],
  ]);
});

it("no region stands in the code: its names are in data alone", () => {
  const names = regionNames();
  expect(names).toEqual(expect.arrayContaining(["hubei", "linhu", "武汉", "湖北省", "临湖省", "鄂州"]));
  const files = ["src/recognition", "src/ordering"].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((file) => path.join(folder, String(file)))
      .filter((file) => file.endsWith(".ts")),
  );
  const found = files.flatMap((file) => {
    const code = withoutComments(readFileSync(file, "utf8"));
    return names.filter((name) => code.includes(`"${name}`) || code.includes(`${name}"`)).map((name) => `${file}: ${name}`);
  });
  expect(found).toEqual([]);
});

/** Every name longer than one character that a policy gives a place, and every id. */
function regionNames(): string[] {
  const files = readdirSync(policiesFolder, { recursive: true }).map((file) => path.join(policiesFolder, String(file)));
  const scopes = files
    .filter((file) => file.endsWith(".yaml"))
    .flatMap((file) => (parse(readFileSync(file, "utf8")) as { scopes?: { id: string; names: string[] }[] }).scopes ?? [])
    .filter((scope) => !["cn"].includes(scope.id));
  return [...new Set(scopes.flatMap(({ id, names }) => [id, ...names]))].filter(
    (name) => name.length > 2 || /^\p{Script=Han}{2}/u.test(name),
  );
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
