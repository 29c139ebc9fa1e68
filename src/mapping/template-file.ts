import { z } from "zod";

const Key = z.array(z.string()).min(1);
const Alternative = z.union([Key, z.record(z.string(), Key)]);
const IdsEntry = z.union([
  Key,
  z
    .strictObject({
      kind: z.string().optional(),
      key: Alternative.optional(),
      first_of: z.array(Alternative).min(1).optional(),
    })
    .refine((entry) => (entry.key === undefined) !== (entry.first_of === undefined), "needs either key or first_of"),
]);
/** The clear values of a person, each an expression. */
export const PersonFile = z.strictObject({
  identity: z.strictObject({ type: z.string(), number: z.string() }).optional(),
  name: z.string().optional(),
  birthDate: z.string().optional(),
  sex: z.string().optional(),
  phone: z.string().optional(),
});

/** A template file as written; the fields of `emit` are checked against FHIR by the compiler. */
export const TemplateFile = z.strictObject({
  mapping: z.string().min(1),
  version: z.int().min(1),
  for: z.string(),
  with: z
    .record(
      z.string(),
      z.strictObject({ table: z.string(), on: z.union([Key, z.record(z.string(), z.string())]), order: z.string().optional() }),
    )
    .default({}),
  ids: z.record(z.string(), IdsEntry),
  order: z.array(z.string()).default([]),
  retracted: z.string().optional(),
  person: PersonFile.optional(),
  emit: z.array(z.looseObject({ resourceType: z.string() })).min(1),
});
export type TemplateFile = z.output<typeof TemplateFile>;
