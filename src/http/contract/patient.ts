import { z } from "zod";
import type { Exact } from "./parts.ts";

const text = z.string().min(1).max(500);
const Coding = z.looseObject({ system: text.optional(), code: text.optional() });
const Identifier = z.looseObject({
  system: text.optional(),
  value: text.optional(),
  type: z.looseObject({ coding: z.array(Coding).max(10).optional(), text: text.optional() }).optional(),
});
const HumanName = z.looseObject({
  use: z.string().optional(),
  text: text.optional(),
  family: text.optional(),
  given: z.array(text).max(10).optional(),
});
const ContactPoint = z.looseObject({ system: z.string().optional(), value: text.optional() });
const Address = z.looseObject({
  text: text.optional(),
  state: text.optional(),
  city: text.optional(),
  district: text.optional(),
  line: z.array(text).max(5).optional(),
});

/** A FHIR R4 Patient as far as it tells who somebody is; every other element is read over and not kept. */
export const PatientBody = z.looseObject({
  resourceType: z.literal("Patient"),
  active: z.boolean().optional(),
  identifier: z.array(Identifier).max(20).optional(),
  name: z.array(HumanName).max(10).optional(),
  telecom: z.array(ContactPoint).max(10).optional(),
  gender: z.enum(["male", "female", "other", "unknown"]).optional(),
  birthDate: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, "must be a FHIR date")
    .optional(),
  address: z.array(Address).max(10).optional(),
  contact: z
    .array(z.looseObject({ name: HumanName.optional(), telecom: z.array(ContactPoint).max(10).optional() }))
    .max(10)
    .optional(),
  link: z
    .array(z.looseObject({ type: z.string(), other: z.looseObject({ identifier: Identifier.optional() }) }))
    .max(5)
    .optional(),
});
export type PatientBody = Exact<z.output<typeof PatientBody>>;

/** Query of `PUT /fhir/Patient`: the institution's own identifier, `system|value` (IHE PIXm, ITI-104). */
export const PatientQuery = z.strictObject({
  identifier: z
    .string()
    .max(500)
    .regex(/^[^|\s]+\|[^|]+$/, "must be system|value of your own"),
});

/** Body of `POST /fhir/Patient/$match`: a Patient, or Parameters with one as `resource`. */
export const MatchBody = z.union(
  [
    PatientBody,
    z.looseObject({
      resourceType: z.literal("Parameters"),
      parameter: z
        .array(z.looseObject({ name: z.string(), resource: PatientBody.optional() }))
        .min(1)
        .max(10),
    }),
  ],
  { error: "must be a Patient, or Parameters with one named resource" },
);

/** Body of `POST /fhir/Patient/$ihe-pix`: Parameters with `sourceIdentifier`. */
export const PixBody = z.looseObject({
  resourceType: z.literal("Parameters"),
  parameter: z
    .array(z.looseObject({ name: z.string(), valueIdentifier: Identifier.optional() }))
    .min(1)
    .max(10),
});
