import { absoluteUrl, coding, implies, list, resource, type Schema, strictObject, text, uuid } from "./parts.ts";

const action: Schema = {
  $comment: "Action",
  oneOf: [
    strictObject(
      "Action: create, resource SHALL contain a new FHIR resource",
      { type: { const: "create" }, description: text("Action: description REQUIRED"), resource },
      { required: ["type", "description", "resource"] },
    ),
    strictObject(
      "Action: update, resource holds the updated resource in its entirety",
      {
        type: { const: "update" },
        description: text("Action: description REQUIRED"),
        resource: { ...resource, required: ["resourceType", "id"] },
      },
      { required: ["type", "description", "resource"] },
    ),
    strictObject(
      "Action: delete, resourceId SHOULD be provided; resource for this is DEPRECATED",
      {
        type: { const: "delete" },
        description: text("Action: description REQUIRED"),
        resourceId: text("Action: resourceId, a relative reference", { pattern: "^[A-Z][A-Za-z]+/[A-Za-z0-9\\-.]{1,64}$" }),
      },
      { required: ["type", "description", "resourceId"] },
    ),
  ],
};

const suggestion = strictObject(
  "Suggestion",
  {
    label: text("Suggestion: label REQUIRED"),
    uuid: uuid("Suggestion: uuid OPTIONAL"),
    isRecommended: { $comment: "Suggestion: isRecommended OPTIONAL", type: "boolean" },
    actions: list("Suggestion: actions OPTIONAL", action),
  },
  { required: ["label"] },
);

const link: Schema = {
  $comment: "Link",
  oneOf: [
    strictObject(
      "Link: absolute, for which appContext is not valid",
      { label: text("Link: label REQUIRED"), url: absoluteUrl("Link: url REQUIRED"), type: { const: "absolute" } },
      { required: ["label", "url", "type"] },
    ),
    strictObject(
      "Link: smart",
      {
        label: text("Link: label REQUIRED"),
        url: absoluteUrl("Link: url REQUIRED, a SMART app launch URL"),
        type: { const: "smart" },
        appContext: text("Link: appContext OPTIONAL, only with smart"),
      },
      { required: ["label", "url", "type"] },
    ),
  ],
};

const card: Schema = strictObject(
  "Card Attributes",
  {
    uuid: uuid("Card Attributes: uuid OPTIONAL"),
    summary: text("Card Attributes: summary REQUIRED, one sentence of <140 characters", {
      maxLength: 139,
      pattern: "^[^\\n\\r]*$",
    }),
    detail: text("Card Attributes: detail OPTIONAL, GitHub Flavored Markdown"),
    indicator: { $comment: "Card Attributes: indicator REQUIRED", enum: ["info", "warning", "critical"] },
    source: strictObject(
      "Source",
      {
        label: text("Source: label REQUIRED"),
        url: absoluteUrl("Source: url OPTIONAL"),
        icon: absoluteUrl("Source: icon OPTIONAL"),
        topic: coding(false),
      },
      { required: ["label"] },
    ),
    suggestions: list("Card Attributes: suggestions OPTIONAL", suggestion),
    selectionBehavior: { $comment: "Card Attributes: selectionBehavior CONDITIONAL", enum: ["at-most-one", "any"] },
    overrideReasons: list("Card Attributes: overrideReasons OPTIONAL, display REQUIRED for each", coding(true)),
    links: list("Card Attributes: links OPTIONAL", link),
    extension: { $comment: "Extensions: a JSON object", type: "object", minProperties: 1 },
  },
  {
    required: ["summary", "indicator", "source"],
    dependentRequired: { suggestions: ["selectionBehavior"] },
    // "Multiple suggestions MAY be recommended, if card.selectionBehavior is any": else one at most.
    ...implies(
      { properties: { selectionBehavior: { const: "at-most-one" } }, required: ["selectionBehavior", "suggestions"] },
      {
        properties: {
          suggestions: {
            contains: { type: "object", properties: { isRecommended: { const: true } }, required: ["isRecommended"] },
            minContains: 0,
            maxContains: 1,
          },
        },
      },
    ),
  },
);

/** Answer of `POST {baseUrl}/cds-services/{id}` with status 200. */
export const response: Schema = strictObject(
  "HTTP Response",
  {
    cards: list("HTTP Response: cards REQUIRED; no guidance = an empty array", card, { minItems: 0 }),
    systemActions: list("HTTP Response: systemActions OPTIONAL", action),
    extension: { $comment: "Extensions: a JSON object", type: "object", minProperties: 1 },
  },
  { required: ["cards"] },
);
