/** How the numbers of a cell style are shown. */
export type NumberStyle = "number" | "date" | "time" | "date-time";

/** A cell as text, or why its value is not to be used. */
export type CellText = { readonly text: string } | { readonly wrong: string };

const daySeconds = 86_400;
// Numbers of formats that every Excel knows (ECMA-376 part 1, 18.8.30), those of Chinese and Japanese editions too.
const builtInDates = new Set([14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);
const builtInTimes = new Set([18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56]);

/** What a number format shows; `code` is the format's own text when the workbook declares it. */
export function styleOf(id: number, code: string | undefined): NumberStyle {
  if (code === undefined)
    return id === 22 ? "date-time" : builtInDates.has(id) ? "date" : builtInTimes.has(id) ? "time" : "number";
  const [first = ""] = code.split(";");
  if (/\[(h+|m+|s+)\]/i.test(first)) return "number"; // a duration, not a time of day
  const marks = first.replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, "").toLowerCase();
  if (/general|[0#?]/.test(marks.replace(/[sh][.,]0+/g, ""))) return "number";
  const time = /[hs]/.test(marks);
  const date = /[yde]/.test(marks) || (!time && marks.includes("m"));
  if (date) return time ? "date-time" : "date";
  return time ? "time" : "number";
}

/**
 * A stored number as text: a day as `2026-11-20`, with its time of day when it has one or its format shows one, a number with its digits as typed
 * (a double's 17 digits shortened to those that mean the same). Excel keeps 15 digits: a longer whole number was cut when it was typed.
 */
export function numberText(stored: string, style: NumberStyle, since1904: boolean): CellText {
  const plain = plainDigits(stored.trim());
  if (plain === undefined) return { wrong: "holds a number that cannot be read" };
  if (style === "number") {
    const digits = plain.replace(/^-?0*|\..*$/g, "");
    return digits.length > 15
      ? {
          wrong: "holds a number of more than 15 digits, of which Excel keeps only 15: format the column as text before typing",
        }
      : { text: plain };
  }
  const serial = Number(plain);
  if (serial < 0 || serial >= 2_958_466) return { wrong: "holds a number that is no day of Excel's calendar" };
  return { text: timeText(serial, style, since1904) };
}

function timeText(serial: number, style: NumberStyle, since1904: boolean): string {
  const seconds = Math.round(serial * daySeconds);
  const ofDay = seconds % daySeconds;
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  const day = Math.floor(seconds / daySeconds);
  if (style === "time" && day === 0) return clock;
  const date = since1904 ? isoDay(Date.UTC(1904, 0, 1), day) : dayOf1900(day);
  return ofDay === 0 && style === "date" ? date : `${date} ${clock}`;
}

/** In the calendar of 1900 day 60 is a 29 February that never was; it is told as such, and no cell of type date takes it. */
function dayOf1900(day: number): string {
  if (day === 60) return "1900-02-29";
  return isoDay(Date.UTC(1899, 11, day < 60 ? 31 : 30), day);
}

function isoDay(from: number, days: number): string {
  return new Date(from + days * daySeconds * 1000).toISOString().slice(0, 10);
}

/** A number without exponent; undefined when it is none. */
function plainDigits(stored: string): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d{1,3}))?$/.exec(stored);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent] = match;
  const significant = `${whole}${fraction}`.replace(/^0+/, "").length;
  if (significant > 15 && exponent === undefined) {
    const shortest = String(Number(stored));
    if (shortest !== stored && !shortest.includes("e")) return shortest;
  }
  if (exponent === undefined) return stored;
  if (significant > 15) {
    const shortest = String(Number(stored));
    return shortest.includes("e") ? shifted(sign, whole, fraction, Number(exponent)) : shortest;
  }
  return shifted(sign, whole, fraction, Number(exponent));
}

function shifted(sign: string, whole: string, fraction: string, exponent: number): string {
  const digits = `${whole}${fraction}`;
  const point = whole.length + exponent;
  const padded = point <= 0 ? `${"0".repeat(1 - point)}${digits}` : digits.padEnd(point, "0");
  const at = Math.max(point, 1);
  const rest = padded.slice(at);
  return `${sign}${padded.slice(0, at).replace(/^0+(?=\d)/, "")}${rest === "" ? "" : `.${rest}`}`;
}
