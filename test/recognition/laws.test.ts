import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import type { GivenResult } from "./described-results.ts";
import { certificatesIn, clockAgo, made, now, orderIn, resultIn, soundResultIn } from "./generated.ts";
import { type Judge, judgeOf, orderFor, rankOf } from "./judged-stories.ts";

const runs = { numRuns: 1_500 };

// What must hold of every result, order and certificate, in every region that is shipped.
describe.each(made)("in $region", (one) => {
  const [orders, certificates] = [orderIn(one), certificatesIn(one)];
  const eitherResult = fc.oneof(resultIn(one), soundResultIn(one));
  let judge: Judge;
  beforeAll(async () => {
    judge = await judgeOf(one);
  });

  it("the stories are not all alike: each answer comes up", () => {
    const seen = fc.sample(fc.tuple(eitherResult, orders, certificates), 2_000).map(([given, order, list]) => {
      return judge.lineOf(given, order, [...list, {}])?.recognition;
    });
    for (const answer of ["must", "may", "ineligible"] as const)
      expect(seen.filter((each) => each === answer).length).toBeGreaterThan(20);
  });

  it.each(["may", "ineligible"] as const)(
    "taking a passed certificate away never makes a result more eligible (false marks leave %s)",
    (unsupportedMark) => {
      const rules = catalogueOn({ ...judge.policy, head: { ...judge.policy.head, unsupportedMark } }, now);
      fc.assert(
        fc.property(eitherResult, orders, certificates, fc.nat(), (given, order, list, pick) => {
          const passed = list.filter((each) => each.result === "passed" || each.result === "unpublished");
          const away = passed[pick % Math.max(1, passed.length)];
          const left = list.filter((each) => each !== away);
          return rankOf(judge.lineOf(given, order, left, { rules })) <= rankOf(judge.lineOf(given, order, list, { rules }));
        }),
        runs,
      );
    },
  );

  it("a failure published later never makes a result more eligible", () => {
    fc.assert(
      fc.property(eitherResult, orders, certificates, fc.nat(), (given, order, list, pick) => {
        const worse = list.map((each, index) => (index === pick % list.length ? { ...each, result: "failed" as const } : each));
        return rankOf(judge.lineOf(given, order, worse)) <= rankOf(judge.lineOf(given, order, list));
      }),
      runs,
    );
  });

  it("taking the mark away never makes a result more eligible", () => {
    fc.assert(
      fc.property(eitherResult, orders, certificates, (given, order, list) => {
        return rankOf(judge.lineOf({ ...given, mark: null }, order, list)) <= rankOf(judge.lineOf(given, order, list));
      }),
      runs,
    );
  });

  it("without a mark and outside every alliance nothing must be recognised", () => {
    fc.assert(
      fc.property(soundResultIn(one), certificates, (given, list) => {
        const alone = one.region === "linhu" ? "d-second" : "wuhan-2";
        if (given.source === alone) return;
        expect(judge.lineOf({ ...given, mark: null }, { institution: alone }, list)?.recognition).not.toBe("must");
      }),
      runs,
    );
  });

  it("an emergency turns must into may and nothing else", () => {
    fc.assert(
      fc.property(eitherResult, orders, certificates, (given, order, list) => {
        const line = judge.lineOf(given, { ...order, emergency: false }, list);
        const urgent = judge.lineOf(given, { ...order, emergency: true }, list);
        const own = judge.decideAll([given], orderFor(given, order), list).own.length === 1;
        expect(urgent?.recognition).toBe(line?.recognition === "must" && !own ? "may" : line?.recognition);
      }),
      runs,
    );
  });

  it("a later test day never shortens the days left", () => {
    const ago = fc.tuple(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 1439 }));
    fc.assert(
      fc.property(fc.constantFrom(...one.items), ago, ago, fc.option(ago), orders, (item, a, b, report, order) => {
        const minutes = ([days, minute]: readonly [number, number]) => days * 1440 + minute;
        const [earlier, later] = minutes(a) >= minutes(b) ? [a, b] : [b, a];
        const left = (at: readonly [number, number]) => {
          const given = { item, collected: clockAgo(...at), reported: report === null ? null : clockAgo(...report) };
          return judge.lineOf(given, order, [{}])?.daysLeft ?? -1;
        };
        return left(later) >= left(earlier);
      }),
      runs,
    );
  });

  it("waiting never makes a result more recognisable, and never adds a day", () => {
    fc.assert(
      fc.property(eitherResult, orders, certificates, fc.integer({ min: 1, max: 40 }), (given, order, list, days) => {
        const [today, then] = [
          judge.lineOf(given, order, list),
          judge.lineOf(given, order, list, { at: new Date(now.getTime() + days * 86_400_000) }),
        ];
        if (today?.reasons.some((reason) => reason.code === "dated-in-future")) return;
        expect(rankOf(then)).toBeLessThanOrEqual(rankOf(today));
        if (then?.daysLeft !== undefined) expect(then.daysLeft).toBe((today?.daysLeft ?? Number.NaN) - days);
      }),
      runs,
    );
  });

  it("preliminary, voided, point-of-care and scored results are never recognised nor left to the doctor", () => {
    const spoilt = fc.constantFrom<Partial<GivenResult>>(
      { status: "preliminary" },
      { status: "entered-in-error" },
      { origin: "poct" },
      { link: "score" },
    );
    fc.assert(
      fc.property(soundResultIn(one), spoilt, orders, certificates, (given, wrong, order, list) => {
        if (given.source === order.institution && wrong.origin === "poct") return;
        expect(judge.lineOf({ ...given, ...wrong }, order, [...list, {}])?.recognition).toBe("ineligible");
      }),
      runs,
    );
  });
});
