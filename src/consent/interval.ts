/** A stretch of time in epoch milliseconds: from `from` on, before `until`. */
export interface Interval {
  readonly from: number;
  readonly until: number;
}

/** A dated value without an offset is read in the region's time, UTC+08:00 (China has one zone and no summer time). */
const regionOffsetMs = 8 * 3_600_000;

const shape = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/;

/** Everything a FHIR `date`, `dateTime` or `instant` may mean: `2026` is a year, a full instant is one millisecond. Undefined when it is none. */
export function intervalOf(text: string): Interval | undefined {
  if (!shape.test(text)) return undefined;
  const year = Number(text.slice(0, 4));
  const month = text.length > 4 ? Number(text.slice(5, 7)) : undefined;
  const day = text.length > 7 ? Number(text.slice(8, 10)) : undefined;
  // Date.UTC reads years before 100 as 19xx; no record is that old.
  if (year < 100) return undefined;
  if (month !== undefined && (month < 1 || month > 12)) return undefined;
  if (day !== undefined && (day < 1 || day > daysIn(year, month ?? 1))) return undefined;
  if (text.length > 10) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : { from: at, until: at + 1 };
  }
  if (month === undefined) return { from: midnight(year, 1, 1), until: midnight(year + 1, 1, 1) };
  if (day === undefined) return { from: midnight(year, month, 1), until: midnight(year, month + 1, 1) };
  const from = midnight(year, month, day);
  return { from, until: from + 86_400_000 };
}

/** Start of a day of the region. */
function midnight(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) - regionOffsetMs;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A FHIR `Period` as an interval; an open end reaches for ever. `unreadable` when an end that is there is no date, or they are the wrong way round. */
export function periodInterval(period: { readonly start?: string; readonly end?: string }): Interval | "unreadable" {
  const start = period.start === undefined ? { from: Number.NEGATIVE_INFINITY } : intervalOf(period.start);
  const end = period.end === undefined ? { until: Number.POSITIVE_INFINITY } : intervalOf(period.end);
  if (start === undefined || end === undefined || start.from >= end.until) return "unreadable";
  return { from: start.from, until: end.until };
}

/** Whether `inner` lies wholly inside `outer`, wholly outside, or across its edge. */
export function placeOf(inner: Interval, outer: Interval): "inside" | "outside" | "across" {
  if (inner.from >= outer.from && inner.until <= outer.until) return "inside";
  return inner.until <= outer.from || inner.from >= outer.until ? "outside" : "across";
}
