import type { CheckDeps } from "../check/check-deps.ts";
import type { IssueContent } from "./detected-issue.ts";
import type { Entry, Grounds, Sound } from "./judge-outcome.ts";
import { answerId } from "./read-cases.ts";
import type { ReadIssue } from "./read-issue.ts";

/** What an answer says of its case, the price of the day frozen with it; `ordinal`: which answer of the case it is. */
export function answerContent(
  deps: Pick<CheckDeps, "suite" | "institutionOf">,
  { check, asker, catalogue, now }: Grounds,
  { entry, sound, ordinal }: { entry: Entry; sound: Sound; ordinal: number },
): IssueContent {
  const { reminder, outcome } = entry;
  const { institution } = check;
  const ji = deps.institutionOf(institution)?.level.ji;
  const fen = outcome.outcome === "adopted" && ji !== undefined ? catalogue.priceOf(reminder.item, ji) : undefined;
  return {
    id: answerId(deps.suite, { institution, reminderCase: reminder.case, ordinal }),
    code: outcome.outcome,
    at: now,
    asker,
    check,
    reminder,
    ordinal,
    ...sound,
    ...(fen === undefined ? {} : { fen }),
  };
}

/** Told after the refusal, the explanation is a DetectedIssue of its own: an answer that stands is not edited. */
export function explanationContent(
  { suite }: Pick<CheckDeps, "suite">,
  { check, asker, now }: Grounds,
  { entry, explained, standing }: { entry: Entry; explained: NonNullable<Sound["explained"]>; standing: ReadIssue },
): IssueContent {
  return {
    id: suite.computeId(check.institution, "DetectedIssue", "explained", standing.id),
    code: "explained",
    at: now,
    asker,
    check,
    reminder: entry.reminder,
    ordinal: standing.ordinal,
    explained,
    about: { id: standing.id, code: standing.code },
  };
}
