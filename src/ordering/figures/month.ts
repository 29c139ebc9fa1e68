import { dayIn, instantIn } from "../../recognition/region-time.ts";

/** A calendar month of the region's clock: from its first moment until before the first of the next. */
export interface Month {
  /** `2026-11`. */
  readonly name: string;
  readonly from: Date;
  readonly until: Date;
}

/** The month of this name. */
export function monthNamed(utcOffset: string, name: string): Month {
  const [year = 0, month = 0] = name.split("-").map(Number);
  const next = month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, "0")}`;
  const start = (of: string) => instantIn(utcOffset, `${of.padStart(7, "0")}-01`) ?? new Date(Number.NaN);
  return { name, from: start(name), until: start(next) };
}

/** The month in which an instant lies. */
export function monthAt(utcOffset: string, at: Date): Month {
  return monthNamed(utcOffset, dayIn(utcOffset, at).slice(0, 7));
}

/** The month before. */
export function monthBefore(utcOffset: string, { from }: Month): Month {
  return monthAt(utcOffset, new Date(from.getTime() - 1));
}

/** Every month from one to another, both included; none when the second is earlier. */
export function monthsBetween(utcOffset: string, first: string, last: string): Month[] {
  const months: Month[] = [];
  for (let month = monthNamed(utcOffset, first); month.name <= last; month = monthAt(utcOffset, month.until))
    months.push(month);
  return months;
}
