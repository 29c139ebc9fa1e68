import { describe, expect, it } from "@jest/globals";
import { digitsOf, exactNumber, numberOf, parseExact } from "../../src/kernel/exact-json.ts";

describe("decimals keep their digits", () => {
  it.each(["11.30", "0.10", "12345678901234567890.12", "5", "-0.50", "1e2"])("%s", (digits) => {
    expect(JSON.stringify({ value: exactNumber(digits) })).toBe(`{"value":${digits}}`);
    const parsed = parseExact(`{"value":${digits}}`) as { value: number };
    expect(JSON.stringify(parsed)).toBe(`{"value":${digits}}`);
    expect(digitsOf(parsed.value)).toBe(digits);
    expect(numberOf(parsed.value)).toBe(Number(digits));
  });
  it("leaves text that looks like a number alone", () =>
    expect(JSON.stringify(parseExact('{"a":"11.30"}'))).toBe('{"a":"11.30"}'));
  it("refuses what is no number", () => expect(() => exactNumber("<0.5")).toThrow(SyntaxError));
});
