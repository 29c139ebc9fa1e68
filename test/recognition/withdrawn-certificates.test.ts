import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { type Certificate, certificateOn, isGood, plusDays } from "../../src/recognition/certificates.ts";
import { withdrawnCertificates } from "../../src/recognition/withdrawn-certificates.ts";
import { certificatesIn, made, now } from "./generated.ts";
import { certificatesOf, type GivenCertificate, linhuCatalogue } from "./laboratory.ts";

const today = "2026-11-22";
let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await linhuCatalogue(now);
});

/** Every certificate of a list, as it is read from the store. */
function read(given: readonly GivenCertificate[]): Certificate[] {
  const numbered = given.map((one, index) => ({ id: `c${index}`, ...one }));
  const index = certificatesOf(numbered, catalogue);
  const laboratories = new Set(numbered.map((one) => one.laboratory ?? "a-provincial"));
  return [...laboratories].flatMap((laboratory) => ["creatinine", "urea"].flatMap((item) => [...index.of(laboratory, item)]));
}
const compared = () => ({ today, carryOverDays: 90, scopes: catalogue.scopes });
const spans = (before: readonly GivenCertificate[], after: readonly GivenCertificate[]) =>
  withdrawnCertificates(read(before), read(after), compared()).map(
    ({ certificate, from, to, state }) => `${certificate} ${from}..${to} ${state}`,
  );

describe("what a change of certificates takes away from results already measured", () => {
  it.each`
    said                                      | before                                                          | after                                                                                | lost
    ${"没有变化，什么也不失去"}               | ${[{}]}                                                         | ${[{}]}                                                                              | ${[]}
    ${"追溯撤销：整个有效期都失去，只到今天"} | ${[{}]}                                                         | ${[{ result: "withdrawn" }]}                                                         | ${["c0 2026-01-01..2026-11-22 withdrawn"]}
    ${"自某日起撤销：只失去那天以后的"}       | ${[{}]}                                                         | ${[{ result: "withdrawn", withdrawnFrom: "2026-10-01" }]}                            | ${["c0 2026-10-01..2026-11-22 withdrawn"]}
    ${"将来才生效的撤销：什么也不失去"}       | ${[{}]}                                                         | ${[{ result: "withdrawn", withdrawnFrom: "2026-12-01" }]}                            | ${[]}
    ${"撤销提前生效：只失去新添的那一段"}     | ${[{ result: "withdrawn", withdrawnFrom: "2026-10-01" }]}       | ${[{ result: "withdrawn", withdrawnFrom: "2026-09-01" }]}                            | ${["c0 2026-09-01..2026-09-30 withdrawn"]}
    ${"合格改判不合格"}                       | ${[{}]}                                                         | ${[{ result: "failed" }]}                                                            | ${["c0 2026-01-01..2026-11-22 failed"]}
    ${"开始日推迟又改判：各说各的原因"}       | ${[{}]}                                                         | ${[{ result: "failed", from: "2026-03-01" }]}                                        | ${["c0 2026-01-01..2026-02-28 missing", "c0 2026-03-01..2026-11-22 failed"]}
    ${"记录被撤回：没有质评记录"}             | ${[{}]}                                                         | ${[]}                                                                                | ${["c0 2026-01-01..2026-11-22 missing"]}
    ${"有效期缩短：沿用期之后的失去"}         | ${[{}]}                                                         | ${[{ to: "2026-06-30" }]}                                                            | ${["c0 2026-09-29..2026-11-22 expired"]}
    ${"开始日推迟：之前的失去"}               | ${[{}]}                                                         | ${[{ from: "2026-02-01" }]}                                                          | ${["c0 2026-01-01..2026-01-31 missing"]}
    ${"新一轮公布不合格：沿用的那一段失去"}   | ${[{ to: "2026-09-30" }]}                                       | ${[{ to: "2026-09-30" }, { result: "failed", from: "2026-10-01" }]}                  | ${["c0 2026-10-01..2026-11-22 failed"]}
    ${"地区改窄：原来的地区失去"}             | ${[{}]}                                                         | ${[{ region: "临湖市" }]}                                                            | ${["c0 2026-01-01..2026-11-22 missing"]}
    ${"地区改宽：什么也不失去"}               | ${[{}]}                                                         | ${[{ region: "全国" }]}                                                              | ${[]}
    ${"另一家质控机构仍支持：什么也不失去"}   | ${[{}, { body: "国家卫生健康委临床检验中心", region: "全国" }]} | ${[{ result: "withdrawn" }, { body: "国家卫生健康委临床检验中心", region: "全国" }]} | ${[]}
    ${"未公布改为不合格：本来就没有支持"}     | ${[{ result: "unpublished" }]}                                  | ${[{ result: "failed" }]}                                                            | ${[]}
  `("$said", ({ before, after, lost }) =>
    expect(spans(before as GivenCertificate[], after as GivenCertificate[])).toEqual(lost),
  );

  it("names laboratory and item, each for itself", () => {
    const before = [{ laboratory: "b-central" }, { item: "urea" }];
    expect(withdrawnCertificates(read(before), read([{ laboratory: "b-central" }]), compared())).toEqual([
      { certificate: "c1", laboratory: "a-provincial", item: "urea", from: "2026-01-01", to: today, state: "missing" },
    ]);
  });

  it("is, day by day and scope by scope, what was backed before and is not now", () => {
    const [linhu] = made;
    if (linhu === undefined) throw new Error("there is a region");
    const lists = certificatesIn(linhu).map((list) => list.map((one) => ({ ...one, laboratory: "a-provincial" })));
    fc.assert(
      fc.property(
        lists,
        lists,
        fc.integer({ min: 0, max: 400 }),
        fc.constantFrom("全国", "临湖省", "临湖市"),
        (old, changed, ago, region) => {
          const [before, after, day] = [read(old), read(changed), plusDays(today, -ago)];
          const scope = catalogue.scopes.named(region) ?? "";
          const backs = (one: Certificate) => one.scope !== undefined && catalogue.scopes.covers(one.scope, scope);
          const on = { day, today, carryOverDays: 90 };
          const was = certificateOn(before, on, backs);
          const lost = isGood(was.state) && !isGood(certificateOn(after, on, backs).state);
          const told = withdrawnCertificates(before, after, compared()).filter(
            (span) => span.from <= day && day <= span.to && span.certificate === was.certificate?.id,
          );
          // What a mark lost is always told; told is only what a mark of the certificate's own region lost.
          if (lost) expect(told).toHaveLength(1);
          if (!lost && was.certificate?.scope === scope) expect(told).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
