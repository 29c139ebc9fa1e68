import { type Group, type Row, recommended } from "./rows.ts";

/** What the doctor has chosen for a row and not yet sent. */
export type Choice =
  | { readonly kind: "adopt"; readonly evidence: string }
  | { readonly kind: "decline"; readonly reason?: string; readonly text?: string };

/** By the row's key. */
export type Choices = Readonly<Record<string, Choice>>;

/** A reason to examine again, as the region's policy offers it. */
export interface DeclineReason {
  readonly code: string;
  readonly label: string;
  readonly text: string;
  readonly needsText: boolean;
  /** False: neither recognised nor refused (98, 99). */
  readonly counts: boolean;
}

/** Rows that may still be answered: something was shown, and nobody has answered yet. */
function isOpen(row: Row, answered: ReadonlySet<string>): boolean {
  return row.usable.length > 0 && !answered.has(row.key);
}

/** Accepts, for every open row, what is recommended; a choice already made stands. */
export function adoptAll(groups: readonly Group[], choices: Choices, answered: ReadonlySet<string>): Choices {
  const rows = groups.flatMap((group) => group.rows).filter((row) => isOpen(row, answered) && choices[row.key] === undefined);
  const added = rows.flatMap((row) => {
    const evidence = recommended(row)?.evidence;
    return evidence === undefined ? [] : [[row.key, { kind: "adopt", evidence }] as const];
  });
  return { ...choices, ...Object.fromEntries(added) };
}

/** The choices that still mean something after a new check: a result that is no longer there cannot be chosen. */
export function stillThere(choices: Choices, groups: readonly Group[]): Choices {
  const rows = new Map(groups.flatMap((group) => group.rows).map((row) => [row.key, row]));
  const kept = Object.entries(choices).filter(([key, choice]) => {
    const usable = rows.get(key)?.usable ?? [];
    return choice.kind === "adopt" ? usable.some((line) => line.evidence === choice.evidence) : usable.length > 0;
  });
  return kept.length === Object.keys(choices).length ? choices : Object.fromEntries(kept);
}

/** Gives every refusal that has no reason yet the reason of this row. */
export function spreadReason(choices: Choices, from: string): Choices {
  const given = choices[from];
  if (given?.kind !== "decline" || given.reason === undefined) return choices;
  const changed = Object.entries(choices).map(([key, one]) =>
    one.kind === "decline" && one.reason === undefined ? ([key, given] as const) : ([key, one] as const),
  );
  return Object.fromEntries(changed);
}

/** Why a choice cannot be sent yet; undefined = it can. */
export function lacks(choice: Choice, reasons: readonly DeclineReason[]): "reason" | "text" | undefined {
  if (choice.kind === "adopt") return undefined;
  const reason = reasons.find((one) => one.code === choice.reason);
  if (reason === undefined) return "reason";
  return reason.needsText && (choice.text ?? "").trim() === "" ? "text" : undefined;
}

/** How many are chosen either way, and whether they can be sent. */
export function tally(choices: Choices, reasons: readonly DeclineReason[]) {
  const all = Object.values(choices);
  return {
    adopted: all.filter((one) => one.kind === "adopt").length,
    declined: all.filter((one) => one.kind === "decline").length,
    lacking: all.filter((one) => lacks(one, reasons) !== undefined).length,
  };
}
