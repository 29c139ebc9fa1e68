import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation } from "@medplum/fhirtypes";
import fc from "fast-check";
import { decide } from "../../src/recognition/decide.ts";
import { priorOfObservation } from "../../src/recognition/prior.ts";
import { certificatesIn, made, orderIn, resultIn, soundResultIn } from "./generated.ts";
import { type Judge, judgeOf } from "./judged-stories.ts";
import { orderOf } from "./laboratory.ts";

const runs = { numRuns: 1_500 };

// What must hold of whatever comes in: every answer says why, and nothing a source sends makes it fail.
describe.each(made)("in $region", (one) => {
  const [orders, certificates] = [orderIn(one), certificatesIn(one)];
  const eitherResult = fc.oneof(resultIn(one), soundResultIn(one));
  let judge: Judge;
  beforeAll(async () => {
    judge = await judgeOf(one);
  });

  it("an answer is what its reasons say, and each reason has a sentence", () => {
    fc.assert(
      fc.property(eitherResult, orders, certificates, (given, order, list) => {
        const line = judge.lineOf(given, order, list);
        const effects = (line?.reasons ?? []).map((reason) => reason.effect);
        const expected = effects.includes("ineligible") ? "ineligible" : effects.includes("may") ? "may" : "must";
        expect(line?.recognition).toBe(expected);
        for (const { code, facts, clause } of line?.reasons ?? []) {
          expect(judge.catalogue.textOf(code, facts)).not.toMatch(/^[a-z-]+$|\{|certificate-/);
          expect(clause).not.toBe("");
        }
        if (line?.unsupportedMark !== undefined) expect(given.mark).not.toBeNull();
      }),
      runs,
    );
  });

  it("whatever a source sends as an Observation, reading and deciding it never fails", () => {
    const odd = fc.oneof(
      fc.string(),
      fc.constant(undefined),
      fc.constantFrom("2026-02-30", "2026", "not a day", "", "9999-12-31T23:59:60Z"),
    );
    const coding = fc.record({ system: odd, code: odd, display: odd });
    const observation = fc.record(
      {
        status: odd,
        code: fc.record({
          coding: fc.array(fc.oneof(coding, fc.constant({ system: "http://loinc.org", code: "2823-3" })), { maxLength: 3 }),
          text: odd,
        }),
        effectiveDateTime: odd,
        issued: odd,
        valueQuantity: fc.record(
          { value: fc.oneof(fc.double(), fc.constant(undefined)), unit: odd, code: odd, comparator: odd },
          { requiredKeys: [] },
        ),
        valueString: odd,
        performer: fc.array(fc.record({ identifier: fc.record({ system: odd, value: odd }), reference: odd }), {
          maxLength: 2,
        }),
        interpretation: fc.array(fc.record({ coding: fc.array(coding, { maxLength: 2 }) }), { maxLength: 2 }),
        referenceRange: fc.array(fc.record({ text: odd }), { maxLength: 2 }),
        method: fc.record({ text: odd }),
        note: fc.array(fc.record({ text: odd }), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(observation, orders, certificates, (sent, order, list) => {
        const found = { source: one.sources[0] as never, linkBasis: "number" };
        const resource = JSON.parse(JSON.stringify({ resourceType: "Observation", id: "h1", ...sent })) as Observation;
        const prior = priorOfObservation(resource, found, judge.catalogue);
        const { others, own } = decide(
          [prior],
          orderOf({ ...order, item: "potassium" }, judge.catalogue, judge.plain),
          judge.grounds(list, "potassium"),
        );
        for (const line of [...others, ...own]) expect(["must", "may", "ineligible"]).toContain(line.recognition);
      }),
      runs,
    );
  });
});
