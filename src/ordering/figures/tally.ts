import { type Dimension, dimensions, type Measure, measureNames } from "./measures.ts";

/** Counts by measure, in 项次 (`items`, which hold the sums of money too) and 人次 (`visits`). What is absent is 0. */
export interface Tally {
  readonly items: Readonly<Partial<Record<Measure, number>>>;
  readonly visits: Readonly<Partial<Record<Measure, number>>>;
}

/** A total and its breakdowns; within one dimension the rows of 项次 add up to the total where every fact has a key. */
export interface BrokenDown {
  readonly total: Tally;
  readonly by: Readonly<Record<Dimension, Readonly<Record<string, Tally>>>>;
}

/** The figures of one institution in one month of the region, as recogniser and as recognised. */
export interface MonthFigures {
  readonly institution: string;
  /** `2026-11`. */
  readonly month: string;
  /** Whether nothing told later can change them: the month is over, and the answer window of its last reminders. */
  readonly settled: boolean;
  readonly recogniser: BrokenDown;
  readonly recognised: BrokenDown;
  /** Names of 诊疗科目 as the checks told them. */
  readonly departments: Readonly<Record<string, string>>;
}

/** The sum of tallies: of months, of institutions. */
export function sumOf(tallies: readonly Tally[]): Tally {
  return { items: added(tallies.map((one) => one.items)), visits: added(tallies.map((one) => one.visits)) };
}

function added(all: readonly Tally["items"][]): Tally["items"] {
  const sum: Partial<Record<Measure, number>> = {};
  for (const name of measureNames) {
    const value = all.reduce((total, one) => total + (one[name] ?? 0), 0);
    if (value !== 0) sum[name] = value;
  }
  return sum;
}

/** The sum of breakdowns, row by row. */
export function sumOfBroken(parts: readonly BrokenDown[]): BrokenDown {
  const by = dimensions.map((dimension) => {
    const keys = [...new Set(parts.flatMap((one) => Object.keys(one.by[dimension])))].sort();
    return [
      dimension,
      Object.fromEntries(keys.map((key) => [key, sumOf(parts.flatMap((one) => one.by[dimension][key] ?? []))])),
    ];
  });
  return { total: sumOf(parts.map((one) => one.total)), by: Object.fromEntries(by) as BrokenDown["by"] };
}
