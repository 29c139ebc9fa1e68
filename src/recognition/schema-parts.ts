import { z } from "zod";
import { isLoinc } from "./loinc.ts";

/** At most 32 characters, so that region, version and id together make the id of a FHIR resource (64). */
export const Id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be at most 32 lower case letters, digits and hyphens");
/** One line of text. */
export const Name = z
  .string()
  .max(1_000)
  .regex(/^\S(\P{Cc}*\S)?$/u, "must be one line of text without blanks at its ends");
/** Text that is compared with printed text after NFKC: written in that form, or it would never be met. */
export const Printed = Name.refine(
  (text) => text.normalize("NFKC") === text,
  "must be written as it is compared: NFKC, so HR and not ＨＲ",
);
/** A day, `YYYY-MM-DD`. */
export const Day = z.iso.date();
const Effective = z
  .strictObject({ from: Day, to: Day.optional() })
  .refine(({ from, to }) => to === undefined || from <= to, { message: "ends before it begins", path: ["to"] });

/** What every entry of a policy says about itself: where it comes from, from when it holds, and whether it is only assumed. */
export const stated = {
  source: Name,
  clause: Name,
  effective: Effective,
  /** True while no published text fixes the value; told on every decision that rests on it. */
  provisional: z.boolean(),
};

/** LOINC code; the last digit is the check digit (Luhn over the digits before the hyphen), so that a typo is found here. */
export const Loinc = z.string().refine(isLoinc, "is no LOINC code (pattern or check digit)");
/** Laboratory results and examinations. */
export const kinds = z.enum(["lab", "imaging"]);
/** Where the ordering visit takes place. */
export const settings = z.enum(["outpatient", "inpatient", "emergency"]);
