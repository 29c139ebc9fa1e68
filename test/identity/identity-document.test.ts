import { describe, expect, it } from "@jest/globals";
import { normaliseDocument } from "../../src/identity/identity-document.ts";
import { hisNumber } from "./people.ts";

const eCard = "A1B2".repeat(16);

describe("a document", () => {
  it.each<[said: string, type: string, written: string, number: string | undefined]>([
    ["identity card of 15 digits", "resident-id", "990101900307001", hisNumber],
    ["passport as people write it", "passport", "e 1234-567", "E1234567"],
    ["Hong Kong permit with the number of its issue", "hk-macau-permit", "H1234567801", "H12345678"],
    ["Taiwan permit", "taiwan-permit", "01234567", "01234567"],
    ["permanent residence card of the old form", "permanent-residence", "CAN110074122501", "CAN110074122501"],
    ["e-health card id", "health-card", eCard.toLowerCase(), eCard],
    ["medical insurance number", "insurance", "３３０１００１２３４", "3301001234"],
    ["birth certificate", "birth-certificate", "T330123456", "T330123456"],
    ["identity card with a digit missing", "resident-id", "9901011990030700", undefined],
    ["passport that is a phone", "passport", "100-1234-5678-90", undefined],
    ["permit that is a name", "hk-macau-permit", "张三", undefined],
    ["number typed for want of one", "insurance", "00000000", undefined],
    ["number typed in a row", "local-card", "123456", undefined],
    ["dash", "other", "-", undefined],
  ])("%s is compared as such, or not at all", (_said, type, written, number) =>
    expect(normaliseDocument({ type, number: written })).toEqual(number === undefined ? undefined : { type, number }),
  );

  it("of a type nobody knows is some other document", () =>
    expect(normaliseDocument({ type: "library-card", number: "AB1234" })).toEqual({ type: "other", number: "AB1234" }));
});
