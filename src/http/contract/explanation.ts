import { z } from "zod";
import { DateOrInstant, type Exact, InstitutionCode, ShortText } from "./parts.ts";

const Word = ShortText.max(64);

/**
 * Facts of an imagined result and an imagined order, of which the staff pages ask how they would be decided and why. No resident is in it, and
 * nothing is looked up: the answer is the policy's and the certificates' alone.
 */
export const ExplanationRequest = z.strictObject({
  item: Word,
  /** The ordering institution; an institution's own staff ask for their own. */
  institution: InstitutionCode.optional(),
  setting: z.enum(["outpatient", "inpatient", "emergency"]),
  prior: z.strictObject({
    source: InstitutionCode,
    /** Who measured; absent = not told by the source. */
    laboratory: InstitutionCode.optional(),
    /** Why the record is this resident's. */
    link: z.enum(["number", "steward", "score"]),
    status: z.enum(["final", "not-final", "void"]),
    /** When the specimen was taken, or the examination done; and when it was reported. */
    at: DateOrInstant.optional(),
    reportedAt: DateOrInstant.optional(),
    mark: Word.optional(),
    unit: Word.optional(),
    specimen: Word.optional(),
    method: Word.optional(),
    platform: Word.optional(),
    origin: z.enum(["lis", "ris", "analyser", "poct"]).optional(),
    /** Imaging: whether the images can be opened. */
    images: z.boolean().optional(),
  }),
});
export type ExplanationRequest = Exact<z.output<typeof ExplanationRequest>>;

const Cause = z.object({ code: z.string(), text: z.string() });

/** The decision on the imagined result, and what each rule said, in the order of the policy. */
export const Explained = z.object({
  item: z.string(),
  itemName: z.string(),
  /** Region and version of the policy. */
  policy: z.string(),
  /** Absent = it is no result for this order at all. */
  recognition: z.enum(["must", "may", "ineligible"]).optional(),
  daysLeft: z.number().optional(),
  basis: z.string().optional(),
  certificate: z.string().optional(),
  rules: z.array(
    z.object({
      rule: z.string(),
      verdict: z.enum(["holds", "may", "ineligible", "elsewhere"]),
      law: z.string(),
      source: z.string(),
      clause: z.string(),
      causes: z.array(Cause),
    }),
  ),
});
export type Explained = Exact<z.output<typeof Explained>>;

/** What the form offers: who takes part in the region, and where the page's own institution stands. */
export const Institutions = z.object({
  institutions: z.array(
    z.object({ code: InstitutionCode, name: z.string(), ji: z.number(), deng: z.string(), place: z.string() }),
  ),
});
export type Institutions = Exact<z.output<typeof Institutions>>;
