import type { AnswerLine } from "../check/check.ts";

/** "<140-character summary" (CDS Hooks 2.0, "Card Attributes"). */
const longestSummary = 139;

/** One line of text without control characters, cut with an ellipsis to what a summary may hold. */
export function oneLine(text: string, longest = longestSummary): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  if (line.length <= longest) return line;
  // Never half a character: a pair is dropped whole.
  return `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/**
 * A value from elsewhere as it may stand in GitHub Flavored Markdown: it formats nothing, links to nothing and closes no cell
 * (CDS Hooks 2.0, "Security and Safety", risk 4: links to dangerous apps in cards).
 */
export function escaped(text: string): string {
  return oneLine(text, 500)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*_[\]|~!#@]/g, "\\$&")
    .replace(/:\/\//g, "\\://")
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}\\.`);
}

/** A table; every cell is escaped here, so no caller can forget it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lineOf = (cells: readonly string[]) => `| ${cells.map((cell) => escaped(cell) || " ").join(" | ")} |`;
  return [lineOf(head), `|${head.map(() => "---|").join("")}`, ...rows.map(lineOf)].join("\n");
}

/** Instants in the region's clock. */
export interface Clock {
  /** `2026-11-18`. */
  day(instant: string | undefined): string;
  /** `2026-11-18 08:12`. */
  minute(instant: string | undefined): string;
}

/** The clock of a region this far from UTC (`+08:00`); "" for what is not dated. */
export function clockOf(utcOffset: string): Clock {
  const sign = utcOffset.startsWith("-") ? -1 : 1;
  const offsetMs = sign * (Number(utcOffset.slice(1, 3)) * 60 + Number(utcOffset.slice(4, 6))) * 60_000;
  const shown = (instant: string | undefined, length: number) => {
    const at = instant === undefined ? Number.NaN : Date.parse(instant);
    return Number.isNaN(at) ? "" : new Date(at + offsetMs).toISOString().slice(0, length).replace("T", " ");
  };
  return { day: (instant) => shown(instant, 10), minute: (instant) => shown(instant, 16) };
}

/** When the specimen was taken or the examination performed; of a result that tells neither, when it was reported. */
export function takenAt(line: AnswerLine): string | undefined {
  return line.collectedAt ?? line.performedAt ?? line.reportedAt;
}

/** Value and unit as the source printed them; "" for an examination, which is shown by its report. */
export function printedValue(line: AnswerLine): string {
  return [line.value, line.unit].filter((part) => part !== undefined).join(" ");
}
