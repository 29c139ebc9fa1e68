import { z } from "zod";
import { DateOrInstant, type Exact, InstitutionCode, type Presented, ResidentKey, ShortText } from "./parts.ts";

/** A code of an order; of several the first that the catalogue knows counts. */
const OrderCode = z.strictObject({ system: z.string().min(1).max(200), code: z.string().min(1).max(64) });
const OrderCodes = z.union([OrderCode, z.array(OrderCode).min(1).max(10)]);

/** One draft order: by an item or panel of the region's catalogue, or by codes the catalogue maps to one. */
const DraftOrder = z.union([
  z.strictObject({ id: ShortText.max(64), item: ShortText.max(64) }),
  z.strictObject({ id: ShortText.max(64), code: OrderCodes }),
]);

/** The visit in which is ordered. Without one a consent bound to a visit does not match. */
const OrderingVisit = z.strictObject({
  number: ShortText.max(64),
  kind: z.enum(["outpatient", "inpatient", "emergency"]),
  /** The department (诊疗科目) by code and name, or by its name alone. */
  department: z
    .union([ShortText, z.strictObject({ code: ShortText.max(64), name: ShortText.optional() })])
    .transform((one) => (typeof one === "string" ? { code: one, name: one } : one))
    .optional(),
  start: z.iso.datetime({ offset: true }).optional(),
});

/** Body of `POST /recognitions/check`. */
export const RecognitionRequest = z.strictObject({
  resident: ResidentKey,
  visit: OrderingVisit.optional(),
  orders: z
    .array(DraftOrder)
    .min(1)
    .max(50)
    .refine((orders) => new Set(orders.map((one) => one.id)).size === orders.length, "must not give the same id twice"),
  emergency: z.boolean().optional(),
});
export type RecognitionRequest = Exact<z.output<typeof RecognitionRequest>>;

/** Body of `POST /recognitions/history`: what exists, asked when the patient is identified. */
export const RecognitionHistoryRequest = z.strictObject({
  resident: ResidentKey,
  visit: OrderingVisit.optional(),
  kinds: z
    .array(z.enum(["lab", "imaging"]))
    .min(1)
    .optional(),
  emergency: z.boolean().optional(),
});
export type RecognitionHistoryRequest = Exact<z.output<typeof RecognitionHistoryRequest>>;

/** Body of `POST /recognitions/transcribed`: a laboratory result of another institution that the patient brought on paper. */
export const TranscribedRequest = z.strictObject({
  resident: ResidentKey,
  visit: OrderingVisit,
  result: z.union([z.strictObject({ item: ShortText.max(64) }), z.strictObject({ code: OrderCodes })]),
  value: ShortText.max(64),
  unit: ShortText.max(32).optional(),
  referenceRange: ShortText.max(64).optional(),
  specimen: ShortText.max(64).optional(),
  method: ShortText.max(64).optional(),
  mark: ShortText.max(32).optional(),
  collectedAt: DateOrInstant,
  reportedAt: DateOrInstant.optional(),
  /** As printed, and its code where the registry knows it. */
  institutionName: ShortText,
  institution: InstitutionCode.optional(),
  reportNumber: ShortText.max(64),
  /** Of the photo of the paper, which the hospital keeps. */
  photoSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 64 hex digits")
    .optional(),
});
export type TranscribedRequest = Exact<z.output<typeof TranscribedRequest>>;

/** Answer of `POST /recognitions/transcribed`. */
export const TranscribedAnswer = z.object({ kept: z.literal(true) });

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
  itemName: z.string().optional(),
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
  /** `<institution>/<Type>/<id>/_history/<version>`. */
  evidence: z.string().optional(),
  /** Where report and images are, `<institution>/<Type>/<id>`, as far as known. */
  report: z.string().optional(),
  study: z.string().optional(),
  /** On a typed-in paper result: the evidence of the same result found at its source. */
  original: z.string().optional(),
});

/** The course of an item; a line may be drawn within a segment only. */
const Trend = z.object({
  points: z.array(
    z.array(
      z.object({
        at: z.string(),
        value: z.number(),
        unit: z.string(),
        printed: z.string(),
        source: InstitutionCode,
        evidence: z.string(),
      }),
    ),
  ),
});

/** What the region's rules say about one draft order, or one member of the panel it is for. */
const RecognitionResult = z.object({
  order: z.string(),
  item: z.string().optional(),
  itemName: z.string().optional(),
  panel: z.string().optional(),
  /** The reminder (提醒), where a result of another institution stands against the order. */
  reminder: z.string().optional(),
  /** The same at each check of this order. */
  case: z.string().optional(),
  lines: z.array(RecognitionLine),
  /** The ordering institution's own earlier results: shown apart, never counted as 互认. */
  own: z.array(RecognitionLine),
  /** Paper results typed in during this visit. */
  transcribed: z.array(RecognitionLine),
  trend: Trend.optional(),
  reasons: z.array(Reason).optional(),
});

/** Advice on an order of a panel. */
const PanelAdvice = z.object({
  order: z.string(),
  panel: z.string(),
  name: z.string(),
  advice: z.enum(["all", "core", "remaining", "none"]),
  recognised: z.array(z.string()),
  remaining: z.array(z.object({ item: z.string(), name: z.string() })),
});

/** Answer of `POST /recognitions/check`; `asked` tells whether all permitted sources were reached, `none` never means "no earlier result". */
export const RecognitionAnswer = z.object({
  id: z.string(),
  policy: z.string(),
  answerUntil: z.string(),
  asked: z.enum(["all", "some", "none"]),
  results: z.array(RecognitionResult),
  panels: z.array(PanelAdvice),
  note: z.string(),
});
export type RecognitionAnswer = Presented<z.output<typeof RecognitionAnswer>>;

/** Answer of `POST /recognitions/history`; a result per item that has any, `order` is the item. */
export const RecognitionHistory = z.object({
  id: z.string(),
  policy: z.string(),
  asked: z.enum(["all", "some", "none"]),
  results: z.array(RecognitionResult),
  silent: z.array(z.object({ source: InstitutionCode, sourceName: z.string(), text: z.string() })),
  note: z.string(),
});
export type RecognitionHistory = Presented<z.output<typeof RecognitionHistory>>;

/** The end of a check's event stream: nothing more is waited for. */
export const RecognitionDone = z.object({ check: z.string() });
