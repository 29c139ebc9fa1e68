import { z } from "zod";
import {
  Category,
  DateOrInstant,
  type Exact,
  InstitutionCode,
  type Presented,
  Purpose,
  ShortText,
  Span,
  WorkId,
} from "./parts.ts";

/** Body of `POST /consents`: who may look, at whose data (`sources` absent = everybody's, not sensitive), at what, why, for how long. */
export const ConsentGrant = z.strictObject({
  recipients: z.array(InstitutionCode).min(1).max(50),
  sources: z.array(InstitutionCode).min(1).max(200).optional(),
  categories: z.array(Category).min(1).max(3),
  purposes: z.array(Purpose).min(1).max(2),
  period: z.strictObject({ start: DateOrInstant, end: DateOrInstant }),
  /** Only data of these dates. */
  dataPeriod: Span.optional(),
  /** Only in this visit of a recipient; the right ends with it. */
  visit: z.strictObject({ institution: InstitutionCode, number: ShortText.max(64) }).optional(),
});
export type ConsentGrant = Exact<z.output<typeof ConsentGrant>>;

/** A consent as its resident sees it. */
export const ConsentState = z.object({
  id: WorkId,
  status: z.enum(["active", "withdrawn", "expired"]),
  recipients: z.array(InstitutionCode),
  sources: z.array(InstitutionCode).optional(),
  categories: z.array(Category),
  purposes: z.array(z.string()),
  period: z.object({ start: z.string().optional(), end: z.string().optional() }),
  dataPeriod: z.object({ start: z.string().optional(), end: z.string().optional() }).optional(),
  visit: z.object({ institution: InstitutionCode, number: z.string() }).optional(),
  grantedAt: z.string(),
});
export type ConsentState = Presented<z.output<typeof ConsentState>>;

/** Answer of `GET /consents`. */
export const ConsentList = z.object({ consents: z.array(ConsentState) });

/** One line of "who looked": as much as the resident needs to judge it. Denied requests are lines too. */
const AccessRow = z.object({
  at: z.string(),
  kind: z.string(),
  outcome: z.enum(["success", "refused", "failed"]),
  institution: z.string().optional(),
  practitioner: z.string().optional(),
  purpose: z.string().optional(),
  /** Of an answer to a reminder: adopted (互认), declined, … */
  answer: z.string().optional(),
  /** Who was told that what it had been shown does not stand any more. */
  told: z.object({ institution: z.string(), why: z.string() }).optional(),
  /** Whose records were shown, and how many. */
  shown: z.array(z.object({ institution: z.string(), count: z.int() })),
});

/** Answer of `GET /access-log`, latest first; `more` = older lines exist. */
export const AccessLog = z.object({ entries: z.array(AccessRow), more: z.boolean() });
export type AccessLog = Presented<z.output<typeof AccessLog>>;
