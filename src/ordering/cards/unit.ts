import type { AnswerLine, AnswerResult, CheckAnswer, PanelAdvice } from "../check/check.ts";

/** One draft order as a doctor sees it: an item, or a panel with all its members; the doctor answers per order. */
export interface Unit {
  readonly order: string;
  readonly name: string;
  /** One result for an item, one per member for a panel. */
  readonly results: readonly AnswerResult[];
  readonly panel?: PanelAdvice;
  /** The strongest decision on any result of another institution; `none` = nothing of theirs is shown. */
  readonly band: "must" | "may" | "ineligible" | "none";
}

/** A result that may stand for an order, with the reminder under which it was shown. */
export interface Candidate {
  readonly reminder: string;
  readonly line: AnswerLine & { readonly evidence: string };
}

const bands = ["must", "may", "ineligible"] as const;

/** The orders of a check in the order of the request, those with a critical earlier result first: nobody may miss one. */
export function unitsOf(answer: CheckAnswer): readonly Unit[] {
  const units = [...Map.groupBy(answer.results, (one) => one.order).values()].map((results): Unit => {
    const order = results[0]?.order ?? "";
    const panel = answer.panels.find((one) => one.order === order);
    const lines = results.flatMap((one) => one.lines);
    return {
      order,
      name: panel?.name ?? results[0]?.itemName ?? results[0]?.item ?? order,
      results,
      ...(panel === undefined ? {} : { panel }),
      band: bands.find((band) => lines.some((line) => line.recognition === band)) ?? "none",
    };
  });
  return units.sort((a, b) => Number(isCritical(b)) - Number(isCritical(a)));
}

/** Whether the doctor is asked to answer: a result of another institution must or may be recognised. */
export function isAnswerable(unit: Unit): boolean {
  return unit.band === "must" || unit.band === "may";
}

/** The first result that still counts and was critical, wherever it was made: others' before the institution's own. */
export function criticalIn(unit: Unit): AnswerLine | undefined {
  const lines = [...unit.results.flatMap((one) => one.lines), ...unit.results.flatMap((one) => one.own)];
  return lines.find((line) => line.critical === true && line.recognition !== "ineligible");
}

function isCritical(unit: Unit): boolean {
  return criticalIn(unit) !== undefined;
}

/** What of other institutions could stand for the order: `must` before `may`, else as the check shows them (critical first, then newest first). */
export function candidatesOf(unit: Unit): readonly Candidate[] {
  const all = unit.results.flatMap(({ reminder, lines }) =>
    reminder === undefined ? [] : lines.flatMap((line) => (hasEvidence(line) ? [{ reminder, line }] : [])),
  );
  const of = (recognition: AnswerLine["recognition"]) => all.filter(({ line }) => line.recognition === recognition);
  return [...of("must"), ...of("may")];
}

/** UUID of the reminder that names the unit's card: its own, or that of a panel's first member that has one. */
export function reminderOf(unit: Unit): string | undefined {
  return unit.results.find((one) => one.reminder !== undefined)?.reminder;
}

function hasEvidence(line: AnswerLine): line is Candidate["line"] {
  return line.evidence !== undefined;
}
