import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { InstitutionCode, ResidentId } from "../../../src/kernel/brand.ts";
import { countMonth } from "../../../src/ordering/figures/count-month.ts";
import { measureNames } from "../../../src/ordering/figures/measures.ts";
import { isClosed, ratesOf } from "../../../src/ordering/figures/rates.ts";
import type { RecognitionFact } from "../../../src/ordering/outcomes/facts.ts";
import { fact, november, only, reminder } from "./told-facts.ts";

const count = (...facts: RecognitionFact[]) => countMonth(only(...facts), november).recogniser.total;
const states = ["recognised", "refused", "setAside", "incomplete", "ignored", "waiting", "takenBack"] as const;
const stateOf = (...facts: RecognitionFact[]) => {
  const { items } = count(...facts);
  return states.filter((one) => (items[one] ?? 0) > 0);
};

describe("an eligible case", () => {
  const shown = reminder("11-05 10:00", [1, 0, 0]);
  const adopted = fact("adopted", "11-05 10:05", { fen: 600 });
  const refused = fact("declined", "11-05 10:05", { reason: "condition-changed", counts: true });

  it.each<[string, RecognitionFact[], (typeof states)[number]]>([
    ["nobody answered is ignored (未处理), not refused", [], "ignored"],
    ["a doctor recognised", [adopted], "recognised"],
    ["a doctor refused with one of the six reasons", [refused], "refused"],
    [
      "was closed with 98: neither recognised nor refused",
      [fact("declined", "11-05 10:05", { reason: "images-not-received", counts: false })],
      "setAside",
    ],
    ["was refused without a reason is not closed", [fact("incomplete", "11-05 10:05")], "incomplete"],
    [
      "got its reason later",
      [fact("incomplete", "11-05 10:05"), fact("declined", "11-09 09:00", { reason: "emergency", counts: true })],
      "refused",
    ],
    ["was recognised and taken back", [adopted, fact("revoked", "11-05 11:00", { revokes: "adopted" })], "takenBack"],
    [
      "was recognised, taken back and refused",
      [
        adopted,
        fact("revoked", "11-05 11:00", { revokes: "adopted" }),
        fact("declined", "11-05 11:05", { reason: "emergency", counts: true }),
      ],
      "refused",
    ],
    ["was only looked at is ignored", [fact("viewed", "11-05 10:02")], "ignored"],
  ])("%s", (_, facts, state) => {
    expect(stateOf(shown, ...facts)).toEqual([state]);
  });

  it("waits while its answer window is open", () => {
    const soon = { ...november, now: new Date("2026-11-05T12:00:00+08:00") };
    const figures = countMonth(only(shown), soon);
    expect(figures.recogniser.total.items.waiting).toBe(1);
    expect(figures.settled).toBe(false);
    expect(isClosed(figures.recogniser.total)).toBe(false);
  });

  it("of the month's last evening may be answered in the next month and counts where it was reminded; the answer where it was said", () => {
    const evening = [reminder("11-30 23:50", [1, 0, 0]), fact("adopted", "12-01 00:10", { fen: 600 })];
    expect(count(...evening).items).toMatchObject({ eligible: 1, recognised: 1 });
    expect(count(...evening).items).not.toHaveProperty("adopted");
    expect(count(...evening).items).not.toHaveProperty("savedFen");
  });

  it("is one, however often it was checked, and one whose results are all ineligible is no eligible one", () => {
    const again = { ...shown };
    expect(count(shown, again, reminder("11-06 10:00", [0, 0, 2], { of: "case-2" })).items).toEqual({
      reminded: 2,
      eligible: 1,
      must: 1,
      ignored: 1,
    });
  });
});

describe("what is counted", () => {
  it("counts 项次 by case and 人次 by resident and day", () => {
    const resident = "one" as ResidentId;
    const { items, visits } = count(
      reminder("11-05 10:00", [1, 0, 0], { of: "a", resident }),
      reminder("11-05 10:00", [0, 1, 0], { of: "b", resident, item: "urea" }),
      reminder("11-06 09:00", [0, 1, 0], { of: "c", resident }),
    );
    expect([items.reminded, items.eligible, items.must]).toEqual([3, 3, 1]);
    expect([visits.reminded, visits.eligible, visits.must]).toEqual([2, 2, 1]);
  });

  it("sums the frozen prices of what stands, and says for what there was none", () => {
    const { items } = count(
      fact("adopted", "11-05 10:00", { of: "a", fen: 600 }),
      fact("adopted", "11-05 10:00", { of: "b", fen: 22_000 }),
      fact("revoked", "11-05 10:30", { of: "b", revokes: "adopted" }),
      fact("adopted", "11-05 10:00", { of: "c" }),
    );
    expect(items).toMatchObject({ adopted: 3, standing: 2, savedFen: 600, unpriced: 1, revoked: 1 });
  });

  it("keeps what was taken back and recognised anew once in the money", () => {
    const { items } = count(
      fact("adopted", "11-05 10:00", { fen: 600 }),
      fact("revoked", "11-05 10:30", { revokes: "adopted" }),
      fact("adopted", "11-05 10:40", { fen: 600 }),
    );
    expect(items).toMatchObject({ adopted: 2, standing: 1, savedFen: 600 });
  });

  it("breaks it down by item, 诊疗科目, setting, reason and whose result it is", () => {
    const { by } = countMonth(
      only(
        reminder("11-05 10:00", [1, 0, 0]),
        fact("declined", "11-05 10:05", { reason: "emergency", counts: true, setting: "emergency" }),
        fact("adopted", "11-06 10:05", { of: "b", fen: 1, department: undefined as never }),
      ),
      november,
    ).recogniser;
    expect(by.item.creatinine?.items).toMatchObject({ eligible: 1, refused: 1, adopted: 1 });
    expect(by.department["03.07"]?.items).toMatchObject({ eligible: 1, declined: 1 });
    expect(by.department["-"]?.items).toEqual({ adopted: 1, standing: 1, savedFen: 1 });
    expect(by.setting.emergency?.items).toEqual({ declined: 1 });
    expect(by.reason.emergency?.items).toMatchObject({ refused: 1, declined: 1 });
    expect(by.partner["a-provincial"]?.items).toMatchObject({ adopted: 1 });
  });

  it("as recognised: only what others did with its own results", () => {
    const a = { ...november, institution: "a-provincial" };
    const mine = fact("adopted", "11-05 10:00", { of: "x", institution: "a-provincial" as InstitutionCode });
    const ofOthers = [
      fact("adopted", "11-05 10:00", { fen: 600 }),
      fact("viewed", "11-05 09:59"),
      fact("declined", "11-06 10:00", { of: "b" }),
      mine,
    ];
    const { recognised } = countMonth({ ...only(), ofOthers }, a);
    expect(recognised.total).toEqual({
      items: { adopted: 1, standing: 1, savedFen: 600, viewed: 1 },
      visits: { adopted: 1, standing: 1, viewed: 1 },
    });
    expect(recognised.by.partner["c-county"]?.items.adopted).toBe(1);
  });
});

