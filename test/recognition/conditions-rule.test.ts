import { beforeAll, describe, expect, it } from "@jest/globals";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide, type Recognition } from "../../src/recognition/decide.ts";
import type { Condition, Policy } from "../../src/recognition/policy-schema.ts";
import { type GivenExamination, type GivenResult, priorOf } from "./described-results.ts";
import { certificatesOf, type GivenOrder, institutionOf, linhuPolicy, orderOf } from "./laboratory.ts";

const now = new Date("2026-11-22T10:00:00+08:00");
let policy: Policy;
beforeAll(async () => {
  policy = await linhuPolicy();
});

const condition = (expression: string, more: Partial<Condition> = {}): Condition => ({
  source: "例",
  clause: "例",
  effective: { from: "2025-01-01" },
  provisional: false,
  id: "made-up",
  expression,
  effect: "ineligible",
  text: "不符合",
  ...more,
});

/** A result decided under a policy that has these conditions and no others. */
function decided(
  conditions: readonly Condition[],
  given: GivenResult | GivenExamination = {},
  order: GivenOrder = {},
): Recognition | undefined {
  const catalogue = catalogueOn({ ...policy, entries: { ...policy.entries, conditions } }, now);
  const item = order.item ?? ("examination" in given ? given.examination : (given.item ?? "creatinine"));
  const grounds = { catalogue, certificates: certificatesOf([{}], catalogue, item), institutionOf, now };
  const { own, others } = decide([priorOf(given, catalogue)], orderOf({ ...order, item }, catalogue), grounds);
  return own[0] ?? others[0];
}
const told = (one: Recognition | undefined) => ({
  recognition: one?.recognition,
  causes: one?.reasons.filter((reason) => reason.rule === "extra-conditions").map((reason) => reason.code),
});
const [met, notMet, notTold] = [
  { recognition: "must", causes: [] },
  { recognition: "ineligible", causes: ["condition-not-met"] },
  { recognition: "may", causes: ["condition-not-told"] },
];

describe("a condition of the region", () => {
  it.each`
    said                                               | condition                                                       | given                                      | order                       | is
    ${"that holds of the resource changes nothing"}    | ${condition("status = 'final'")}                                | ${{}}                                      | ${{}}                       | ${met}
    ${"that does not hold takes the result out"}       | ${condition("status = 'amended'")}                              | ${{}}                                      | ${{}}                       | ${notMet}
    ${"that cannot be told leaves it to the doctor"}   | ${condition("bodySite.text = '右臂'")}                          | ${{}}                                      | ${{}}                       | ${notTold}
    ${"may see who measured"}                          | ${condition("%laboratory.ji >= 3")}                             | ${{}}                                      | ${{}}                       | ${met}
    ${"sees nobody where the source names nobody"}     | ${condition("%laboratory.ji >= 3", { effect: "may" })}          | ${{ laboratory: null }}                    | ${{}}                       | ${notTold}
    ${"may compare the two institutions"}              | ${condition("%laboratory.ji >= %institution.ji")}               | ${{ source: "c-town-1" }}                  | ${{}}                       | ${notMet}
    ${"may see the department"}                        | ${condition("(%visit.department = '07').not()")}                | ${{}}                                      | ${{ department: "07" }}     | ${notMet}
    ${"may see the age of the result"}                 | ${condition("%ageDays <= 2")}                                   | ${{}}                                      | ${{}}                       | ${notMet}
    ${"for inpatients is not asked of outpatients"}    | ${condition("status = 'amended'", { settings: ["inpatient"] })} | ${{}}                                      | ${{}}                       | ${met}
    ${"for inpatients is asked of inpatients"}         | ${condition("status = 'amended'", { settings: ["inpatient"] })} | ${{}}                                      | ${{ setting: "inpatient" }} | ${notMet}
    ${"for another item is not asked"}                 | ${condition("status = 'amended'", { items: ["urea"] })}         | ${{}}                                      | ${{}}                       | ${met}
    ${"for imaging is not asked of laboratory items"}  | ${condition("started.exists().not()", { kinds: ["imaging"] })}  | ${{}}                                      | ${{}}                       | ${met}
    ${"for imaging is asked of the study"}             | ${condition("started.exists().not()", { kinds: ["imaging"] })}  | ${{ examination: "ecg", modality: "ECG" }} | ${{}}                       | ${notMet}
    ${"is not asked of the institution's own results"} | ${condition("status = 'amended'")}                              | ${{ source: "c-county" }}                  | ${{}}                       | ${met}
  `("$said", ({ condition: one, given, order, is }) =>
    expect(told(decided([one as Condition], given as GivenResult, order as GivenOrder))).toMatchObject(is as object),
  );

  it("tells every one that fails, the gravest effect counting", () => {
    const list = [condition("%ageDays <= 2", { id: "a", effect: "may" }), condition("status = 'amended'", { id: "b" })];
    expect(told(decided(list))).toEqual({ recognition: "ineligible", causes: ["condition-not-met", "condition-not-met"] });
    expect(told(decided(list.slice(0, 1)))).toEqual({ recognition: "may", causes: ["condition-not-met"] });
  });

  it("says why in the region's words, with its clause", () => {
    const [reason] =
      decided([condition("status = 'amended'", { text: "须为修订报告", clause: "附件五" })])?.reasons.filter(
        (one) => one.rule === "extra-conditions",
      ) ?? [];
    expect(reason?.facts).toEqual({ condition: "made-up", why: "须为修订报告", clause: "附件五" });
  });

  it("keeps the resource in memory only of items it is about", () => {
    const catalogue = catalogueOn(
      { ...policy, entries: { ...policy.entries, conditions: [condition("status = 'final'", { items: ["urea"] })] } },
      now,
    );
    expect(priorOf({ item: "urea" }, catalogue).resource).toBeDefined();
    expect(priorOf({ item: "creatinine" }, catalogue).resource).toBeUndefined();
  });
});
