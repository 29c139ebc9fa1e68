import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import type { RecordedReminder } from "../check/check-record.ts";
import { detectedIssue } from "./detected-issue.ts";
import { type CaseState, readCases } from "./read-cases.ts";
import type { ReadIssue } from "./read-issue.ts";
import { type Named, ownCheck, remindersNamed } from "./spoken-cases.ts";
import { storeIssues } from "./store-issues.ts";

/** What is said about answers that stand: taken back (撤销), or appealed against (申诉), with the reason in words. */
export interface Objection extends Named {
  readonly text: string;
}

/** What became of one: `nothing-stands` = there is no answer (any more); `conflict` = it was taken back for another reason. */
export interface ToldObjection extends Named {
  readonly state: "recorded" | "same" | "unknown-order" | "nothing-stands" | "conflict";
}

/** Objections to the answers of one check's cases. */
export interface ObjectionsGiven {
  /** With the practitioner: nothing is taken back in nobody's name. */
  readonly asker: Orderer & { readonly practitioner: NonNullable<Orderer["practitioner"]> };
  readonly check: string;
  readonly code: "revoked" | "appealed";
  readonly objections: readonly Objection[];
}

/**
 * Takes answers back, or appeals against them, each by itself. Both are new DetectedIssues and new facts; the answer is not edited. After a revocation the order may be answered anew.
 * An identical repeat is `same`. Undefined = the institution made no such check. Throws `Fault("store-down")`.
 */
export async function objectToAnswers(deps: CheckDeps, given: ObjectionsGiven): Promise<readonly ToldObjection[] | undefined> {
  const check = await ownCheck(deps, given.asker, given.check);
  if (check === undefined) return undefined;
  const entries = given.objections.flatMap((objection): { objection: Objection; reminder?: RecordedReminder }[] => {
    const reminders = remindersNamed(check, objection);
    return reminders.length === 0 ? [{ objection }] : reminders.map((reminder) => ({ objection, reminder }));
  });
  const cases = await readCases(
    deps.store,
    check.institution,
    entries.flatMap(({ reminder }) => reminder?.case ?? []),
  );
  const planned = entries.map(({ objection, reminder }) => {
    const state = reminder === undefined ? undefined : cases.get(reminder.case);
    const answer = state === undefined ? undefined : aboutOf(given.code, state, objection.text);
    if (reminder === undefined || answer === undefined) return { objection, reminder };
    return { objection, reminder, issue: issueOf(deps, { given, reminder, answer, objection, at: deps.now(), check }) };
  });
  const issues = [
    ...new Map(planned.flatMap(({ issue }) => (issue === undefined ? [] : [[issue.id, issue] as const]))).values(),
  ];
  const stored = await storeIssues(deps, { check, holder: check.institution, issues });
  const byId = new Map(stored.map((one) => [one.issue.id, one]));
  return planned.map(({ objection, reminder, issue }): ToldObjection => {
    const named = { order: objection.order, ...(reminder === undefined ? {} : { item: reminder.item }) };
    if (reminder === undefined) return { ...named, state: "unknown-order" };
    const there = byId.get(issue?.id ?? "");
    if (there === undefined) return { ...named, state: "nothing-stands" };
    return { ...named, state: there.isNew ? "recorded" : there.issue.text === objection.text ? "same" : "conflict" };
  });
}

/** The answer an objection is about: the one that stands, or the one that the same words took back before. */
function aboutOf(code: ObjectionsGiven["code"], state: CaseState, text: string): ReadIssue | undefined {
  if (state.standing !== undefined) return state.standing;
  const last = state.history.filter((one) => one.code === code).at(-1);
  return last?.text === text ? state.history.find((one) => one.id === last.about) : undefined;
}

interface ToBuild {
  readonly given: ObjectionsGiven;
  readonly check: Parameters<typeof detectedIssue>[0]["check"];
  readonly reminder: RecordedReminder;
  readonly answer: ReadIssue;
  readonly objection: Objection;
  readonly at: Date;
}

function issueOf({ suite }: CheckDeps, { given, check, reminder, answer, objection, at }: ToBuild) {
  const { code, asker } = given;
  // An answer is taken back once; appeals of other words are others.
  const key = code === "revoked" ? [] : [suite.blindIndex("appeal", objection.text)];
  return detectedIssue({
    id: suite.computeId(check.institution, "DetectedIssue", code, answer.id, ...key),
    code,
    at,
    asker,
    check,
    reminder,
    ordinal: answer.ordinal,
    text: objection.text,
    about: { id: answer.id, code: answer.code },
    ...(answer.result === undefined ? {} : { result: { ...answer.result, recognition: answer.recognition ?? "may" } }),
  });
}
