import { z } from "zod";
import { InstitutionCode, type Presented, WorkId } from "./parts.ts";

/** A local Patient as a steward sees it: enough to tell two people apart; numbers and phones masked in the middle. */
const ShownPerson = z.object({
  institution: InstitutionCode,
  patient: z.string(),
  name: z.string().optional(),
  birthDate: z.string().optional(),
  sex: z.string().optional(),
  identity: z.object({ type: z.string(), masked: z.string() }).optional(),
  phoneMasked: z.string().optional(),
  address: z.string().optional(),
  guardian: z.string().optional(),
  unreadable: z.literal(true).optional(),
});

/** How two records compare: each fact with how the two stand to each other and its weight in bits, never a value. */
const Comparison = z.object({
  outcome: z.enum(["same", "maybe", "different"]),
  score: z.number(),
  evidence: z.array(z.object({ field: z.string(), level: z.string(), weight: z.number() })),
  /** Why the two cannot be one person, whatever else agrees. */
  veto: z.string().optional(),
});

const LinkedPerson = ShownPerson.extend({ basis: z.string(), at: z.string(), comparison: Comparison.optional() });

/** A record that no machine may link, beside those it disagrees with: who is linked to the resident in question, and who else waits. */
const IdentityReview = z.object({
  id: WorkId,
  openedAt: z.string(),
  reasons: z.array(z.string()),
  person: ShownPerson,
  linked: z.array(LinkedPerson),
  waiting: z.array(ShownPerson),
});
export type IdentityReview = Presented<z.output<typeof IdentityReview>>;

/** Answer of `GET /identity/reviews`. */
export const IdentityReviewList = z.object({ reviews: z.array(IdentityReview), more: z.boolean() });
export type IdentityReviewList = Presented<z.output<typeof IdentityReviewList>>;

/** A local Patient, named as lists and explanations name it. */
export const RecordKey = z.strictObject({ institution: InstitutionCode, patient: WorkId });
export type RecordKey = Presented<z.output<typeof RecordKey>>;

/** Body of `POST /identity/links`: the record, and a record of the person it belongs to. */
export const LinkRequest = z.strictObject({ record: RecordKey, with: RecordKey });

/** What a steward did. `undoes` and `undoneBy` are other decisions. */
export const IdentityDecision = z.object({
  id: WorkId,
  action: z.enum(["link", "unlink", "merge"]),
  record: RecordKey,
  by: z.string(),
  steward: z.string().optional(),
  at: z.string(),
  undoes: z.string().optional(),
  undoneBy: z.string().optional(),
});
export type IdentityDecision = Presented<z.output<typeof IdentityDecision>>;

/** Answer of `GET /identity/decisions`: newest first. */
export const IdentityDecisionList = z.object({ decisions: z.array(IdentityDecision) });

/** Answer of `POST /identity/explanations`. */
export const IdentityExplanation = z.object({
  person: ShownPerson,
  link: z.object({ basis: z.string(), at: z.string() }).optional(),
  others: z.array(LinkedPerson),
  decisions: z.array(IdentityDecision),
});
export type IdentityExplanation = Presented<z.output<typeof IdentityExplanation>>;
