import { describe, expect, it } from "@jest/globals";
import { groupsOf, recommended } from "../../src/web/popup/rows.ts";
import { answer, line, result } from "./popup-answers.ts";

const rowOf = (changes: Parameters<typeof result>[0]) => {
  const [group] = groupsOf(answer([result(changes)]));
  const row = group?.rows[0];
  if (row === undefined) throw new Error("no row");
  return row;
};

describe("a row of the pop-up", () => {
  it.each([
    ["the best line speaks for the order", ["ineligible", "may", "must"], "must"],
    ["a silent source never hides what must be recognised", ["unknown", "must"], "must"],
    ["only silent sources: not known, which is not the same as none", ["unknown"], "unknown"],
    ["nothing that fits is not nothing at all", ["ineligible"], "ineligible"],
    ["every source answered and none has one", [], "nothing"],
  ] as const)("%s", (_said, recognitions, verdict) => {
    expect(rowOf({ lines: recognitions.map((recognition) => line({ recognition })) }).verdict).toBe(verdict);
  });

  it("an order that no catalogue has is said to be outside it", () => {
    const { item: _, ...unlisted } = result({ lines: [] });
    expect(groupsOf(answer([unlisted]))[0]?.rows[0]?.verdict).toBe("unlisted");
  });

  it("says that nobody was asked where nobody was: without consent that is no 'no earlier result'", () => {
    expect(groupsOf(answer([result({ lines: [] })], { asked: "none" }))[0]?.rows[0]?.verdict).toBe("unasked");
  });

  it("recommends what must be recognised, and never what may", () => {
    const [must, may] = [line({ evidence: "must" }), line({ recognition: "may", evidence: "may" })];
    expect(recommended(rowOf({ lines: [may, must] }))?.evidence).toBe("must");
    expect(recommended(rowOf({ lines: [may] }))).toBeUndefined();
  });

  it("recommends nothing beside a critical result, and shows that one", () => {
    const row = rowOf({ lines: [line({ critical: true, evidence: "critical" }), line({ evidence: "older" })] });
    expect(row.critical?.evidence).toBe("critical");
    expect(recommended(row)).toBeUndefined();
  });

  it("a result without evidence cannot be adopted", () => {
    const { evidence: _, ...bare } = line();
    expect(rowOf({ lines: [bare] }).usable).toEqual([]);
  });
});

describe("the table of the pop-up", () => {
  const panel = {
    order: "o1",
    panel: "kidney",
    name: "肾功能",
    advice: "remaining" as const,
    recognised: ["creatinine"],
    remaining: [{ item: "urea", name: "尿素" }],
  };

  it("keeps the members of a panel together under its advice, and orders in the order of the draft", () => {
    const groups = groupsOf(
      answer([result(), result({ item: "urea", itemName: "尿素", lines: [] }), result({ order: "o2" })], { panels: [panel] }),
    );
    expect(groups.map(({ order, title, rows }) => [order, title, rows.length])).toEqual([
      ["o1", "肾功能", 2],
      ["o2", "肌酐", 1],
    ]);
    expect(groups[0]?.panel?.advice).toBe("remaining");
  });

  it("calls an order what the hospital's own screen calls it, but a member of a panel by its own name", () => {
    const groups = groupsOf(answer([result()], { panels: [panel] }), { o1: "肾功三项" });
    expect(groups[0]?.title).toBe("肾功三项");
    expect(groups[0]?.rows[0]?.name).toBe("肌酐");
  });
});
