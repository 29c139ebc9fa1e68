/** The day (`YYYY-MM-DD`) in which an instant lies where the clock is this far from UTC (`+08:00`). */
export function dayIn(utcOffset: string, at: Date): string {
  return new Date(at.getTime() + offsetMs(utcOffset)).toISOString().slice(0, 10);
}

/** A FHIR date or dateTime as an instant; a bare year, month or day is its first moment there. */
export function instantIn(utcOffset: string, date: string | undefined): Date | undefined {
  if (date === undefined) return undefined;
  const whole = date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date;
  const at = new Date(whole.length === 10 ? `${whole}T00:00:00${utcOffset}` : whole);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function offsetMs(utcOffset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}
