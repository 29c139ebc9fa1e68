import { beforeAll, describe, expect, it } from "@jest/globals";
import type { ServiceRequest } from "@medplum/fhirtypes";
import fc from "fast-check";
import type { InstitutionCode } from "../../../src/kernel/brand.ts";
import type { CardContext } from "../../../src/ordering/cards/card-context.ts";
import { cardsOf } from "../../../src/ordering/cards/cards-of.ts";
import { clockOf } from "../../../src/ordering/cards/text.ts";
import type { AnswerLine, AnswerResult, CheckAnswer } from "../../../src/ordering/check/check.ts";
import { type Catalogue, catalogueOn } from "../../../src/recognition/catalogue.ts";
import { offences } from "../../cds-hooks/validate.ts";
import { linhuPolicy } from "../../recognition/laboratory.ts";

let catalogue: Catalogue;

beforeAll(async () => {
  catalogue = catalogueOn(await linhuPolicy(), new Date("2026-11-22T02:00:00Z"));
});

const source = "a-provincial" as InstitutionCode;
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
const uuidAt = (at: number) => `${hex(at, 8)}-0000-4000-8000-${hex(at, 12)}`;

function line(more: Partial<AnswerLine> = {}): AnswerLine {
  return {
    ...{ recognition: "must", source, sourceName: "临湖省人民医院", itemName: "肌酐", value: "86", unit: "umol/L" },
    ...{ collectedAt: "2026-11-19T02:00:00.000Z", daysLeft: 27, mark: "临湖省HR", reasons: [] },
    evidence: "a-provincial/Observation/h1/_history/1",
    ...more,
  };
}

function result(order: string, more: Partial<AnswerResult> = {}): AnswerResult {
  return {
    ...{ order, item: "creatinine", itemName: "肌酐", reminder: uuidAt(1), lines: [line()], own: [], transcribed: [] },
    ...more,
  };
}

function answer(results: readonly AnswerResult[], more: Partial<CheckAnswer> = {}): CheckAnswer {
  const id = `h${"1".repeat(40)}`;
  return {
    id,
    policy: "linhu 2026.1",
    answerUntil: "2026-11-25T02:00:00.000Z",
    asked: "all",
    results,
    panels: [],
    note: "n",
    ...more,
  };
}

function context(more: Partial<CardContext> = {}): CardContext {
  let made = 100;
  const uuids = new Map<string, string>();
  return {
    catalogue,
    clock: clockOf("+08:00"),
    drafts: new Map(),
    emergency: false,
    checkUuid: uuidAt(99),
    uuidOf: (...parts) => {
      const name = parts.join("|");
      const uuid = uuids.get(name) ?? uuidAt(made++);
      uuids.set(name, uuid);
      return uuid;
    },
    ...more,
  };
}

const switched = (cards: Partial<Catalogue["head"]["cards"]>): CardContext =>
  context({ catalogue: { ...catalogue, head: { ...catalogue.head, cards: { ...catalogue.head.cards, ...cards } } } });

