import type { Resource } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";

/** What may be asked for: visits and diagnoses, laboratory results, imaging reports and studies. */
export type Category = "record" | "lab" | "imaging";

/** Which times are asked for, the same of every source. They are clinical ones: `from` is included, `until` is not. */
export interface Question {
  readonly from?: Date;
  readonly until?: Date;
}

/** One local Patient of the resident: who knows them, under which id. */
export interface LocalPatient {
  readonly institution: InstitutionCode;
  readonly patient: ResourceId;
}

/** A local Patient that may be asked about, and for which categories: this list is the permission. */
export interface AskedPatient extends LocalPatient {
  readonly categories: readonly Category[];
}

/** How asking one source ended. `more`: what follows is not all; `nothing`: it answered and holds nothing; the last three are no answer. */
export type SourceOutcome = "answered" | "nothing" | "more" | "refused" | "timed-out" | "failed";

/** Why a source has no answer, for the audit and the log. */
export type NoAnswerReason = "unavailable" | "wrong-patient" | "busy";

/** The answer of one source, checked to belong to the resident. Resources only where the outcome is `answered` or `more`. */
export interface SourceAnswer {
  readonly institution: InstitutionCode;
  readonly outcome: SourceOutcome;
  readonly resources: readonly Resource[];
  /** Instant at which it was asked. */
  readonly askedAt: string;
  readonly reason?: NoAnswerReason;
}

/** An answer from what was found; `more` when the search was cut at its bound. */
export function answerOf(
  institution: InstitutionCode,
  found: { resources: readonly Resource[]; more: boolean },
  askedAt: string,
): SourceAnswer {
  const outcome = found.more ? "more" : found.resources.length > 0 ? "answered" : "nothing";
  return { institution, outcome, resources: found.resources, askedAt };
}

/** No answer, which is never the same as nothing found. */
export function noAnswer(
  institution: InstitutionCode,
  outcome: "refused" | "timed-out" | "failed",
  reason: NoAnswerReason,
  askedAt: string,
): SourceAnswer {
  return { institution, outcome, resources: [], askedAt, reason };
}

/** The region's clocks: a day without an offset is a day in China. */
const dayOffset = "+08:00";
const dayMs = 86_400_000;

/** A question from what the caller wrote: days (`2026-11-18`, the whole day) or instants with an offset. */
export function questionOf(asked: { readonly from?: string; readonly to?: string }): Question {
  const { from, to } = asked;
  return {
    ...(from === undefined ? {} : { from: startOf(from) }),
    ...(to === undefined ? {} : { until: isDay(to) ? new Date(startOf(to).getTime() + dayMs) : new Date(Date.parse(to) + 1) }),
  };
}

function startOf(text: string): Date {
  return new Date(isDay(text) ? `${text}T00:00:00${dayOffset}` : text);
}

function isDay(text: string): boolean {
  return text.length === 10;
}
