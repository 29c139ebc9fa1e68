import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { certificatesIn, made, orderIn, resultIn, soundResultIn } from "./generated.ts";
import { type Judge, judgeOf } from "./judged-stories.ts";
import { restated, restatedItems } from "./restated.ts";

describe.each(made)("in $region", (one) => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await judgeOf(one);
  });
  const items = one.items.filter((item) => restatedItems.includes(item));
  const results = fc.oneof({ weight: 1, arbitrary: resultIn(one, items) }, { weight: 3, arbitrary: soundResultIn(one, items) });

  it("the decision is what the field's algorithm says, restated without the program's parts", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(results, orderIn(one), certificatesIn(one), (found, order, list) => {
        // Certificates of who measured, so that marks are often backed.
        const given = {
          value: "86",
          unit: unitOf(found.item),
          specimen: null,
          laboratory: found.source ?? null,
          status: "final" as const,
          reported: null,
          ...found,
        };
        const near = list.map((each, index) =>
          index % 2 === 0 && given.laboratory !== null ? { ...each, laboratory: given.laboratory } : each,
        );
        const expected = restated(given, order, near, one.region);
        if (expected === undefined) return;
        seen.set(expected, (seen.get(expected) ?? 0) + 1);
        expect(judge.lineOf(given, order, near)?.recognition).toBe(expected);
      }),
      { numRuns: 4_000 },
    );
    for (const answer of ["must", "may", "ineligible"]) expect(seen.get(answer) ?? 0).toBeGreaterThan(50);
  });
});

function unitOf(item: string | undefined): string | null {
  return { creatinine: "umol/L", potassium: "mmol/L", hba1c: "%", glucose: "mmol/L", lithium: "mmol/L" }[item ?? ""] ?? null;
}