describe("cards of a check", () => {
  it.each([
    ["with a mark and days left", {}, "可互认：临湖省人民医院 2026-11-19 肌酐 86 umol/L（临湖省HR），剩余27天"],
    [
      "of an examination, which has no value",
      { value: undefined, unit: undefined, mark: undefined },
      "可互认：临湖省人民医院 2026-11-19 肌酐，剩余27天",
    ],
    [
      "at the region's clock",
      { collectedAt: "2026-11-18T17:00:00.000Z" },
      "可互认：临湖省人民医院 2026-11-19 肌酐 86 umol/L（临湖省HR），剩余27天",
    ],
    ["undated", { collectedAt: undefined, daysLeft: undefined }, "可互认：临湖省人民医院 肌酐 86 umol/L（临湖省HR）"],
    [
      "that was critical",
      { critical: true },
      "【危急值】可互认：临湖省人民医院 2026-11-19 肌酐 86 umol/L（临湖省HR），剩余27天",
    ],
    [
      "that may stand, with the first reason against more",
      { recognition: "may", reasons: [{ code: "mark-missing", text: "没有互认标识", effect: "may" }] },
      "供参考：临湖省人民医院 2026-11-19 肌酐 86 umol/L（临湖省HR）；没有互认标识",
    ],
  ])("a result %s is summed up in one line", (_, more, summary) => {
    const given = Object.fromEntries(
      Object.entries({ ...line(), ...more }).filter(([, value]) => value !== undefined),
    ) as never;
    expect(cardsOf(answer([result("o1", { lines: [given] })]), context())[0]?.summary).toBe(summary);
  });

  it("a summary is cut to fewer than 140 characters, never within one", () => {
    const lines = [line({ sourceName: "医".repeat(115), value: "😀".repeat(40) })];
    const [card] = cardsOf(answer([result("o1", { lines })]), context());
    expect(card?.summary.length).toBeLessThan(140);
    expect(card?.summary.isWellFormed()).toBe(true);
    expect(card?.summary.endsWith("…")).toBe(true);
  });

  it("results that do not count are shown only where the region's policy wants it, and never to be answered", () => {
    const lines = [line({ recognition: "ineligible", reasons: [{ code: "out-of-window", text: "超过互认时限" }] })];
    const given = answer([result("o1", { lines })]);
    expect(cardsOf(given, switched({ ineligible: false }))).toEqual([]);
    const [card] = cardsOf(given, switched({ ineligible: true }));
    expect(card).toMatchObject({ indicator: "info", summary: expect.stringContaining("不符合互认条件") });
    expect(card).not.toHaveProperty("uuid");
    expect(card).not.toHaveProperty("overrideReasons");
  });

  it("without consent there is one neutral card, or none where the region switches it off", () => {
    const given = answer([result("o1", { lines: [] })], { asked: "none" });
    expect(cardsOf(given, switched({ unauthorised: true }))).toEqual([
      { summary: expect.stringContaining("未授权"), detail: expect.any(String), indicator: "info", source: expect.any(Object) },
    ]);
    expect(cardsOf(given, switched({ unauthorised: false }))).toEqual([]);
  });

  it("a typed-in paper result is told apart, also without consent: the patient brought it", () => {
    const transcribed = [line({ sourceName: "邻省医院" })];
    const cards = cardsOf(
      answer([result("o1", { lines: [], transcribed })], { asked: "none" }),
      switched({ unauthorised: true }),
    );
    expect(cards.map((card) => card.summary)).toEqual([
      expect.stringContaining("未授权"),
      "患者自带纸质结果（转录）：肌酐 86 umol/L（2026-11-19）",
    ]);
  });

  it("an institution's own result outside its window has no card", () => {
    expect(cardsOf(answer([result("o1", { lines: [], own: [line({ recognition: "ineligible" })] })]), context())).toEqual([]);
  });

  it("a critical value is told as what it is, never in the place of another one", () => {
    const critical = line({
      recognition: "may",
      value: "986",
      critical: true,
      sourceName: "临湖市中心医院",
      mark: undefined as never,
    });
    const [card] = cardsOf(answer([result("o1", { lines: [critical, line()] })]), context());
    expect(card?.summary).toBe("【危急值】临湖市中心医院 2026-11-19 肌酐 986 umol/L；肌酐另有可互认结果");
  });

  it("a critical result of the institution itself takes every recommendation away", () => {
    const own = [line({ critical: true, value: "986" })];
    const [card] = cardsOf(answer([result("o1", { own })]), context());
    expect(card?.summary).toBe("【危急值】临湖省人民医院 2026-11-19 肌酐 986 umol/L；肌酐另有可互认结果");
    expect(card?.suggestions?.map((one) => one.isRecommended)).toEqual([undefined]);
  });
});

describe("a panel", () => {
  const members = [
    result("p1", { panel: "kidney-function" }),
    result("p1", { panel: "kidney-function", item: "urea", itemName: "尿素", reminder: uuidAt(2), lines: [] }),
  ];
  const panel = { order: "p1", panel: "kidney-function", name: "肾功能", recognised: ["creatinine"] } as const;
  const drafted = (coding: object): ReadonlyMap<string, ServiceRequest> => {
    const request = {
      resourceType: "ServiceRequest",
      id: "p1",
      status: "draft",
      intent: "order",
      subject: { reference: "Patient/1" },
    } as const;
    return new Map([["p1", { ...request, code: { coding: [coding] } }]]);
  };
  const remaining = [{ item: "urea", name: "尿素" }];

  it.each([
    ["whose members all stand is taken out", "all", [], ["delete"]],
    ["whose core stands is taken out", "core", remaining, ["delete"]],
    ["of which some remain is replaced by them", "remaining", remaining, ["delete", "create"]],
  ] as const)("%s", (_, advice, left, actions) => {
    const given = answer(members, { panels: [{ ...panel, advice, remaining: left }] });
    const [card] = cardsOf(given, context({ drafts: drafted({ system: "http://loinc.org", code: "24362-6" }) }));
    expect(card?.suggestions?.map((one) => one.actions.map((action) => action.type))).toEqual([actions]);
  });

  it("none of whose members must be recognised tells how many may be", () => {
    const may = members.map((one) => ({
      ...one,
      lines: one.lines.map((given) => ({ ...given, recognition: "may" as const })),
    }));
    const given = answer(may, {
      panels: [{ ...panel, advice: "none", recognised: [], remaining: [{ item: "creatinine", name: "肌酐" }, ...remaining] }],
    });
    expect(cardsOf(given, context())[0]).toMatchObject({ indicator: "info", summary: "肾功能：2项中1项有可参考的外院结果" });
  });

  it("is left whole where the doctor's codes have no word for a member that remains", () => {
    const given = answer(members, { panels: [{ ...panel, advice: "remaining", remaining }] });
    const [card] = cardsOf(given, context({ drafts: drafted({ system: "urn:his:item", code: "K1" }) }));
    expect(card?.suggestions).toBeUndefined();
    expect(card?.selectionBehavior).toBeUndefined();
  });
});

