import type { Tally } from "./tally.ts";

/** A rate with what it is made of; `percent` has two decimals and is absent where there is nothing to divide by. */
export interface Rate {
  readonly numerator: number;
  readonly denominator: number;
  readonly percent?: number;
}

/**
 * The rates of recognition.md §9, each in 项次 with both its parts. `a` and `aApart` follow the cases of the period to their end, so that neither exceeds 100 %: all
 * eligible cases below the line, or without those set aside with 98 and 99, since no text says which. `b` divides what was said by what was examined.
 */
export interface Rates {
  /** 互认率 A: recognised ÷ eligible. */
  readonly a: Rate;
  /** The same without 98 and 99 in the denominator. */
  readonly aApart: Rate;
  /** The same among cases in which a result must be recognised or may, in 人次. */
  readonly aVisits: Rate;
  /** 互认率 B: 互认次数 ÷（已报告 + 互认）; absent where nothing is known of reports. */
  readonly b?: Rate;
  /** Share of missing uploads among earlier results that somebody had: images not received (98), and paper typed in by hand. */
  readonly missing: Rate;
}

/** The rates of a tally; `reported` = whether reports are counted at its level. */
export function ratesOf({ items, visits }: Tally, reported: boolean): Rates {
  const { recognised = 0, eligible = 0, setAside = 0, standing = 0, notReceived = 0, typed = 0 } = items;
  return {
    a: rate(recognised, eligible),
    aApart: rate(recognised, eligible - setAside),
    aVisits: rate(visits.recognised ?? 0, visits.eligible ?? 0),
    ...(reported && (items.reported ?? 0) > 0 ? { b: rate(standing, (items.reported ?? 0) + standing) } : {}),
    missing: rate(notReceived + typed, eligible + typed),
  };
}

function rate(numerator: number, denominator: number): Rate {
  const percent = denominator > 0 ? { percent: Math.round((numerator / denominator) * 10_000) / 100 } : {};
  return { numerator, denominator, ...percent };
}

/** Whether every case has its end: none waits, and no refusal lacks its reason (recognition.md §9: "no row counts as closed"). */
export function isClosed({ items }: Tally): boolean {
  return (items.waiting ?? 0) + (items.incomplete ?? 0) === 0;
}

/** What each rate divides by what, for whoever reads it. */
export const rateTexts = {
  a: "互认率A：已互认 ÷ 可互认（按提醒月份跟踪到答复期满）",
  aApart: "互认率A，分母不含 98/99",
  aVisits: "互认率A，按人次",
  b: "互认率B：互认 ÷（已报告 + 互认）",
  missing: "漏传占比：（未收到影像 98 + 纸质结果录入）÷（可互认 + 纸质结果录入）",
} as const satisfies Record<keyof Rates, string>;
