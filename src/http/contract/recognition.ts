import { z } from "zod";
import { type Exact, InstitutionCode, type Presented, ResidentKey, ShortText, Visit } from "./parts.ts";

/** One draft order: by the region's catalogue item, or by a code the catalogue maps. */
const DraftOrder = z.union([
  z.strictObject({ id: ShortText.max(64), item: ShortText.max(64) }),
  z.strictObject({
    id: ShortText.max(64),
    code: z.strictObject({ system: z.string().min(1).max(200), code: z.string().min(1).max(64) }),
  }),
]);

/** Body of `POST /recognitions/check`. */
export const RecognitionRequest = z.strictObject({
  resident: ResidentKey,
  visit: Visit,
  orders: z.array(DraftOrder).min(1).max(50),
  emergency: z.boolean().optional(),
});
export type RecognitionRequest = Exact<z.output<typeof RecognitionRequest>>;

/** Why a line says what it says: a stable code and a sentence; further facts are numbers, dates and codes of the rule. */
const Reason = z.object({
  code: z.string(),
  text: z.string(),
  rule: z.string().optional(),
  clause: z.string().optional(),
  /** Whether it keeps the result from `must`, takes it out, or only adds to it. */
  effect: z.enum(["may", "ineligible", "note"]).optional(),
  ageDays: z.number().optional(),
  windowDays: z.number().optional(),
});

/** The decision on one earlier result for one order. */
const RecognitionLine = z.object({
  recognition: z.enum(["must", "may", "ineligible", "unknown"]),
  source: InstitutionCode,
  sourceName: z.string().optional(),
  /** Who measured, where that is not the source. */
  laboratory: InstitutionCode.optional(),
  value: z.string().optional(),
  unit: z.string().optional(),
  referenceRange: z.string().optional(),
  collectedAt: z.string().optional(),
  performedAt: z.string().optional(),
  reportedAt: z.string().optional(),
  mark: z.string().optional(),
  daysLeft: z.number().optional(),
  /** The source flagged it as critical: shown first, never recommended. */
  critical: z.boolean().optional(),
  reasons: z.array(Reason),
  /** What covers the ordering institution, and the certificate behind the mark. */
  basis: z.string().optional(),
  certificate: z.string().optional(),
  evidence: z.string().optional(),
});

/** What the region's rules say about one draft order. */
const RecognitionResult = z.object({
  order: z.string(),
  item: z.string().optional(),
  lines: z.array(RecognitionLine),
  /** The ordering institution's own earlier results: shown apart, never counted as 互认. */
  own: z.array(RecognitionLine),
  reasons: z.array(Reason).optional(),
});

/** Answer of `POST /recognitions/check`; `asked` tells whether all permitted sources were reached. */
export const RecognitionAnswer = z.object({
  asked: z.enum(["all", "some", "none"]),
  results: z.array(RecognitionResult),
  note: z.string(),
});
export type RecognitionAnswer = Presented<z.output<typeof RecognitionAnswer>>;
