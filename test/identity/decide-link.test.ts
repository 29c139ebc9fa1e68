import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decideLink, type LinkEvidence } from "../../src/identity/decide-link.ts";
import type { IdentityNumber } from "../../src/identity/parse-identity-number.ts";

const number = { number: "990101199003070015" as IdentityNumber, birthDate: "1990-03-07", sex: "male" } as const;
const agrees: LinkEvidence = { number, birthDate: "1990-03-07", sex: "male", nameDigest: "张三", linkedNames: ["张三"] };
const { birthDate: _birthDate, ...withoutBirthDate } = agrees;
const { sex: _sex, ...withoutSex } = agrees;
const { nameDigest: _name, ...withoutName } = agrees;

describe("whether a machine may link a record to the person of its number", () => {
  it.each<[string, LinkEvidence, readonly string[]]>([
    ["everything agrees", agrees, []],
    ["the first record of this person", { ...agrees, linkedNames: [] }, []],
    ["an unknown birth date does not disagree", withoutBirthDate, []],
    ["an unknown sex does not disagree", withoutSex, []],
    ["an unknown name does", withoutName, ["name-unknown"]],
    ["an unknown name does, even for the first record", { ...withoutName, linkedNames: [] }, ["name-unknown"]],
    ["another name", { ...agrees, nameDigest: "李四" }, ["name-differs"]],
    ["nobody linked so far has a known name", { ...agrees, linkedNames: [undefined] }, ["name-differs"]],
    ["one of two names a steward confirmed", { ...agrees, linkedNames: ["张三丰", "张三"] }, []],
    ["a newborn on its mother's number", { ...withoutName, birthDate: "2026-11-17" }, ["birth-date-differs", "name-unknown"]],
    [
      "a borrowed card",
      { ...agrees, birthDate: "1962-01-02", sex: "female", nameDigest: "李四" },
      ["birth-date-differs", "sex-differs", "name-differs"],
    ],
  ])("%s", (_says, evidence, reasons) =>
    expect(decideLink(evidence)).toEqual(reasons.length === 0 ? { kind: "link" } : { kind: "review", reasons }),
  );

  it("does not depend on the order in which others were linked", () => {
    const digest = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
    fc.assert(
      fc.property(fc.array(digest), fc.constantFrom("a", "b", "c"), (linkedNames, nameDigest) => {
        const one = decideLink({ ...agrees, nameDigest, linkedNames });
        return decideLink({ ...agrees, nameDigest, linkedNames: linkedNames.toReversed() }).kind === one.kind;
      }),
    );
  });
});
