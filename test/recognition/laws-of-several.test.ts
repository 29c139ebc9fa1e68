import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Decision, decide } from "../../src/recognition/decide.ts";
import { advisePanel } from "../../src/recognition/panel.ts";
import { priorOf } from "./described-results.ts";
import { certificatesIn, made, orderIn, resultIn, soundResultIn } from "./generated.ts";
import { type Judge, judgeOf } from "./judged-stories.ts";
import { orderOf } from "./laboratory.ts";

const runs = { numRuns: 500 };

// What must hold of several results together, and of what is made of them.
describe.each(made)("in $region", (one) => {
  const [orders, certificates] = [orderIn(one), certificatesIn(one)];
  const eitherResult = fc.oneof(resultIn(one), soundResultIn(one));
  let judge: Judge;
  beforeAll(async () => {
    judge = await judgeOf(one);
  });

  const several = fc.uniqueArray(eitherResult, { maxLength: 8, selector: (each) => `${each.source}${each.id}` });

  it("the order of earlier results and of certificates never matters", () => {
    fc.assert(
      fc.property(several, orders, certificates, fc.nat(), (given, order, list, turn) => {
        const cut = given.length === 0 ? 0 : turn % given.length;
        const turned = [...given.slice(cut), ...given.slice(0, cut)].reverse();
        expect(judge.decideAll(turned, order, [...list].reverse())).toEqual(judge.decideAll(given, order, list));
      }),
      runs,
    );
  });

  it("no result changes what is decided on another", () => {
    fc.assert(
      fc.property(several, orders, certificates, (given, order, list) => {
        const together = judge.decideAll(given, order, list);
        const alone = given.map((each) => judge.decideAll([each], order, list));
        const lines = (part: "own" | "others", decisions: readonly Decision[]) =>
          new Set(
            decisions.flatMap((each) =>
              each[part].map((line) => `${line.prior.source}${line.prior.address.id} ${line.recognition}`),
            ),
          );
        for (const part of ["own", "others"] as const) expect(lines(part, [together])).toEqual(lines(part, alone));
      }),
      runs,
    );
  });

  it("the institution's own results are never among those of others, and newest stand first", () => {
    fc.assert(
      fc.property(several, orders, certificates, (given, order, list) => {
        const { own, others } = judge.decideAll(given, order, list);
        expect(others.filter((line) => line.prior.source === order.institution)).toEqual([]);
        expect(own.filter((line) => line.prior.source !== order.institution)).toEqual([]);
        const times = others.map(({ prior: { collectedAt, reportedAt } }) =>
          collectedAt === undefined ? 0 : Math.min(collectedAt.getTime(), reportedAt?.getTime() ?? Number.POSITIVE_INFINITY),
        );
        expect(times).toEqual([...times].sort((a, b) => b - a));
      }),
      runs,
    );
  });

  it("a silent source changes nothing of what is known, and is always told", () => {
    fc.assert(
      fc.property(
        several,
        orders,
        certificates,
        fc.uniqueArray(fc.constantFrom(...one.sources)),
        (given, order, list, silent) => {
          const priors = given.map((each) => priorOf(each, judge.catalogue, judge.plain));
          const told = silent.map((source) => ({ source: source as never, cause: "source-failed" as const }));
          const asked = orderOf(order, judge.catalogue, judge.plain);
          const { unknown, ...known } = decide(priors, asked, judge.grounds(list, order.item), told);
          const { unknown: none, ...whole } = decide(priors, asked, judge.grounds(list, order.item));
          expect(known).toEqual(whole);
          expect(none).toEqual([]);
          expect(unknown.map((each) => each.source)).toEqual([...silent].sort());
        },
      ),
      runs,
    );
  });

  it("a panel's advice names as recognised only members that must be, and leaves none out", () => {
    fc.assert(
      fc.property(
        fc.array(soundResultIn(one, one.members), { maxLength: 10 }),
        orders,
        certificates,
        fc.constantFrom("all" as const, "core" as const, "remaining" as const),
        (given, order, list, advice) => {
          const members = judge.catalogue.panels.get(one.panel)?.members ?? [];
          const unique = given.map((each, index) => ({ ...each, id: `h${index}` }));
          const decisions = new Map(members.map((item) => [item, judge.decideAll(unique, { ...order, item }, [...list, {}])]));
          const shipped = judge.catalogue.panels.get(one.panel);
          const told = advisePanel({ members, core: shipped?.core, advice }, decisions);
          expect([...told.recognised, ...told.remaining].sort()).toEqual([...members].sort());
          for (const member of told.recognised)
            expect(decisions.get(member)?.others.some((line) => line.recognition === "must")).toBe(true);
          expect(told.advice === "all").toBe(told.remaining.length === 0);
          if (told.recognised.length === 0) expect(told.advice).toBe("none");
          if (told.advice === "core" || told.advice === "remaining") expect(told.advice).toBe(advice);
        },
      ),
      runs,
    );
  });
});
