import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { multiplyExact, printedNumber, printedRange } from "../../src/mapping/decimal.ts";

describe("a printed result", () => {
  it.each<{ text: string; factor: string | undefined; expected: unknown }>`
    text          | factor       | expected
    ${"11.30"}    | ${undefined} | ${{ value: "11.30" }}
    ${"1.10"}     | ${"88.4"}    | ${{ value: "97.240" }}
    ${"0.9"}      | ${"100"}     | ${{ value: "90.0" }}
    ${"<0.01"}    | ${undefined} | ${{ comparator: "<", value: "0.01" }}
    ${"≥ 5"}      | ${undefined} | ${{ comparator: ">=", value: "5" }}
    ${">1000"}    | ${undefined} | ${{ comparator: ">", value: "1000" }}
    ${".5"}       | ${undefined} | ${{ value: "0.5" }}
    ${"007.0"}    | ${undefined} | ${{ value: "7.0" }}
    ${"-0.5"}     | ${"2"}       | ${{ value: "-1.0" }}
    ${"１１．３"} | ${undefined} | ${{ value: "11.3" }}
    ${"阴性"}     | ${undefined} | ${undefined}
    ${"+"}        | ${undefined} | ${undefined}
    ${"1:40"}     | ${undefined} | ${undefined}
    ${"1,234"}    | ${undefined} | ${undefined}
    ${"5-8"}      | ${undefined} | ${undefined}
  `("$text times $factor", ({ text, factor, expected }) => expect(printedNumber(text, factor)).toEqual(expected));

  it("is multiplied without losing a digit", () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
      .map(([whole, scale]) => {
        const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, "0");
        return {
          text: `${whole < 0n ? "-" : ""}${scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`}`,
          whole,
          scale,
        };
      });
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const product = multiplyExact(a.text, b.text);
        const places = b.text === "1" ? a.scale : a.scale + b.scale;
        expect(product.split(".")[1]?.length ?? 0).toBe(places);
        expect(BigInt(product.replace(".", ""))).toBe(a.whole * b.whole);
      }),
    );
  });
});

describe("a printed range", () => {
  it.each<{ text: string; factor: string | undefined; expected: unknown }>`
    text           | factor       | expected
    ${"3.5-9.5"}   | ${undefined} | ${{ low: "3.5", high: "9.5" }}
    ${"3.5--5.3"}  | ${undefined} | ${{ low: "3.5", high: "5.3" }}
    ${"3.5 ~ 9.5"} | ${undefined} | ${{ low: "3.5", high: "9.5" }}
    ${"0.5-1.2"}   | ${"88.4"}    | ${{ low: "44.20", high: "106.08" }}
    ${"<5.20"}     | ${undefined} | ${{ high: "5.20" }}
    ${"≥60"}       | ${undefined} | ${{ low: "60" }}
    ${"-2-3"}      | ${undefined} | ${{ low: "-2", high: "3" }}
    ${"阴性"}      | ${undefined} | ${undefined}
    ${"5.2"}       | ${undefined} | ${undefined}
  `("$text times $factor", ({ text, factor, expected }) => expect(printedRange(text, factor)).toEqual(expected));
});
