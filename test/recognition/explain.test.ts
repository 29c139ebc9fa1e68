import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide } from "../../src/recognition/decide.ts";
import { explain } from "../../src/recognition/explain.ts";
import { type GivenResult, priorOf } from "./described-results.ts";
import { certificatesIn, made, now, orderIn, resultIn } from "./generated.ts";
import {
  certificatesOf,
  type GivenCertificate,
  type GivenOrder,
  institutionOf,
  orderOf,
  plainOf,
  policyOf,
} from "./laboratory.ts";

describe.each(made)("a decision in $region, rule by rule", (one) => {
  const plain = plainOf(one.region);
  let catalogue: Catalogue;
  beforeAll(async () => {
    catalogue = catalogueOn(await policyOf(one.region, now), now);
  });
  const asked = (given: GivenResult, order: GivenOrder, list: readonly GivenCertificate[]) => {
    const item = order.item ?? given.item;
    const prior = priorOf(given, catalogue, plain);
    const ordered = orderOf({ ...order, ...(item === undefined ? {} : { item }) }, catalogue, plain);
    const grounds = { catalogue, certificates: certificatesOf(list, catalogue, item, plain), institutionOf, now };
    return { explained: explain(prior, ordered, grounds), decision: decide([prior], ordered, grounds) };
  };

  it("names every rule of the policy in its order, with clause, document and law", () => {
    const { rules } = asked({}, {}, [{}]).explained;
    expect(rules.map((rule) => rule.rule)).toEqual(catalogue.rules.map((rule) => rule.id));
    expect(rules.filter((rule) => rule.verdict !== "holds")).toEqual([]);
    for (const { clause, source, law, question } of rules)
      for (const text of [clause, source, law, question]) expect(text).not.toBe("");
  });

  it("says that another item's result is none, and asks no further", () => {
    const [first = "", second = ""] = one.items;
    const { recognition, rules } = asked({ item: first }, { item: second }, [{}]).explained;
    expect(recognition).toBeUndefined();
    expect(rules.map((rule) => rule.verdict)).toEqual(["elsewhere"]);
  });

  it("of the institution's own result leaves out what is not asked of it", () => {
    const source = plain.order.institution ?? "";
    const { own, rules } = asked({ source, mark: null }, {}, []).explained;
    expect(own).toBe(true);
    expect(rules.map((rule) => rule.rule)).not.toContain("covered");
  });

  it("is the decision: the same answer, for the same causes", () => {
    fc.assert(
      fc.property(resultIn(one), orderIn(one), certificatesIn(one), (given, order, list) => {
        const { explained, decision } = asked(given, order, list);
        expect(explained.recognition).toEqual(decision.own[0] ?? decision.others[0]);
        const told = explained.rules.flatMap(({ rule, causes }) => causes.map(({ code }) => `${rule} ${code}`));
        expect(told).toEqual((explained.recognition?.reasons ?? []).map(({ rule, code }) => `${rule} ${code}`));
      }),
      { numRuns: 500 },
    );
  });
});
