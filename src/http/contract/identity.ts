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
});

/** A record that no machine may link, beside those it disagrees with: who is linked under its number, and who else waits. */
export const IdentityReview = z.object({
  id: WorkId,
  openedAt: z.string(),
  reasons: z.array(z.string()),
  person: ShownPerson,
  linked: z.array(ShownPerson.extend({ basis: z.string(), at: z.string() })),
  waiting: z.array(ShownPerson),
});
export type IdentityReview = Presented<z.output<typeof IdentityReview>>;

/** Answer of `GET /identity/reviews`. */
export const IdentityReviewList = z.object({ reviews: z.array(IdentityReview) });
