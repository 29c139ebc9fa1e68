/** A JSON Schema, draft 2019-09, in which `$comment` names the heading of the text of CDS Hooks 2.0.1 that a field is taken from. */
export type Schema = { readonly [keyword: string]: unknown };

/** What matches the first must match the second. */
export const implies = (condition: Schema, consequence: Schema): Schema => ({ anyOf: [{ not: condition }, consequence] });

/** An object that holds these fields and no others, each with the heading it stands under. */
export function strictObject(
  clause: string,
  fields: Readonly<Record<string, Schema>>,
  more: Schema & { required: readonly string[] },
): Schema {
  return { $comment: clause, type: "object", properties: fields, additionalProperties: false, ...more };
}

/** "JSON attribute values SHALL NOT be null or empty". */
export const text = (clause: string, more: Schema = {}): Schema => ({
  $comment: `${clause}; Use of JSON: no empty string`,
  type: "string",
  minLength: 1,
  ...more,
});

export const uuid = (clause: string): Schema => ({
  $comment: clause,
  type: "string",
  pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
});

export const absoluteUrl = (clause: string): Schema => text(clause, { pattern: "^https?://[^/]+(/|$)" });

/** A list with something in it. */
export const list = (clause: string, items: Schema, more: Schema = {}): Schema => ({
  $comment: `${clause}; Use of JSON: no empty array`,
  type: "array",
  minItems: 1,
  items,
  ...more,
});

/** A FHIR resource. */
export const resource: Schema = {
  $comment: "Action: resource; any FHIR resource",
  type: "object",
  required: ["resourceType"],
  properties: { resourceType: { type: "string", pattern: "^[A-Z][A-Za-z]+$" } },
};

export const coding = (displayRequired: boolean): Schema =>
  strictObject(
    "Data Types / Coding",
    {
      code: text("Coding: code REQUIRED"),
      system: text("Coding: system REQUIRED"),
      display: text("Coding: display, REQUIRED for override reasons"),
    },
    { required: displayRequired ? ["code", "system", "display"] : ["code", "system"] },
  );
