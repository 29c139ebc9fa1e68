import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { withCheckCharacter } from "../../scripts/sample/people.ts";
import { parseIdentityNumber } from "../../src/identity/parse-identity-number.ts";

const today = new Date("2026-11-18T02:00:00Z");
const parse = (text: string, allowTestRegions = false) => parseIdentityNumber(text, { allowTestRegions, today });
const valid = (number: string, birthDate: string, sex: "male" | "female") => ({ kind: "valid", number, birthDate, sex });

// Made for these tests; nobody is known to bear them.
const foreigner = withCheckCharacter("91110519900101001");
const macao = withCheckCharacter("82000019900101002");
const retired = withCheckCharacter("51022119900101002");

describe("a resident identity number (GB 11643-1999)", () => {
  it.each([
    ["the standard's first example", "11010519491231002X", valid("11010519491231002X", "1949-12-31", "female")],
    ["the standard's second example", "440524188001010014", valid("440524188001010014", "1880-01-01", "male")],
    ["15 digits become 18", "110105491231002", valid("11010519491231002X", "1949-12-31", "female")],
    ["a small x", "11010519491231002x", valid("11010519491231002X", "1949-12-31", "female")],
    ["full-width characters", "１１０１０５１９４９１２３１００２ｘ", valid("11010519491231002X", "1949-12-31", "female")],
    ["a foreigner's permanent residence card", foreigner, valid(foreigner, "1990-01-01", "male")],
    ["a residence permit of somebody from Macao", macao, valid(macao, "1990-01-01", "female")],
    ["a county that is no more", retired, valid(retired, "1990-01-01", "female")],
    ["spaces as people write them", "  110105 19491231 002X\t", valid("11010519491231002X", "1949-12-31", "female")],
  ])("is taken: %s", (_says, text, expected) => expect(parse(text)).toMatchObject(expected));

  it.each([
    ["990101199003070015", "1990-03-07", "male"],
    ["990101199003070023", "1990-03-07", "female"],
    ["99010119850615008X", "1985-06-15", "female"],
    ["990101201301010010", "2013-01-01", "male"],
  ] as const)("of province 99 (%s) counts only where sample people are allowed", (number, birthDate, sex) => {
    expect(parse(number, true)).toMatchObject(valid(number, birthDate, sex));
    expect(parse(number, false)).toEqual({ kind: "invalid", reason: "region" });
  });

  it("of 15 digits and province 99 becomes 18 as well", () =>
    expect(parse("990101900307001", true)).toMatchObject({ kind: "valid", number: "990101199003070015" }));

  it.each([
    ["the check character should be X", "110105194912310021", "checksum"],
    ["the check character should be 5", "99010119900307001X", "checksum"],
    ["31 February, although the check character is right", "110105194902310026", "date"],
    ["31 February in province 99", "990101194902310024", "date"],
    ["31 February and a wrong check character", "11010519490231002X", "date"],
    ["a birth before 1800", "110105179912310021", "date"],
    ["a month 13", "110105194913010028", "date"],
    ["born tomorrow", "990101202611190011", "future"],
    ["a province nobody has", "160105194912310021", "region"],
    ["a foreigner's permanent residence card with a wrong check character", "911105199001010011", "checksum"],
    ["a residence permit of Hong Kong with a county of its own", "810101199001010011", "region"],
    ["15 digits of a person born before 1900", "110105491231997", "century"],
    ["17 digits", "11010519491231002", "shape"],
    ["letters", "A10105194912310021", "shape"],
    ["X in the middle", "1101051949123100X2", "shape"],
    ["nothing", "", "shape"],
    ["the word for unknown", "不详", "shape"],
  ])("is refused: %s", (_says, text, reason) => expect(parse(text, true)).toEqual({ kind: "invalid", reason }));

  it("of a child born this morning in China is no future birth, although UTC is still in yesterday", () => {
    const bornToday = "990101202611190011".slice(0, 17);
    const reasons = [..."0123456789X"].map((check) => {
      const parsed = parseIdentityNumber(bornToday + check, {
        allowTestRegions: true,
        today: new Date("2026-11-18T17:00:00Z"),
      });
      return parsed.kind === "valid" ? "valid" : parsed.reason;
    });
    expect(reasons.filter((reason) => reason === "valid")).toHaveLength(1);
    expect(reasons).not.toContain("future");
  });

  it("with one digit changed is never taken (the check character sees every single change)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const number = "990101199003070015";
        const changed = number.slice(0, at) + ((Number(number[at]) + by) % 10) + number.slice(at + 1);
        return parse(changed, true).kind === "invalid";
      }),
    );
  });

  it("never throws, whatever is typed", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => ["valid", "invalid"].includes(parse(text, true).kind)));
  });
});
