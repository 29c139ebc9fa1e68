import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { normaliseName } from "../../src/identity/normalise-name.ts";

describe("a name", () => {
  it.each([
    ["spaces between the characters", "张 三", "张三"],
    ["a full-width space", "张　三", "张三"],
    ["a zero-width space", "张\u200B三", "张三"],
    ["the dot of one input method", "买买提•艾力", "买买提·艾力"],
    ["the Japanese middle dot", "买买提・艾力", "买买提·艾力"],
    ["a full stop for a dot", "买买提．艾力", "买买提·艾力"],
    ["two dots", "买买提··艾力", "买买提·艾力"],
    ["a character an old table kept in private use", "李\uE863", "李䶮"],
    ["another one", "李\uE81E", "李\u9FB4"],
    ["full-width letters", "Ｊｏｈｎ Ｓｍｉｔｈ", "JOHNSMITH"],
    ["a compatibility form of a character", "\uF9F4三", "林三"],
  ])("is the same with %s", (_says, written, meant) => expect(normaliseName(written)).toBe(normaliseName(meant)));

  it.each([
    ["two people", "张三", "张四"],
    ["traditional and simplified characters (a steward's question)", "張三", "张三"],
    ["a dot that is missing", "买买提艾力", "买买提·艾力"],
  ])("stays different for %s", (_says, one, other) => expect(normaliseName(one)).not.toBe(normaliseName(other)));

  it.each([
    undefined,
    "",
    " ",
    "未知",
    "不详",
    "无名氏",
    "N/A",
    "null",
    "张*",
    "李??",
    "--",
    "···",
    "12345",
    "李四之女",
    "张三之次子",
    "王五之双A女",
    "新生儿",
  ])("%p names nobody", (written) => expect(normaliseName(written)).toBeUndefined());

  it("that is normal stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const once = normaliseName(text);
        return once === undefined || normaliseName(once) === once;
      }),
    );
  });
});
