import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide } from "../../src/recognition/decide.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import {
  certificatesOf,
  type GivenCertificate,
  type GivenResult,
  institutionOf,
  linhuPolicy,
  orderOf,
  priorOf,
} from "./laboratory.ts";

const now = new Date("2026-11-22T10:00:00+08:00");
let policy: Policy;
let catalogue: Catalogue;
beforeAll(async () => {
  policy = await linhuPolicy();
  catalogue = catalogueOn(policy, now);
});

const day = (daysAgo: number) =>
  new Date(now.getTime() + 8 * 3_600_000 - daysAgo * 86_400_000).toISOString().slice(0, 16).replace("T", " ");
const result: fc.Arbitrary<GivenResult> = fc.record({
  id: fc.integer({ min: 1, max: 10_000 }).map((n) => `h${n}`),
  source: fc.constantFrom("a-provincial", "b-central", "c-county", "c-town-1", "wuhan-1"),
  laboratory: fc.constantFrom("a-provincial", "c-thirdlab", "c-town-1", "wuhan-1", null),
  link: fc.constantFrom("number", "steward", "score"),
  status: fc.constantFrom("final", "amended", "preliminary", "entered-in-error"),
  collected: fc.integer({ min: -2, max: 60 }).map(day),
  reported: fc.oneof(fc.constant(null), fc.integer({ min: -2, max: 60 }).map(day)),
  unit: fc.constantFrom("umol/L", "mg/dL", "g/L", null),
  specimen: fc.constantFrom("血清", "尿", null),
  mark: fc.constantFrom("临湖省HR", "全国HR", "HR", "本省HR", "武汉HR", "火星HR", "HR鄂", null),
});
const dates = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: -100, max: 400 })).map(([ago, length]) => ({
  from: day(ago).slice(0, 10),
  to: day(ago - Math.abs(length)).slice(0, 10),
}));
const certificate: fc.Arbitrary<GivenCertificate> = fc
  .tuple(
    dates,
    fc.record({
      laboratory: fc.constantFrom("a-provincial", "c-thirdlab", "c-town-1", "wuhan-1"),
      region: fc.constantFrom("全国", "临湖省", "临湖市", "湖北省", "火星"),
      body: fc.constantFrom("甲", "乙"),
      result: fc.constantFrom("passed", "passed", "failed", "unpublished", "withdrawn"),
    }),
  )
  .map(([period, rest], index = 0) => ({ ...period, ...rest, id: `c${index}` }));
const certificates = fc
  .array(certificate, { maxLength: 6 })
  .map((list) => list.map((one, index) => ({ ...one, id: `c${index}` })));
const rank = { ineligible: 0, may: 1, must: 2 };

const decided = (given: GivenResult, list: readonly GivenCertificate[], emergency = false, rules = catalogue) =>
  decide([priorOf(given, rules)], orderOf({ emergency }, rules), {
    catalogue: rules,
    certificates: certificatesOf(list, rules),
    institutionOf,
    now,
  });

describe("for every result", () => {
  it.each(["may", "ineligible"] as const)(
    "taking a passed certificate away never makes it more eligible (false marks leave %s)",
    (unsupportedMark) => {
      const rules = catalogueOn({ ...policy, head: { ...policy.head, unsupportedMark } }, now);
      fc.assert(
        fc.property(result, certificates, fc.nat(), (given, list, pick) => {
          const passed = list.filter((one) => one.result === "passed");
          const away = passed[pick % Math.max(1, passed.length)];
          const before = decided(given, list, false, rules).others[0]?.recognition;
          const after = decided(
            given,
            list.filter((one) => one !== away),
            false,
            rules,
          ).others[0]?.recognition;
          return before === undefined || after === undefined || rank[after] <= rank[before];
        }),
        { numRuns: 2_000 },
      );
    },
  );

  it("an emergency never makes a must", () => {
    fc.assert(fc.property(result, certificates, (given, list) => decided(given, list, true).others[0]?.recognition !== "must"));
  });

  it("a later test day never shortens the days left", () => {
    fc.assert(
      fc.property(fc.nat({ max: 29 }), fc.nat({ max: 29 }), fc.option(fc.nat({ max: 29 })), (one, other, reported) => {
        const [earlier, later] = [Math.max(one, other), Math.min(one, other)];
        const left = (ago: number) =>
          decided({ collected: day(ago), reported: reported === null ? null : day(reported) }, [{}]).others[0]?.daysLeft ?? -1;
        return left(later) >= left(earlier);
      }),
      { numRuns: 1_000 },
    );
  });
});

it("the order of earlier results never matters", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(result, { maxLength: 8, selector: (one) => `${one.source}${one.id}` }),
      certificates,
      fc.nat(),
      (given, list, turn) => {
        const priors = given.map((one) => priorOf(one, catalogue));
        const grounds = { catalogue, certificates: certificatesOf(list, catalogue), institutionOf, now };
        const cut = priors.length === 0 ? 0 : turn % priors.length;
        const turned = [...priors.slice(cut), ...priors.slice(0, cut)].reverse();
        expect(decide(turned, orderOf({}, catalogue), grounds)).toEqual(decide(priors, orderOf({}, catalogue), grounds));
      },
    ),
  );
});

it("the order of certificates never matters", () => {
  fc.assert(
    fc.property(result, certificates, (given, list) => {
      expect(decided(given, [...list].reverse())).toEqual(decided(given, list));
    }),
  );
});

it("a silent source never hides a must", () => {
  const silent = [{ source: "b-central" as never, cause: "source-failed" as const }];
  const order = orderOf({}, catalogue);
  const decision = decide(
    [priorOf({}, catalogue)],
    order,
    { catalogue, certificates: certificatesOf([{}], catalogue), institutionOf, now },
    silent,
  );
  expect(decision.others.map((one) => one.recognition)).toEqual(["must"]);
  expect(decision.unknown).toEqual(silent);
});
