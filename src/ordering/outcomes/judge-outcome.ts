import type { Coding } from "@medplum/fhirtypes";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { declineReasonSystem } from "../../recognition/decline-reason-system.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckRecord, RecordedReminder, RecordedResult } from "../check/check-record.ts";
import { type Adopted, type Declined, mostTextLength, type Outcome, type Recorded, type WrongAnswer } from "./outcome.ts";
import type { ReadIssue } from "./read-issue.ts";
import { remindersNamed, resultNamed } from "./spoken-cases.ts";

/** One answer to one reminder. */
export interface Entry {
  readonly outcome: Outcome;
  readonly reminder: RecordedReminder;
}

/** An answer that may be recorded: what it says of its case. */
export interface Sound {
  /** The result adopted, or the best one that was declined. */
  readonly result?: RecordedResult;
  readonly reason?: Coding;
  readonly counts?: boolean;
  readonly text?: string;
  readonly explained?: { readonly by?: string; readonly at: Date };
}

/** What judging an answer needs to know. */
export interface Grounds {
  readonly check: CheckRecord;
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** Who answers; the practitioner explained unless somebody else is named. */
  readonly asker: Orderer;
  /** A refusal may come without the explanation to the patient (a hook's feedback has no room for it). */
  readonly explanationMayFollow: boolean;
}

/** A clock beside ours may be so far ahead. */
const skewMs = 300_000;
const dayMs = 86_400_000;

/** The reminders an answer is for; what it cannot be for is said at once. */
export function entriesOf(outcome: Outcome, check: CheckRecord): readonly Entry[] | Recorded {
  const named = { order: outcome.order, ...(outcome.item === undefined ? {} : { item: outcome.item }) };
  const reminders = remindersNamed(check, outcome);
  if (reminders.length === 0) return { ...named, state: "unknown-order" };
  if (outcome.outcome === "declined") return reminders.map((reminder) => ({ outcome, reminder }));
  const reminder = reminders.find((one) => resultNamed(one, outcome.evidence) !== undefined);
  return reminder === undefined ? { ...named, state: "wrong", why: "evidence-not-shown" } : [{ outcome, reminder }];
}

/** Whether the answer that stands says the same; when and to whom it was explained makes no other answer of it. */
export function isSame(standing: ReadIssue, { outcome, reminder }: Entry): boolean {
  if (standing.code !== outcome.outcome) return false;
  if (outcome.outcome === "declined") {
    // Without a reason it says nothing that does not stand.
    return outcome.reason === undefined || (standing.reason === outcome.reason && standing.text === textOf(outcome));
  }
  const shown = resultNamed(reminder, outcome.evidence);
  return shown !== undefined && shown.address.id === standing.result?.address.id && shown.version === standing.result.version;
}

/** The explanation to the patient that a refusal brings although the same refusal stands without one. */
export function laterExplanation(standing: ReadIssue, { outcome }: Entry, grounds: Grounds): Sound["explained"] {
  if (outcome.outcome === "adopted" || standing.explained !== undefined) return undefined;
  const explained = explanationOf(outcome, grounds);
  return explained !== undefined && isThen(explained.at, grounds) ? explained : undefined;
}

/** Whether an answer may be taken as it stands, before its evidence is read again. */
export function judgeOutcome({ outcome, reminder }: Entry, grounds: Grounds): Sound | { readonly why: WrongAnswer } {
  return outcome.outcome === "adopted" ? judgeAdopted(outcome, reminder) : judgeDeclined(outcome, reminder, grounds);
}

/** The doctor may adopt what must or may be recognised; what is not eligible is no result for this order (recognition.md §2.4). */
function judgeAdopted(outcome: Adopted, reminder: RecordedReminder): Sound | { readonly why: WrongAnswer } {
  const result = resultNamed(reminder, outcome.evidence);
  if (result === undefined) return { why: "evidence-not-shown" };
  return result.recognition === "ineligible" ? { why: "evidence-not-recognisable" } : { result };
}

function judgeDeclined(outcome: Declined, reminder: RecordedReminder, grounds: Grounds): Sound | { readonly why: WrongAnswer } {
  const result = bestOf(reminder);
  const about = result === undefined ? {} : { result };
  if (outcome.reason === undefined) return about;
  const reason = grounds.catalogue.declineReasons.find((one) => one.code === outcome.reason);
  if (reason === undefined) return { why: "reason-unknown" };
  const text = textOf(outcome);
  if (reason.needsText && text === undefined) return { why: "text-missing" };
  if (text !== undefined && [...text].length > mostTextLength) return { why: "text-too-long" };
  const explained = explanationOf(outcome, grounds);
  if (explained === undefined && reason.counts && !grounds.explanationMayFollow) return { why: "explanation-missing" };
  if (explained !== undefined && !isThen(explained.at, grounds)) return { why: "explanation-too-early-or-late" };
  return {
    ...about,
    reason: { system: declineReasonSystem(grounds.catalogue.head.region), code: reason.code, display: reason.label },
    counts: reason.counts,
    ...(text === undefined ? {} : { text }),
    ...(explained === undefined ? {} : { explained }),
  };
}

function explanationOf({ explained }: Declined, { now, asker }: Grounds): Sound["explained"] {
  const by = explained?.by ?? asker.practitioner?.id;
  if (explained === undefined || by === undefined) return undefined;
  return { by, at: explained.at ?? now };
}

/** The patient is told when the reminder is there: not a day before its check, not in the future. */
function isThen(at: Date, { check, now }: Grounds): boolean {
  return at.getTime() >= check.at.getTime() - dayMs && at.getTime() <= now.getTime() + skewMs;
}

function textOf({ text }: Declined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}

function bestOf({ results }: RecordedReminder): RecordedResult | undefined {
  return (["must", "may", "ineligible"] as const)
    .map((recognition) => results.find((one) => one.recognition === recognition))
    .find((one) => one !== undefined);
}