describe("the rates", () => {
  const { items, visits } = countMonth(
    {
      own: [
        ...["a", "b", "c"].flatMap((of) => [
          reminder("11-05 10:00", [1, 0, 0], { of }),
          fact("adopted", "11-05 10:05", { of, fen: 1 }),
        ]),
        reminder("11-05 10:00", [1, 0, 0], { of: "d" }),
        fact("declined", "11-05 10:05", { of: "d", reason: "images-not-received", counts: false }),
        reminder("11-05 10:00", [0, 1, 0], { of: "e" }),
      ],
      ofOthers: [],
      typed: [{ at: new Date("2026-11-05T10:00:00+08:00"), list: "l1" }],
      reported: new Map([["creatinine", 27]]),
    },
    november,
  ).recogniser.total;
  const rates = ratesOf({ items, visits }, true);

  it.each([
    ["A: recognised ÷ eligible", rates.a, 3, 5, 60],
    ["A without 98 and 99 below the line", rates.aApart, 3, 4, 75],
    ["B: 互认 ÷（已报告 + 互认）", rates.b, 3, 30, 10],
    ["missing uploads: 98 and paper among what somebody had", rates.missing, 2, 6, 33.33],
  ])("%s", (_, rate, numerator, denominator, percent) => {
    expect(rate).toEqual({ numerator, denominator, percent });
  });

  it("say nothing where there is nothing to divide by", () => {
    expect(ratesOf({ items: {}, visits: {} }, true).a).toEqual({ numerator: 0, denominator: 0 });
  });
});

describe("laws", () => {
  const kinds = fc.constantFrom("adopted", "declined", "incomplete", "revoked", "viewed", "referenced") as fc.Arbitrary<
    RecognitionFact["kind"]
  >;
  const facts = fc
    .array(
      fc.record({
        kind: kinds,
        of: fc.constantFrom("a", "b", "c"),
        day: fc.integer({ min: 1, max: 30 }),
        counts: fc.boolean(),
        fen: fc.option(fc.integer({ min: 0, max: 9999 }), { nil: undefined }),
      }),
      { maxLength: 20 },
    )
    .map((all) =>
      all.map(({ kind, of, day, counts, fen }, index) =>
        fact(kind, `11-${String(day).padStart(2, "0")} 10:${String(index).padStart(2, "0")}`, {
          of,
          counts,
          reason: "emergency",
          ...(fen === undefined ? {} : { fen }),
        }),
      ),
    );
  const reminders = ["a", "b", "c"].map((of) => reminder("11-01 08:00", [1, 0, 0], { of }));

  it("the order in which facts come never matters, nor reading one twice", () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat()), (some, random) => {
        const shuffled = [...some, ...some].map((one) => ({ one, by: random.next().value })).sort((a, b) => a.by - b.by);
        expect(countMonth(only(...reminders, ...shuffled.map(({ one }) => one)), november)).toEqual(
          countMonth(only(...reminders, ...some), november),
        );
      }),
    );
  });

  it("an eligible case is in exactly one state, no rate exceeds 100 %, and an item's rows add up to the total", () => {
    fc.assert(
      fc.property(facts, (some) => {
        const { total, by } = countMonth(only(...reminders, ...some), november).recogniser;
        expect(states.reduce((sum, one) => sum + (total.items[one] ?? 0), 0)).toBe(total.items.eligible);
        expect(ratesOf(total, true).a.percent).toBeLessThanOrEqual(100);
        for (const name of measureNames) {
          const sum = Object.values(by.item).reduce((all, row) => all + (row.items[name] ?? 0), 0);
          expect(sum).toBe(total.items[name] ?? 0);
          expect(total.visits[name] ?? 0).toBeLessThanOrEqual(total.items[name] ?? 0);
        }
      }),
    );
  });
});
