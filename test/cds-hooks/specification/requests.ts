import { absoluteUrl, coding, implies, list, resource, type Schema, strictObject, text, uuid } from "./parts.ts";

const id = (clause: string) => text(clause, { pattern: "^[A-Za-z0-9\\-.]{1,64}$" });
const bundle: Schema = {
  $comment: "order-select / order-sign: draftOrders, a Bundle of FHIR request resources",
  type: "object",
  required: ["resourceType"],
  properties: { resourceType: { const: "Bundle" } },
};

const contexts: Readonly<Record<string, Schema>> = {
  "patient-view": strictObject(
    "hooks/patient-view: Context",
    {
      userId: text("userId REQUIRED, [ResourceType]/[id]", { pattern: "^[A-Z][A-Za-z]+/" }),
      patientId: id("patientId REQUIRED"),
      encounterId: id("encounterId OPTIONAL"),
    },
    { required: ["userId", "patientId"] },
  ),
  "order-select": strictObject(
    "hooks/order-select: Context",
    {
      userId: text("userId REQUIRED", { pattern: "^Practitioner(Role)?/" }),
      patientId: id("patientId REQUIRED"),
      encounterId: id("encounterId OPTIONAL"),
      selections: list(
        "selections REQUIRED",
        text("ids of draft orders, [ResourceType]/[id]", { pattern: "^[A-Z][A-Za-z]+/" }),
      ),
      draftOrders: bundle,
    },
    { required: ["userId", "patientId", "selections", "draftOrders"] },
  ),
  "order-sign": strictObject(
    "hooks/order-sign: Context",
    {
      userId: text("userId REQUIRED", { pattern: "^Practitioner(Role)?/" }),
      patientId: id("patientId REQUIRED"),
      encounterId: id("encounterId OPTIONAL"),
      draftOrders: bundle,
    },
    { required: ["userId", "patientId", "draftOrders"] },
  ),
};

const authorization = strictObject(
  "Passing the Access Token to the CDS Service",
  {
    access_token: text("access_token REQUIRED"),
    token_type: { $comment: "token_type REQUIRED, fixed", const: "Bearer" },
    expires_in: { $comment: "expires_in REQUIRED", type: "integer" },
    scope: text("scope REQUIRED"),
    subject: text("subject REQUIRED"),
    patient: text("patient CONDITIONAL"),
  },
  { required: ["access_token", "token_type", "expires_in", "scope", "subject"] },
);

/** Body of `POST {baseUrl}/cds-services/{id}`: what the hook client of these tests sends is held against the text too. */
export const hookRequest: Schema = strictObject(
  "Calling a CDS Service / HTTP Request",
  {
    hook: { $comment: "hook REQUIRED", enum: Object.keys(contexts) },
    hookInstance: uuid("hookInstance REQUIRED, a UUID"),
    fhirServer: absoluteUrl("fhirServer CONDITIONAL"),
    fhirAuthorization: authorization,
    context: { $comment: "context REQUIRED", type: "object" },
    prefetch: {
      $comment: "prefetch OPTIONAL; null = the client has no data for the key",
      type: "object",
      minProperties: 1,
      additionalProperties: { anyOf: [resource, { type: "null" }] },
    },
    extension: { $comment: "Extensions: a JSON object", type: "object", minProperties: 1 },
  },
  {
    required: ["hook", "hookInstance", "context"],
    dependentRequired: { fhirAuthorization: ["fhirServer"] },
    allOf: Object.entries(contexts).map(([hook, context]) =>
      implies({ properties: { hook: { const: hook } }, required: ["hook"] }, { properties: { context } }),
    ),
  },
);

const entry: Schema = strictObject(
  "Feedback",
  {
    card: uuid("Feedback: card REQUIRED, the card.uuid"),
    outcome: { $comment: "Feedback: outcome REQUIRED", enum: ["accepted", "overridden"] },
    acceptedSuggestions: list(
      "Feedback: acceptedSuggestions, required for accepted outcomes",
      strictObject(
        "AcceptedSuggestion",
        { id: uuid("AcceptedSuggestion: id REQUIRED, the suggestion's uuid") },
        { required: ["id"] },
      ),
    ),
    overrideReason: strictObject(
      "OverrideReason",
      {
        reason: coding(false),
        userComment: text("OverrideReason: userComment OPTIONAL"),
        extension: { type: "object", minProperties: 1 },
      },
      { required: [] },
    ),
    outcomeTimestamp: text("Feedback: outcomeTimestamp REQUIRED, RFC 3339 in UTC", {
      pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$",
    }),
  },
  {
    required: ["card", "outcome", "outcomeTimestamp"],
    ...implies(
      { properties: { outcome: { const: "accepted" } }, required: ["outcome"] },
      { required: ["acceptedSuggestions"] },
    ),
  },
);

/** Body of `POST {baseUrl}/cds-services/{id}/feedback`. */
export const feedbackRequest: Schema = strictObject(
  "Feedback: an object containing an array",
  { feedback: list("Feedback: feedback", entry) },
  { required: ["feedback"] },
);
