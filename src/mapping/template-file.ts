import { z } from "zod";

const Expression = z.string().min(1);
const Key = z.array(z.string()).min(1);
/** A business key: its columns, or its make (`card`, `file`, `visit`) with its columns. */
const KeyFile = z.union([Key, z.record(z.string(), Key)]);
const IdsEntry = z.union([
  Key,
  z
    .strictObject({
      kind: z.string().optional(),
      /** Name in `with` of the rows it is made of, when no entry of `emit` says it. */
      each: z.string().optional(),
      key: KeyFile.optional(),
      first_of: z.array(KeyFile).min(1).optional(),
    })
    .refine((entry) => (entry.key === undefined) !== (entry.first_of === undefined), "needs either key or first_of"),
]);
const Identity = z.strictObject({ type: Expression, number: Expression });
/** The clear values of a person, each an expression over the head row. */
export const PersonFile = z.strictObject({
  identity: Identity.optional(),
  others: z.array(Identity).default([]),
  name: Expression.optional(),
  birthDate: Expression.optional(),
  sex: Expression.optional(),
  phone: Expression.optional(),
  address: Expression.optional(),
  guardian: z
    .strictObject({ name: Expression.optional(), number: Expression.optional(), phone: Expression.optional() })
    .default({}),
  newborn: Expression.optional(),
});

/** A template file as written; the fields of `emit` are checked against FHIR by the compiler. */
export const TemplateFile = z
  .strictObject({
    mapping: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "is the folder and a name, like county-a-lis/report"),
    version: z.int().min(1),
    for: z.string(),
    with: z
      .record(
        z.string(),
        z.strictObject({
          table: z.string(),
          on: z.union([Key, z.record(z.string(), z.string())]),
          order: z.string().optional(),
        }),
      )
      .default({}),
    ids: z.record(z.string(), IdsEntry),
    order: z.array(Expression).default([]),
    retracted: Expression.optional(),
    reviewed: Expression.optional(),
    person: PersonFile.optional(),
    merge: z.strictObject({ from: KeyFile, when: Expression.optional() }).optional(),
    emit: z.array(z.looseObject({ resourceType: z.string(), $id: z.string().optional() })).default([]),
  })
  .refine((template) => template.emit.length > 0 || template.merge !== undefined, {
    path: ["emit"],
    message: "is empty: a template emits a resource or merges two patients",
  });
export type TemplateFile = z.output<typeof TemplateFile>;
