import { describe, expect, it } from "@jest/globals";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";

const keys = (fill: number) => ({
  ids: Buffer.alloc(32, fill),
  index: Buffer.alloc(32, fill + 1),
  data: Buffer.alloc(32, fill + 2),
});
const suite = createCryptoSuite(keys(1));

describe("computed ids", () => {
  it("are a letter and 40 hex digits", () =>
    expect(suite.computeId("a-provincial", "Patient", "patient", "0001")).toMatch(/^h[0-9a-f]{40}$/));
  it("are the same for the same parts, and differ when a part's border moves", () => {
    expect(suite.computeId("ab", "c")).toBe(suite.computeId("ab", "c"));
    expect(suite.computeId("ab", "c")).not.toBe(suite.computeId("a", "bc"));
  });
  it("differ under another installation's key", () =>
    expect(createCryptoSuite(keys(9)).computeId("ab")).not.toBe(suite.computeId("ab")));
});

describe("sealed values", () => {
  const number = "990101199003070015";
  it("open again, and a replay seals to the same text", () => {
    expect(suite.open("Patient/h1", suite.seal("Patient/h1", number)).toString()).toBe(number);
    expect(suite.seal("Patient/h1", number)).toBe(suite.seal("Patient/h1", number));
  });
  it("do not show the value", () =>
    expect(Buffer.from(suite.seal("x", number), "base64").toString("latin1")).not.toContain("1990"));
  it.each`
    said                           | open
    ${"under another context"}     | ${() => suite.open("Patient/h2", suite.seal("Patient/h1", number))}
    ${"with another key"}          | ${() => createCryptoSuite(keys(9)).open("Patient/h1", suite.seal("Patient/h1", number))}
    ${"when a byte was changed"} | ${() => suite.open("x", `A${suite
      .seal("x", number)
      .slice(1)
      .replace(/^./, (c) => (c === "B" ? "C" : "B"))}`)}
    ${"when it is no sealed text"} | ${() => suite.open("x", "")}
  `("do not open $said", ({ open }) => expect(open).toThrow("could not be opened"));
});

describe("the fingerprint", () => {
  it("tells two installations apart without telling the keys", () => {
    expect(suite.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(createCryptoSuite(keys(9)).fingerprint).not.toBe(suite.fingerprint);
  });
});
