/** From when to when an entry holds: days of the region, both ends included. */
export interface Dated {
  readonly effective: { readonly from: string; readonly to?: string | undefined };
}

/** Whether an entry is in force on a day (both ends included). */
export function holdsOn({ effective }: Dated, day: string): boolean {
  return effective.from <= day && (effective.to === undefined || day <= effective.to);
}

/** Whether two entries are in force on a common day. */
export function overlap(a: Dated, b: Dated): boolean {
  const [endA, endB] = [a.effective.to ?? "9999", b.effective.to ?? "9999"];
  return a.effective.from <= endB && b.effective.from <= endA;
}

/** The first day from `from` to `to` (without: for ever) on which none of the entries is in force; undefined when there is no such day. */
export function gapIn(entries: readonly Dated[], from: string, to?: string): string | undefined {
  let day = from;
  while (to === undefined || day <= to) {
    const today = day;
    const holding = entries.filter((entry) => holdsOn(entry, today));
    if (holding.length === 0) return day;
    const ends = holding.map((entry) => entry.effective.to);
    if (ends.includes(undefined)) return undefined;
    day = dayAfter(ends.reduce((last = "", end = "") => (end > last ? end : last)) ?? day);
  }
  return undefined;
}

/** The later of two days. */
export function later(a: string, b: string): string {
  return a > b ? a : b;
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}
