import { describe, expect, it } from "@jest/globals";
import { offences } from "./validate.ts";

// The schemas themselves: what the text allows passes, and each departure is refused under the heading it offends.

const uuid = "4e0a3a1e-3283-4575-ab82-028d55fe2719";
const source = { label: "互认服务" };
const card = { summary: "可互认", indicator: "info", source };
const remove = { type: "delete", description: "撤销", resourceId: "ServiceRequest/1" };
const suggestion = { label: "互认", uuid, actions: [remove] };
const reason = { code: "emergency", system: "urn:reasons", display: "急诊" };
const cards = (...more: object[]) => ({ cards: more.map((one) => ({ ...card, ...one })) });
const suggesting = (...more: object[]) =>
  cards({ selectionBehavior: "at-most-one", suggestions: more.map((one) => ({ ...suggestion, ...one })) });
const linking = (link: object) => cards({ links: [{ label: "报告", url: "https://viewer.example/launch", ...link }] });

describe("a response as the text has it", () => {
  it.each<[string, object]>([
    ["no guidance", { cards: [] }],
    ["the least a card may be", cards({})],
    [
      "everything a card may be",
      cards({ uuid, detail: "**x**", suggestions: [suggestion], selectionBehavior: "any", overrideReasons: [reason] }),
    ],
    ["a summary of 139 characters", cards({ summary: "医".repeat(139) })],
    [
      "several recommended suggestions where any may be chosen",
      cards({
        selectionBehavior: "any",
        suggestions: [
          { label: "a", isRecommended: true },
          { label: "b", isRecommended: true },
        ],
      }),
    ],
    [
      "a new resource",
      suggesting({ actions: [{ type: "create", description: "新开", resource: { resourceType: "ServiceRequest" } }] }),
    ],
    ["a SMART link with its context", linking({ type: "smart", appContext: "{}" })],
    ["an extension", cards({ extension: { "com.example.x": 1 } })],
  ])("%s", (_, response) => expect(offences("response", response)).toEqual([]));
});

describe("a response that leaves the text", () => {
  it.each<[string, unknown, string]>([
    ["no cards", {}, "HTTP Response"],
    ["a field nobody knows", { cards: [], hints: [] }, "HTTP Response"],
    ["no summary", { cards: [{ indicator: "info", source }] }, "Card Attributes"],
    ["a summary of 140 characters", cards({ summary: "医".repeat(140) }), "summary REQUIRED"],
    ["a summary of two lines", cards({ summary: "a\nb" }), "summary REQUIRED"],
    ["an empty detail", cards({ detail: "" }), "detail OPTIONAL"],
    ["a null detail", cards({ detail: null }), "detail OPTIONAL"],
    ["an indicator nobody knows", cards({ indicator: "hard-stop" }), "indicator REQUIRED"],
    ["a source without a label", cards({ source: { url: "https://x.example/" } }), "Source"],
    ["suggestions without the way to choose", cards({ suggestions: [suggestion] }), "Card Attributes"],
    ["no suggestions in a list of them", cards({ selectionBehavior: "any", suggestions: [] }), "suggestions OPTIONAL"],
    [
      "a way to choose that 2.0 does not have",
      cards({ selectionBehavior: "all", suggestions: [suggestion] }),
      "selectionBehavior",
    ],
    [
      "two recommended where one may be chosen",
      suggesting({ isRecommended: true }, { isRecommended: true }),
      "Card Attributes",
    ],
    ["a delete with a resource", suggesting({ actions: [{ ...remove, resource: { resourceType: "X" } }] }), "Action"],
    [
      "a delete of a full address",
      suggesting({ actions: [{ ...remove, resourceId: "https://his.example/ServiceRequest/1" }] }),
      "Action",
    ],
    ["a create without a resource", suggesting({ actions: [{ type: "create", description: "新开" }] }), "Action"],
    ["an action without words", suggesting({ actions: [{ type: "delete", resourceId: "ServiceRequest/1" }] }), "Action"],
    ["an override reason without words", cards({ overrideReasons: [{ code: "x", system: "y" }] }), "Coding"],
    ["a link without a type", linking({}), "Link"],
    ["an absolute link with a context", linking({ type: "absolute", appContext: "x" }), "Link"],
    ["a relative link", linking({ type: "absolute", url: "/report" }), "Link"],
  ])("%s", (_, response, heading) => {
    const found = offences("response", response);
    expect(found).not.toEqual([]);
    expect(found.join("\n")).toContain(heading);
  });
});

describe("a discovery that leaves the text", () => {
  const service = {
    hook: "order-sign",
    description: "x",
    id: "recognition",
    prefetch: { patient: "Patient/{{context.patientId}}" },
  };
  const services = (more: object) => ({ services: [{ ...service, ...more }] });

  it("is told; one that does not is not", () => {
    expect(offences("discovery", services({}))).toEqual([]);
    expect(
      offences(
        "discovery",
        services({ prefetch: { user: "{{context.userId}}", labs: "Observation?patient={{context.patientId}}&code=4548-4" } }),
      ),
    ).toEqual([]);
  });

  it.each<[string, object]>([
    ["no services", {}],
    ["no description", { services: [{ hook: "order-sign", id: "x" }] }],
    ["prefetch with nothing in it", services({ prefetch: {} })],
    ["a token of 3.0", services({ prefetch: { labs: "Observation?date=gt{{today()}}" } })],
    ["a token below the root of the context", services({ prefetch: { x: "Encounter/{{context.draftOrders.id}}" } })],
    ["a token of another field", services({ prefetch: { x: "Encounter/{{context.selections}}" } })],
    ["an absolute query", services({ prefetch: { x: "https://his.example/Patient/1" } })],
    ["a query beyond the recommended subset", services({ prefetch: { x: "Patient?_revinclude=Observation:subject" } })],
  ])("%s", (_, discovery) => expect(offences("discovery", discovery)).not.toEqual([]));
});

describe("what the client of these tests sends", () => {
  const context = { userId: "Practitioner/1", patientId: "1", draftOrders: { resourceType: "Bundle" } };
  const call = { hook: "order-sign", hookInstance: uuid, context };
  const entry = { card: uuid, outcome: "overridden", outcomeTimestamp: "2026-11-22T02:00:00Z" };

  it("is held against the text too", () => {
    expect(offences("hook request", call)).toEqual([]);
    expect(offences("feedback request", { feedback: [entry] })).toEqual([]);
  });

  it.each<[Parameters<typeof offences>[0], string, object]>([
    [
      "hook request",
      "a token without its server",
      { ...call, fhirAuthorization: { access_token: "x", token_type: "Bearer", expires_in: 1, scope: "x", subject: "x" } },
    ],
    ["hook request", "order-select without selections", { ...call, hook: "order-select" }],
    ["hook request", "patient-view with orders", { ...call, hook: "patient-view" }],
    ["feedback request", "accepted without what", { feedback: [{ ...entry, outcome: "accepted" }] }],
    [
      "feedback request",
      "a time that is not in UTC",
      { feedback: [{ ...entry, outcomeTimestamp: "2026-11-22T10:00:00+08:00" }] },
    ],
  ])("%s: %s is refused", (document, _, value) => expect(offences(document, value)).not.toEqual([]));
});
