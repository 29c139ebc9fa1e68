import { describe, expect, it } from "@jest/globals";
import { adoptAll, type Choices, lacks, spreadReason, stillThere, tally } from "../../src/web/popup/choices.ts";
import { groupsOf } from "../../src/web/popup/rows.ts";
import { outcomesOf, settle, whyNot } from "../../src/web/popup/settle.ts";
import { answer, line, result } from "./popup-answers.ts";

const reasons = [
  { code: "condition-changed", label: "病情变化", text: "…", needsText: false, counts: true },
  { code: "other-necessary", label: "其他", text: "…", needsText: true, counts: true },
];
const groups = groupsOf(
  answer([
    result(),
    result({ order: "o2", item: "potassium", itemName: "钾", lines: [line({ recognition: "may", evidence: "may" })] }),
    result({ order: "o3", item: "alt", itemName: "丙氨酸氨基转移酶", lines: [line({ recognition: "ineligible" })] }),
  ]),
);
const rows = groups.flatMap((group) => group.rows);
const evidence = "a-provincial/Observation/h1/_history/1";

describe("accepting everything at once", () => {
  it("takes what is recommended and leaves to the doctor what may be recognised", () => {
    expect(adoptAll(groups, {}, new Set())).toEqual({ "o1/creatinine": { kind: "adopt", evidence } });
  });

  it("changes no choice that is made already, and nothing that is answered", () => {
    const chosen: Choices = { "o1/creatinine": { kind: "decline" } };
    expect(adoptAll(groups, chosen, new Set())).toEqual(chosen);
    expect(adoptAll(groups, {}, new Set(["o1/creatinine"]))).toEqual({});
  });
});

describe("a new check", () => {
  it("forgets a choice whose result is there no more, and keeps the others", () => {
    const choices: Choices = {
      "o1/creatinine": { kind: "adopt", evidence: "a-provincial/Observation/h1/_history/0" },
      "o2/potassium": { kind: "decline" },
      "o3/alt": { kind: "decline" },
      "o9/gone": { kind: "decline" },
    };
    expect(stillThere(choices, groups)).toEqual({ "o2/potassium": { kind: "decline" } });
    const sound: Choices = { "o1/creatinine": { kind: "adopt", evidence } };
    expect(stillThere(sound, groups)).toBe(sound);
  });
});

describe("not recognising", () => {
  it.each([
    ["needs a reason", undefined, undefined, "reason"],
    ["needs one of those in use", "made-up", undefined, "reason"],
    ["for another cause needs words", "other-necessary", "  ", "text"],
    ["is complete with words", "other-necessary", "术前复核", undefined],
    ["is complete with a lawful reason", "condition-changed", undefined, undefined],
  ] as const)("%s", (_said, reason, text, lacking) => {
    const choice = { kind: "decline", ...(reason && { reason }), ...(text && { text }) } as const;
    expect(lacks(choice, reasons)).toBe(lacking);
  });

  it("gives one reason to several, but not to those that have their own", () => {
    const choices: Choices = {
      a: { kind: "decline", reason: "condition-changed" },
      b: { kind: "decline" },
      c: { kind: "decline", reason: "other-necessary", text: "t" },
      d: { kind: "adopt", evidence },
    };
    expect(spreadReason(choices, "a")).toEqual({ ...choices, b: choices.a });
    expect(spreadReason(choices, "b")).toBe(choices);
  });

  it("is counted, and so is what is missing", () => {
    expect(tally({ a: { kind: "decline" }, b: { kind: "adopt", evidence } }, reasons)).toEqual({
      adopted: 1,
      declined: 1,
      lacking: 1,
    });
  });
});

describe("sending", () => {
  const choices: Choices = {
    "o1/creatinine": { kind: "adopt", evidence },
    "o2/potassium": { kind: "decline", reason: "other-necessary", text: " 术前复核 " },
  };

  it("names order and item, and carries words only where they are written", () => {
    expect(outcomesOf(rows, choices)).toEqual([
      { order: "o1", item: "creatinine", outcome: "adopted", evidence },
      { order: "o2", item: "potassium", outcome: "declined", reason: "other-necessary", text: "术前复核" },
    ]);
  });

  it("keeps what was not taken, and says why in words", () => {
    const { given, refused, left } = settle(rows, choices, {
      answers: [
        { order: "o1", item: "creatinine", state: "changed" },
        { order: "o2", item: "potassium", state: "recorded" },
      ],
    });
    expect(given).toEqual({ "o2/potassium": { state: "declined", reason: "other-necessary" } });
    expect(refused).toEqual([{ name: "肌酐", state: "changed" }]);
    expect(Object.keys(left)).toEqual(["o1/creatinine"]);
    expect(whyNot("changed", undefined)).toContain("来源机构修改");
  });

  it("takes the same answer again as given", () => {
    const { given, left } = settle(rows, choices, { answers: [{ order: "o1", item: "creatinine", state: "same" }] });
    expect(given["o1/creatinine"]).toEqual({ state: "adopted", evidence });
    expect(Object.keys(left)).toEqual(["o2/potassium"]);
  });
});
