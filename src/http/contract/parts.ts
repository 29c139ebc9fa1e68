import { z } from "zod";

/** A parsed request, never to be changed: JSON knows no `undefined`, so an optional field is absent or has its value. */
export type Exact<T> = T extends readonly (infer Item)[]
  ? readonly Exact<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Exact<Exclude<T[Key], undefined>> }
    : T;

/** What a presenter takes: the same fields, readonly all through. */
export type Presented<T> = T extends readonly (infer Item)[]
  ? readonly Presented<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Presented<T[Key]> }
    : T;

/** Code of an institution in the registry. */
export const InstitutionCode = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be an institution's code")
  .meta({ example: "a-provincial" });

/** Id the engine gave: a letter and 40 hex digits. */
export const WorkId = z
  .string()
  .regex(/^h[0-9a-f]{40}$/, "must be an id this engine gave")
  .meta({ example: `h${"0".repeat(40)}` });

/** Instant in ISO 8601 with an offset. */
const Instant = z.iso.datetime({ offset: true });

/** A day (`2026-11-18`) or an instant with an offset. */
export const DateOrInstant = z.union([z.iso.date(), Instant], { error: "must be a date or an instant with an offset" });

/** Free short text: no control characters, so that nothing forges a log line or a terminal. */
export const ShortText = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, "must not hold control characters");

/** What kind of data is asked for: visits and diagnoses, laboratory results, imaging reports and studies. */
export const Category = z.enum(["record", "lab", "imaging"]);

/** Why data is asked for: treatment, emergency treatment (http://terminology.hl7.org/CodeSystem/v3-ActReason). */
export const Purpose = z.enum(["TREAT", "ETREAT"]);

/** How a caller names a resident: the identity number, or the one-time code the resident shows. Never in an address, only in a body. */
export const ResidentKey = z.union(
  [
    z.strictObject({ identityNumber: z.string().trim().min(1).max(32) }),
    z.strictObject({ residentCode: z.string().trim().min(4).max(64) }),
  ],
  { error: "must be an object with either identityNumber or residentCode" },
);

/** The visit in which somebody asks: the right to look ends with it. */
export const Visit = z.strictObject({
  number: ShortText.max(64),
  department: ShortText,
  kind: z.enum(["outpatient", "inpatient", "emergency"]),
  start: Instant,
});

/** A span of days or instants; either end may be open. */
export const Span = z.strictObject({ start: DateOrInstant.optional(), end: DateOrInstant.optional() });

/** One place in a request and what is wrong there; the value is never repeated. */
export const ProblemPlace = z.object({ field: z.string(), reason: z.string() });
