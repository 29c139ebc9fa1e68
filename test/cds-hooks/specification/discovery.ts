import { list, type Schema, strictObject, text } from "./parts.ts";

/** Hooks with a page of their own at cds-hooks.hl7.org/hooks, and the tokens their contexts allow in prefetch templates. */
const tokens = "userId|patientId|encounterId";
const users = "userPractitionerId|userPractitionerRoleId|userPatientId|userRelatedPersonId";

/**
 * "valid prefetch templates MUST only make use of … instance level read … type level search": a relative FHIR URL whose tokens name a root field of the context or one
 * of the four user identifiers. `{{today()}}` and FHIRPath came with 3.0.
 */
const template: Schema = text("Prefetch tokens; Prefetch query restrictions", {
  pattern: `^(?:[A-Za-z0-9\\-._~?=&:,/%|$]|\\{\\{(?:context\\.(?:${tokens})|${users})\\}\\})+$`,
  not: { pattern: "^/|^https?:|[?&]_(?:include|revinclude|has|filter|query)" },
});

const service = strictObject(
  "Discovery / Response: each CDS Service",
  {
    hook: text("Discovery / Response: hook REQUIRED", { pattern: "^[a-z]+(?:-[a-z]+)+$" }),
    title: text("Discovery / Response: title RECOMMENDED"),
    description: text("Discovery / Response: description REQUIRED"),
    id: text("Discovery / Response: id REQUIRED, the {id} portion of the URL", { pattern: "^[A-Za-z0-9\\-._~]+$" }),
    prefetch: {
      $comment: "Discovery / Response: prefetch OPTIONAL, key/value pairs of FHIR queries",
      type: "object",
      minProperties: 1,
      additionalProperties: template,
    },
    usageRequirements: text("Discovery / Response: usageRequirements OPTIONAL"),
    extension: { $comment: "Extensions: a JSON object", type: "object", minProperties: 1 },
  },
  { required: ["hook", "description", "id"] },
);

/** Answer of `GET {baseUrl}/cds-services`. */
export const discovery: Schema = strictObject(
  "Discovery / Response: an object containing a list of CDS Services",
  { services: list("Discovery / Response: services", service, { minItems: 0 }) },
  { required: ["services"] },
);
