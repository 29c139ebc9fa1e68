import type { InstitutionCode } from "../kernel/brand.ts";
import type { Decision, Recognition } from "./decide.ts";
import { evidenceOf, type Prior } from "./prior.ts";

/** One earlier value, in the item's unit. */
export interface TrendPoint {
  /** Instant of the specimen (of the report, where the source does not tell the specimen's). */
  readonly at: string;
  /** In `unit`; converted where the source printed another one. */
  readonly value: number;
  readonly unit: string;
  /** Value and unit as printed. */
  readonly printed: string;
  readonly source: InstitutionCode;
  /** `<institution>/<Type>/<id>/_history/<version>`. */
  readonly evidence: string;
}

/** Earlier values in the order of time. A line may be drawn within a segment, never from one to the next. */
export interface Trend {
  readonly points: readonly (readonly TrendPoint[])[];
}

/** Causes for which a value is not this person's, not a result, or not a value of this item. */
const unfit: ReadonlySet<string> = new Set([
  "link-not-strong",
  "voided",
  "not-final",
  "no-value",
  "unit-missing",
  "unit-differs",
  "specimen-differs",
  "specimen-unknown",
  "undated",
  "dated-in-future",
]);
const unknownMethods: ReadonlySet<string> = new Set(["method-unknown", "platform-unknown"]);

/**
 * The course of a quantitative item over what was found, the institution's own results included; undefined with fewer than two values. It breaks where method,
 * platform, printed unit or reference range change, and where an item bound to one of them does not name it and the laboratory changes: those values are not
 * comparable (国卫医发〔2022〕6号 第十条), and a line would say they are.
 */
export function trendOf(decision: Decision): Trend | undefined {
  const bound = [...decision.others, ...decision.own].some((one) => one.reasons.some(({ code }) => unknownMethods.has(code)));
  const dated = [...decision.others, ...decision.own]
    .flatMap((one) => {
      const point = pointOf(one, decision);
      return point === undefined ? [] : [{ point, key: comparableKey(one.prior, bound) }];
    })
    .sort((a, b) => compare(a.point.at, b.point.at) || compare(a.point.evidence, b.point.evidence));
  if (dated.length < 2) return undefined;
  const segments: TrendPoint[][] = [];
  let last: string | undefined;
  for (const { point, key } of dated) {
    if (key === last) segments.at(-1)?.push(point);
    else segments.push([point]);
    last = key;
  }
  return { points: segments };
}

function pointOf({ prior, reasons }: Recognition, { item }: Decision): TrendPoint | undefined {
  const at = prior.collectedAt ?? prior.reportedAt;
  if (item.kind !== "lab" || at === undefined || reasons.some(({ code }) => unfit.has(code))) return undefined;
  // "<0.5" and "阴性" have no place on a line.
  if (prior.value === undefined || !/^[+-]?\d+(\.\d+)?$/.test(prior.value)) return undefined;
  const factor = prior.ucum === undefined ? undefined : prior.ucum === item.unit ? 1 : item.convertible[prior.ucum];
  if (item.unit === undefined || factor === undefined) return undefined;
  return {
    at: at.toISOString(),
    value: Number((Number(prior.value) * factor).toPrecision(12)),
    unit: item.unit,
    printed: [prior.value, prior.unit].filter((part) => part !== undefined).join(" "),
    source: prior.source,
    evidence: evidenceOf(prior),
  };
}

function comparableKey(prior: Prior, bound: boolean): string {
  const words = [prior.method, prior.platform, prior.ucum, prior.referenceRange].map((word) =>
    (word ?? "").normalize("NFKC").trim(),
  );
  const unnamed = bound && (prior.method === undefined || prior.platform === undefined);
  return JSON.stringify(unnamed ? [...words, prior.laboratory ?? prior.source] : words);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
