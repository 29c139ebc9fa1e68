import type { InstitutionCode, ResidentId } from "../../kernel/brand.ts";
import type { PanelAdvice as Advice } from "../../recognition/panel.ts";
import type { Setting } from "../../recognition/policy-schema.ts";
import type { Trend } from "../../recognition/trend.ts";

/** Who asks: the client's institution, and the practitioner it named in its token. */
export interface Orderer {
  readonly client: string;
  readonly institution: InstitutionCode;
  readonly practitioner?: { readonly id: string; readonly role?: string };
}

/** A code of an order, in LOINC, the catalogue's own or a local system. */
export interface OrderCode {
  readonly system: string;
  readonly code: string;
}

/** One draft order: an item or a panel of the region's catalogue, or what the catalogue maps to one; of several codes the first that it knows counts. */
export type DraftOrder =
  | { readonly id: string; readonly item: string }
  | { readonly id: string; readonly code: OrderCode | readonly OrderCode[] };

/** The visit in which is ordered, and the department (诊疗科目) that orders. */
export interface CheckedVisit {
  readonly number: string;
  readonly kind: Setting;
  readonly department?: { readonly code: string; readonly name?: string };
}

/** A question at the moment of ordering: which earlier results of this resident stand against these orders. */
export interface RecognitionCheck {
  readonly asker: Orderer;
  readonly resident: ResidentId;
  /** Absent = not told: decided as for an outpatient, and a consent bound to a visit does not match. */
  readonly visit?: CheckedVisit;
  readonly orders: readonly DraftOrder[];
  readonly emergency?: boolean;
  readonly signal?: AbortSignal;
  /** How long sources may take altogether, in milliseconds; what comes later is kept for the next check. */
  readonly deadlineMs?: number;
}

/** A cause in the region's words, with the clause of the rule that gave it and the numbers it rests on. */
export interface AnswerReason {
  readonly code: string;
  readonly text: string;
  readonly rule?: string;
  readonly clause?: string;
  /** Whether it keeps the result from `must`, takes it out, or only adds to it. */
  readonly effect?: "may" | "ineligible" | "note";
  readonly ageDays?: number;
  readonly windowDays?: number;
}

/** The decision on one earlier result. Values are printed as the source printed them, digit for digit. */
export interface AnswerLine {
  readonly recognition: "must" | "may" | "ineligible" | "unknown";
  /** The institution that holds it; on a typed-in paper result the one that typed it. */
  readonly source: InstitutionCode;
  readonly sourceName: string;
  readonly laboratory?: InstitutionCode;
  readonly itemName?: string;
  readonly value?: string;
  readonly unit?: string;
  readonly referenceRange?: string;
  /** Instants. */
  readonly collectedAt?: string;
  readonly performedAt?: string;
  readonly reportedAt?: string;
  readonly mark?: string;
  /** Full days of 24 hours in which it still counts. */
  readonly daysLeft?: number;
  /** The source flagged it as critical: shown first, never recommended. */
  readonly critical?: boolean;
  readonly reasons: readonly AnswerReason[];
  /** Basis that covers the ordering institution, and the certificate behind its mark. */
  readonly basis?: string;
  readonly certificate?: string;
  /** `<institution>/<Type>/<id>/_history/<version>`. */
  readonly evidence?: string;
  /** `<institution>/DiagnosticReport/<id>`, `<institution>/ImagingStudy/<id>`. */
  readonly report?: string;
  readonly study?: string;
  /** On a typed-in paper result: the evidence of the same result found at its source. */
  readonly original?: string;
}

/** What the region's rules say about one draft order, or about one member of the panel it is for. */
export interface AnswerResult {
  readonly order: string;
  readonly item?: string;
  readonly itemName?: string;
  /** The panel the order is for. */
  readonly panel?: string;
  /** UUID of the reminder (提醒); there is one when a result of another institution is shown. */
  readonly reminder?: string;
  /** The same for each check of the same order, so that facts are counted once. */
  readonly case?: string;
  readonly lines: readonly AnswerLine[];
  /** The ordering institution's own earlier results: shown apart, never counted as 互认. */
  readonly own: readonly AnswerLine[];
  /** Paper results that were typed in during this visit: shown apart, counted apart. */
  readonly transcribed: readonly AnswerLine[];
  /** Earlier values of a quantitative item, its own institution's included; a line may be drawn within a segment only. */
  readonly trend?: Trend;
  readonly reasons?: readonly AnswerReason[];
}

/** What an order of a panel comes to: which members an earlier result stands for, and which are still to be ordered. The doctor confirms. */
export interface PanelAdvice {
  readonly order: string;
  readonly panel: string;
  readonly name: string;
  readonly advice: Advice["advice"];
  /** Items. */
  readonly recognised: readonly string[];
  readonly remaining: readonly { readonly item: string; readonly name: string }[];
}

/**
 * `asked` counts permitted and linked sources: `none` = no source answered, and it is the same answer without consent and for an unknown resident;
 * it never means "no earlier result".
 */
export interface CheckAnswer {
  /** Id of the check: its AuditEvent in DEFAULT. */
  readonly id: string;
  /** Region and version of the policy that decided: `linhu 2026.1`. */
  readonly policy: string;
  /** Instant until which an answer is waited for; what is not answered by then counts as 未处理. */
  readonly answerUntil: string;
  readonly asked: "all" | "some" | "none";
  readonly results: readonly AnswerResult[];
  readonly panels: readonly PanelAdvice[];
  readonly note: string;
}
