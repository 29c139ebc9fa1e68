import fc from "fast-check";
import type { GivenResult } from "./described-results.ts";
import type { GivenCertificate, GivenOrder } from "./laboratory.ts";

/** The instant of every generated story, and the clock time so many days (and minutes) before it. */
export const now = new Date("2026-11-22T10:00:00+08:00");
export const clockAgo = (days: number, minutes = 0): string =>
  new Date(now.getTime() + 8 * 3_600_000 - days * 86_400_000 - minutes * 60_000).toISOString().slice(0, 16).replace("T", " ");

/** What the stories of a region are made of. */
export interface Made {
  readonly region: "linhu" | "hubei";
  readonly items: readonly string[];
  readonly panel: string;
  readonly members: readonly string[];
  readonly sources: readonly string[];
  readonly orderers: readonly string[];
  readonly marks: readonly string[];
  readonly regions: readonly string[];
}

const everywhere = {
  marks: ["全国HR", "HR", "本省HR", "本市HR", "京津冀HR", "火星HR", "HR鄂", "★", "*", "全国HR、HR", "火星HR 本省HR"],
  regions: ["全国", "火星"],
};

/** Both regions that are shipped. */
export const made: readonly Made[] = [
  {
    region: "linhu",
    items: ["creatinine", "potassium", "hba1c", "wbc", "hbsag", "triglycerides", "pct"],
    panel: "electrolyte-panel",
    members: ["potassium", "sodium", "chloride", "calcium", "phosphate"],
    sources: ["a-provincial", "b-central", "c-county", "c-town-1", "c-thirdlab", "wuhan-1", "abroad"],
    orderers: ["c-county", "a-provincial", "d-second", "abroad"],
    marks: [...everywhere.marks, "临湖省HR", "临HR", "临湖市HR", "武汉HR"],
    regions: [...everywhere.regions, "临湖省", "临湖市", "湖北省"],
  },
  {
    region: "hubei",
    items: ["glucose", "potassium", "hba1c", "ferritin", "lithium"],
    panel: "iron-panel",
    members: ["iron", "tibc", "ferritin"],
    sources: [
      "wuhan-1",
      "wuhan-2",
      "wuhan-district",
      "wuhan-private",
      "wuhan-community",
      "jingzhou-1",
      "jingzhou-lab",
      "beijing-1",
    ],
    orderers: ["wuhan-2", "wuhan-1", "wuhan-district", "jingzhou-1"],
    marks: [...everywhere.marks, "鄂HR", "武汉HR", "荆州HR", "★鄂HR"],
    regions: [...everywhere.regions, "湖北省", "武汉市", "荆州市"],
  },
];

/** Any laboratory result of a region: good ones, and every way in which one can be wrong. */
export function resultIn({ items, sources, marks }: Made, among: readonly string[] = items): fc.Arbitrary<GivenResult> {
  const when = fc
    .tuple(fc.integer({ min: -1, max: 70 }), fc.integer({ min: 0, max: 1439 }))
    .map(([day, minute]) => clockAgo(day, minute));
  return fc.record({
    id: fc.integer({ min: 1, max: 10_000 }).map((n) => `h${n}`),
    item: fc.constantFrom(...among),
    source: fc.constantFrom(...sources),
    laboratory: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...sources) }, { weight: 1, arbitrary: fc.constant(null) }),
    link: fc.constantFrom("number", "number", "number", "steward", "score"),
    status: fc.constantFrom(
      "final" as const,
      "final" as const,
      "amended" as const,
      "preliminary" as const,
      "entered-in-error" as const,
    ),
    collected: fc.oneof({ weight: 9, arbitrary: when }, { weight: 1, arbitrary: fc.constant(null) }),
    reported: fc.oneof({ weight: 3, arbitrary: when }, { weight: 1, arbitrary: fc.constant(null) }),
    value: fc.constantFrom("86", "4.12", "<5", "阴性", null),
    unit: fc.constantFrom("umol/L", "mmol/L", "mg/dL", "%", null),
    specimen: fc.constantFrom("血清", "血清", "全血", "尿", "不明", null),
    method: fc.constantFrom("HPLC", "免疫法", null),
    mark: fc.option(fc.constantFrom(...marks), { nil: null }),
    origin: fc.constantFrom("lis", "lis", "poct"),
    flag: fc.constantFrom("N", "H", "HH"),
  });
}

/** A result with nothing wrong about itself: only its mark, its days and its laboratory vary. */
export function soundResultIn(one: Made, among: readonly string[] = one.items): fc.Arbitrary<GivenResult> {
  const plain = fc.tuple(
    fc.integer({ min: 0, max: 70 }),
    fc.constantFrom(...one.sources),
    fc.option(fc.constantFrom(...one.marks)),
  );
  return fc
    .tuple(plain, fc.constantFrom(...among), fc.integer({ min: 1, max: 10_000 }))
    .map(([[days, source, mark], item, n]) => ({
      id: `h${n}`,
      item,
      source,
      mark,
      method: "HPLC",
      collected: clockAgo(days),
      reported: clockAgo(days),
    }));
}

/** Certificates of the region's laboratories, of every result, by two bodies. */
export function certificatesIn({ sources, regions }: Made): fc.Arbitrary<readonly GivenCertificate[]> {
  const days = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 400 }));
  const one = fc
    .tuple(
      days,
      fc.record({
        laboratory: fc.constantFrom(...sources),
        region: fc.constantFrom(...regions),
        body: fc.constantFrom("甲", "乙"),
        result: fc.constantFrom(
          "passed" as const,
          "passed" as const,
          "failed" as const,
          "unpublished" as const,
          "withdrawn" as const,
        ),
        withdrawnFrom: fc.option(
          fc.integer({ min: 0, max: 100 }).map((ago) => clockAgo(ago).slice(0, 10)),
          { nil: undefined },
        ),
      }),
    )
    .map(([[ago, length], { withdrawnFrom, ...rest }]) => ({
      from: clockAgo(ago).slice(0, 10),
      to: clockAgo(ago - length).slice(0, 10),
      ...rest,
      ...(withdrawnFrom === undefined || rest.result !== "withdrawn" ? {} : { withdrawnFrom }),
    }));
  return fc.array(one, { maxLength: 8 }).map((list) => list.map((each, index) => ({ ...each, id: `c${index}` })));
}

/** An order of the region, at ease or in an emergency. */
export function orderIn({ orderers }: Made): fc.Arbitrary<GivenOrder> {
  return fc.record({
    institution: fc.constantFrom(...orderers),
    setting: fc.constantFrom("outpatient" as const, "inpatient" as const),
    emergency: fc.constantFrom(false, false, true),
  });
}
