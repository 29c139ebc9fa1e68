export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** An instant moved by milliseconds. */
export function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

// The region lives at +08:00 all year; exports carry no zone.
function local(at: Date): string {
  return later(at, 8 * hourMs).toISOString();
}

/** `2026-11-18 08:12:00`, the region's clock. */
export function stamp(at: Date): string {
  return `${local(at).slice(0, 10)} ${local(at).slice(11, 19)}`;
}

/** `2026-11-18`. */
export function dashedDay(at: Date): string {
  return local(at).slice(0, 10);
}

/** `20261118`. */
export function day8(at: Date): string {
  return dashedDay(at).replaceAll("-", "");
}

/** `20261118081200` as HL7 v2 writes it. */
export function stamp14(at: Date): string {
  return stamp(at).replace(/[- :]/g, "");
}

/** The instant at which a local day (`2026-11-18`) begins, plus hours. */
export function localDay(day: string, hours = 0): Date {
  return later(new Date(`${day}T00:00:00+08:00`), hours * hourMs);
}

/** Whole years between a birth date (`YYYY-MM-DD`) and an instant. */
export function ageYears(birthDate: string, at: Date): number {
  const today = dashedDay(at);
  return Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (today.slice(5) < birthDate.slice(5) ? 1 : 0);
}
