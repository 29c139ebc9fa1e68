import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { parseMark, parseMarks, scopeOfMark } from "../../src/recognition/marks.ts";
import { regionOf } from "../../src/recognition/scopes.ts";
import { linhuCatalogue } from "./laboratory.ts";

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await linhuCatalogue(new Date("2026-11-22T02:00:00Z"));
});

describe("a printed mark", () => {
  it.each`
    printed             | words
    ${"全国HR"}         | ${"全国"}
    ${"京津冀HR"}       | ${"京津冀"}
    ${"鄂HR"}           | ${"鄂"}
    ${"武汉HR"}         | ${"武汉"}
    ${"吉林省HR"}       | ${"吉林省"}
    ${"晋HR"}           | ${"晋"}
    ${"昆明HR"}         | ${"昆明"}
    ${"本省HR"}         | ${"本省"}
    ${"HR"}             | ${""}
    ${"鄂ＨＲ"}         | ${"鄂"}
    ${" 临湖省HR "}     | ${"临湖省"}
    ${"临HR"}           | ${"临"}
    ${"★鄂HR"}          | ${"鄂"}
    ${"＊苏HR"}         | ${"苏"}
    ${"火星HR"}         | ${"火星"}
    ${"北京市西城区HR"} | ${"北京市西城区"}
  `("$printed has the scope words «$words»", ({ printed, words }) =>
    expect(parseMark(String(printed))).toEqual({ kind: "scoped", words }),
  );

  it.each(["HR鄂", "鄂", "hr", "", "HRS"])("%s is no mark", (printed) => expect(parseMark(printed)).toEqual({ kind: "none" }));

  it.each(["★肌酐", "*肌酐", "＊ 肌酐", "★"])("%s says what its sheet declares", (printed) =>
    expect(parseMark(printed)).toEqual({ kind: "sheet" }),
  );
});

it.each`
  printed                     | marks
  ${"全国HR、鄂HR"}           | ${["全国", "鄂"]}
  ${"全国HR，鄂ＨＲ；武汉HR"} | ${["全国", "鄂", "武汉"]}
  ${"全国HR 鄂HR"}            | ${["全国", "鄂"]}
  ${"临湖省 HR"}              | ${["临湖省"]}
  ${"HR"}                     | ${[""]}
  ${"无、-"}                  | ${[]}
  ${""}                       | ${[]}
`("$printed has the marks $marks", ({ printed, marks }) =>
  expect(parseMarks(printed as string).map((mark) => (mark.kind === "scoped" ? mark.words : mark.kind))).toEqual(marks),
);

it("a result without a printed mark has none", () => expect(parseMarks(undefined)).toEqual([]));

it("a text too long for a mark is none, however it is made", () => {
  expect(parseMarks(`${" ".repeat(1_000_000)}x HR`)).toEqual([]);
  expect(parseMarks(`${"全".repeat(199)}HR`)).toEqual([]);
});

describe("the scope of a mark", () => {
  it.each`
    words       | printedIn      | scope          | covers
    ${"全国"}   | ${"hubei"}     | ${"cn"}        | ${true}
    ${"临湖省"} | ${"linhu-shi"} | ${"linhu"}     | ${true}
    ${"临"}     | ${"linhu-shi"} | ${"linhu"}     | ${true}
    ${"临湖市"} | ${"linhu-shi"} | ${"linhu-shi"} | ${true}
    ${"苇塘县"} | ${"weitang"}   | ${"weitang"}   | ${true}
    ${"京津冀"} | ${"bj"}        | ${"jjj"}       | ${false}
    ${"鄂"}     | ${"wuhan"}     | ${"hubei"}     | ${false}
    ${"武汉"}   | ${"wuhan"}     | ${"wuhan"}     | ${false}
    ${"本省"}   | ${"linhu-shi"} | ${"linhu"}     | ${true}
    ${"全省"}   | ${"wuhan"}     | ${"hubei"}     | ${false}
    ${"全市"}   | ${"weitang"}   | ${"linhu-shi"} | ${true}
  `("$words printed in $printedIn means $scope; covers 苇塘县: $covers", ({ words, printedIn, scope, covers }) => {
    expect(scopeOfMark(String(words), String(printedIn), catalogue.scopes)).toBe(scope);
    expect(catalogue.scopes.covers(String(scope), "weitang")).toBe(covers);
  });

  it.each(["火星", "北京市西城区", "constructor"])("%s is unknown, so it covers nobody", (words) =>
    expect(scopeOfMark(words, "linhu-shi", catalogue.scopes)).toBeUndefined(),
  );

  it("本省 of a laboratory whose region nobody knows is unknown", () =>
    expect(scopeOfMark("本省", undefined, catalogue.scopes)).toBeUndefined());

  it("北京 lies in 京津冀 and in 京津冀鲁, 山东 only in the larger one", () => {
    expect(catalogue.scopes.covers("jjj", "bj")).toBe(true);
    expect(catalogue.scopes.covers("jjjl", "bj")).toBe(true);
    expect(catalogue.scopes.covers("jjj", "shandong")).toBe(false);
    expect(catalogue.scopes.covers("jjjl", "shandong")).toBe(true);
  });

  it("an institution lies in the narrowest region the policy knows", () => {
    expect(regionOf({ province: "临湖省", city: "临湖市", county: "苇塘县" }, catalogue.scopes)).toBe("weitang");
    expect(regionOf({ province: "临湖省", city: "不知名市" }, catalogue.scopes)).toBe("linhu");
    expect(regionOf({ province: "不知名省" }, catalogue.scopes)).toBeUndefined();
  });
});
