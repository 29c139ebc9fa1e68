import type { Cell, Column, ColumnType } from "./compiled.ts";

/** Text that is not what its column promises; `reason` tells why, never the value. */
export interface BadCell {
  readonly reason: string;
}

/** What a feed says about reading any cell. */
export interface CellRules {
  /** Texts that mean nothing is there. */
  readonly absent: ReadonlySet<string>;
  /** `+08:00`: the zone of times printed without one. */
  readonly timeZone: string;
  /** Local date and time (`YYYY-MM-DDTHH:MM:SS`) after which a printed time lies in the future. */
  readonly horizon: string;
}

type Reader = (text: string, rules: CellRules) => string | BadCell;

/**
 * The cell as templates see it: absent → undefined, dates `YYYY-MM-DD`, times `YYYY-MM-DDTHH:MM:SS+08:00`, integers and decimals as digits.
 * A `local_time` ends in the feed's zone whatever it says: a printed `Z` is known to be a habit of gateways, not UTC.
 */
export function readCell(text: string | undefined, column: Column, rules: CellRules): Cell | BadCell {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (rules.absent.has(trimmed)) return undefined;
  const value = readers[column.type](trimmed, rules);
  const timed = column.type === "local_time" || column.type === "date" || column.type === "date8";
  if (timed && !column.future && typeof value === "string" && value > rules.horizon) return { reason: "lies in the future" };
  return value;
}

const readers: Record<ColumnType, Reader> = {
  text: (text) => (text.isWellFormed() && !text.includes("\0") ? text : { reason: "holds something that is no character" }),
  code: (text) => (isAscii(text) ? text : text.normalize("NFKC").trim()),
  integer: (text) => (/^[-+]?\d{1,15}$/.test(text) ? String(Number(text)) : { reason: "is not a whole number" }),
  decimal: (text) => (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? text : { reason: "is not a plain decimal" }),
  date8: readDate,
  date: readDate,
  local_time: readLocalTime,
};

const datePattern = /^(\d{4})([-/.]?)(\d{2})\2(\d{2})$/;
const timePattern =
  /^(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2})(\.\d{1,6})?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** `YYYYMMDD`, `YYYY-MM-DD`, `YYYY/MM/DD`; a time after it is cut off. */
function readDate(text: string): string | BadCell {
  const match = datePattern.exec(text) ?? datePattern.exec(text.slice(0, 10)) ?? datePattern.exec(text.slice(0, 8));
  if (match === null) return { reason: "is not a date" };
  return isDay(match[1], match[3], match[4]) ? `${match[1]}-${match[3]}-${match[4]}` : { reason: "is no day of the calendar" };
}

/** A local clock time in any of the usual spellings; a date alone stays a date. */
function readLocalTime(text: string, rules: CellRules): string | BadCell {
  const match = timePattern.exec(text);
  if (match === null) return { reason: "is not a date and time" };
  const [, year, , month, day, hour, minute, second = "00", fraction = "", zone] = match;
  if (!isDay(year, month, day)) return { reason: "is no day of the calendar" };
  if (hour === undefined || minute === undefined) return `${year}-${month}-${day}`;
  if (hour > "23" || minute > "59" || second > "59") return { reason: "is no time of day" };
  const stated =
    zone === undefined || zone === "Z" ? rules.timeZone : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${stated}`;
}

function isDay(year = "", month = "", day = ""): boolean {
  const m = Number(month);
  const d = Number(day);
  if (m < 1 || m > 12 || d < 1) return false;
  return d <= 28 || d <= new Date(Date.UTC(Number(year), m, 0)).getUTCDate();
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return false;
  return true;
}

/** The local clock time `hours` after `now` in a zone like `+08:00`, as `readCell` prints times; later ones lie in the future. */
export function horizonAfter(now: Date, hours: number, timeZone: string): string {
  const [, sign, hour, minute] = /^([+-])(\d{2}):(\d{2})$/.exec(timeZone) ?? [];
  const shiftMinutes = (sign === "-" ? -1 : 1) * (Number(hour ?? 0) * 60 + Number(minute ?? 0));
  return new Date(now.getTime() + hours * 3_600_000 + shiftMinutes * 60_000).toISOString().slice(0, 19);
}
