import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";

/** Who asks: the client's institution, and the practitioner it named in its token. */
interface Orderer {
  readonly client: string;
  readonly institution: InstitutionCode;
  readonly practitioner?: { readonly id: string; readonly role?: string };
}

/** One draft order: an item of the region's catalogue, or a code the catalogue maps. */
export type DraftOrder =
  | { readonly id: string; readonly item: string }
  | { readonly id: string; readonly code: { readonly system: string; readonly code: string } };

/** A question at the moment of ordering: which earlier results of this resident stand against these orders. */
export interface RecognitionCheck {
  readonly asker: Orderer;
  readonly resident: ResidentId;
  readonly visit: { readonly number: string; readonly kind: "outpatient" | "inpatient" | "emergency" };
  readonly orders: readonly DraftOrder[];
  readonly emergency?: boolean;
  readonly signal?: AbortSignal;
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
  readonly source: InstitutionCode;
  readonly sourceName: string;
  readonly laboratory?: InstitutionCode;
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
}

/** What the region's rules say about one draft order. `own` are the ordering institution's earlier results: shown apart, never counted as 互认. */
export interface AnswerResult {
  readonly order: string;
  readonly item?: string;
  readonly lines: readonly AnswerLine[];
  readonly own: readonly AnswerLine[];
  readonly reasons?: readonly AnswerReason[];
}

/**
 * `asked` counts permitted and linked sources: `none` = no source answered, and it is the same answer without consent and for an unknown resident;
 * it never means "no earlier result".
 */
export interface CheckAnswer {
  readonly asked: "all" | "some" | "none";
  readonly results: readonly AnswerResult[];
  readonly note: string;
}