/** Table rows whose cells are not as many as those of the row before. */
function brokenRows(detail: string): string[] {
  const rows = detail.split("\n").filter((one) => one.startsWith("|"));
  const bars = (row: string) => row.replace(/\\\|/g, "").split("|").length;
  return rows.filter((row) => ![4, 10].includes(bars(row)));
}

describe("whatever a check answers", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.constantFrom("| a |", "[x](http://y)", "<b>", "\n# h", "`", "肌酐"),
  );
  const anyLine: fc.Arbitrary<AnswerLine> = fc
    .record(
      {
        recognition: fc.constantFrom("must", "may", "ineligible", "unknown"),
        sourceName: anyText,
        value: anyText,
        unit: anyText,
        mark: anyText,
        referenceRange: anyText,
        collectedAt: fc.constantFrom("2026-11-19T02:00:00.000Z", "not a date"),
        daysLeft: fc.integer({ min: 0, max: 400 }),
        critical: fc.constant(true as const),
        evidence: fc.uuid().map((id) => `a-provincial/Observation/${id}/_history/1`),
        report: fc.constant("a-provincial/DiagnosticReport/h1"),
        reasons: fc.array(fc.record({ code: anyText, text: anyText, clause: anyText }), { maxLength: 3 }),
      },
      { requiredKeys: ["recognition", "sourceName", "reasons"] },
    )
    .map((given) => ({ source, ...given }) as AnswerLine);
  const lines = fc.array(anyLine, { maxLength: 4 });
  const anyAnswer = fc
    .record({
      asked: fc.constantFrom("all" as const, "some" as const, "none" as const),
      parts: fc.array(fc.record({ lines, own: lines, transcribed: lines, known: fc.boolean(), panel: fc.boolean() }), {
        maxLength: 7,
      }),
      advice: fc.constantFrom("all" as const, "core" as const, "remaining" as const, "none" as const),
    })
    .map(({ asked, parts, advice }) => {
      const results = parts.map(({ known, panel, ...part }, at): AnswerResult => {
        const theirs = part.lines.some((one) => one.recognition !== "unknown");
        const named = known ? { item: "creatinine", itemName: "肌酐" } : {};
        const { item: _item, itemName: _name, reminder: _reminder, ...plain } = result(panel ? "panel" : `o${at}`);
        return { ...plain, ...named, ...(theirs ? { reminder: uuidAt(at) } : {}), ...part };
      });
      const panels = [
        { order: "panel", panel: "kidney-function", name: "肾功能", advice, recognised: ["creatinine"], remaining: [] },
      ];
      return answer(results, { asked, panels: parts.some((one) => one.panel) ? panels : [] });
    });

  it("the cards are as CDS Hooks 2.0.1 has them, and no UUID names two things", () => {
    fc.assert(
      fc.property(anyAnswer, fc.boolean(), (given, ineligible) => {
        const { catalogue: own } = switched({ ineligible });
        const cards = cardsOf(given, context({ catalogue: own, launch: "https://viewer.example/launch" }));
        expect(offences("response", { cards: JSON.parse(JSON.stringify(cards)) })).toEqual([]);
        const uuids = cards
          .flatMap((card) => [card.uuid, ...(card.suggestions ?? []).map((one) => one.uuid)])
          .filter((one) => one !== undefined);
        expect(new Set(uuids).size).toBe(uuids.length);
        for (const { detail = "" } of cards) expect(brokenRows(detail)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("nothing critical is recommended, nothing is recommended that must not stand, and what is critical comes first", () => {
    fc.assert(
      fc.property(anyAnswer, (given) => {
        const cards = cardsOf(given, context()).filter((card) => card.uuid !== undefined && card.uuid !== uuidAt(99));
        const critical = cards.map((card) => card.summary.startsWith("【危急值】"));
        expect(critical).toEqual([...critical].sort((a, b) => Number(b) - Number(a)));
        for (const [at, card] of cards.entries()) {
          const recommended = (card.suggestions ?? []).filter((one) => one.isRecommended);
          expect(recommended.length).toBeLessThanOrEqual(critical[at] ? 0 : 1);
          if (recommended.length > 0 && card.indicator === "info") throw new Error("an information recommends");
        }
      }),
      { numRuns: 300 },
    );
  });
});
