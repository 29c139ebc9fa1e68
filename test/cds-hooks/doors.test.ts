import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import request from "supertest";
import { cdsToken, sharedIssuer } from "../http/cds-tokens.ts";
import { audience } from "../http/tokens.ts";
import { createHookWorld, draft, encounter, item, loinc, patient } from "./hook-world.ts";
import { offences } from "./validate.ts";

let world: Awaited<ReturnType<typeof createHookWorld>>;

beforeAll(async () => {
  world = await createHookWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.grant();
  await world.certify();
  await world.result({});
});

const good = {
  hook: "order-sign",
  hookInstance: randomUUID(),
  context: {
    userId: "Practitioner/1008",
    patientId: "p1",
    encounterId: "e1",
    draftOrders: { resourceType: "Bundle", type: "collection", entry: [{ resource: draft("d1", item("creatinine")) }] },
  },
  prefetch: { patient: patient(), encounter: encounter() },
};
const bundle = (...resources: object[]) => ({ resourceType: "Bundle", entry: resources.map((resource) => ({ resource })) });
const context = (changes: object) => ({ ...good, context: { ...good.context, ...changes } });
const prefetch = (changes: object) => ({ ...good, prefetch: { ...good.prefetch, ...changes } });
const without = (value: object, field: string) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
const outcome = { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "timeout" }] };

async function post(body: unknown, path = "/cds-services/recognition") {
  const token = await cdsToken(`${audience}${path}`, {
    at: world.deps.now(),
    claims: { iss: sharedIssuer, tenant: "county" },
  });
  const sent = request(world.app).post(path).set("Authorization", `Bearer ${token}`);
  return typeof body === "string" ? sent.set("Content-Type", "application/json").send(body) : sent.send(body as object);
}

describe("discovery", () => {
  it("is open, and as the text says: three hooks, two of them under one id, templates of 2.0", async () => {
    const { status, body, headers } = await request(world.app).get("/cds-services");
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(offences("discovery", body)).toEqual([]);
    expect(body.services.map(({ hook, id }: { hook: string; id: string }) => `${hook} ${id}`)).toEqual([
      "patient-view recognition-history",
      "order-select recognition",
      "order-sign recognition",
    ]);
    for (const { prefetch: templates } of body.services) {
      expect(Object.keys(templates)).toEqual(["patient", "encounter", "user"]);
    }
  });
});

describe("a good call", () => {
  it.each([
    ["as it is", good],
    [
      "with fields of later versions",
      { ...good, extension: { "com.example.x": 1 }, future: [1], context: { ...good.context, more: {} } },
    ],
    [
      "with a FHIR server and a token for it, which are never used",
      {
        ...good,
        fhirServer: "https://nowhere.invalid/fhir",
        fhirAuthorization: {
          access_token: "secret-of-the-client",
          token_type: "Bearer",
          expires_in: 300,
          scope: "user/*.read",
          subject: "x",
        },
      },
    ],
    ["with null where the text wants nothing", { ...good, fhirServer: null, fhirAuthorization: null }],
    ["with prefetched data nobody asked for", prefetch({ medications: bundle(), history: null })],
    ["by a practitioner in a role", context({ userId: "PractitionerRole/77" })],
    [
      "with an absolute reference to the patient",
      context({
        draftOrders: bundle(draft("d1", item("creatinine"), { subject: { reference: "https://his.example/fhir/Patient/p1" } })),
      }),
    ],
    ["without an encounter", { ...good, context: without(good.context, "encounterId"), prefetch: { patient: patient() } }],
    ["with an encounter that could not be fetched", prefetch({ encounter: outcome })],
  ])("%s is answered with the card", async (_, body) => {
    const { status, body: answer } = await post(body);
    expect([status, answer.cards?.length, answer.cards?.[0]?.indicator]).toEqual([200, 1, "warning"]);
    expect(offences("response", answer)).toEqual([]);
  });

  it("logs nothing of the client's FHIR token", () => {
    expect(world.logged.join("")).not.toContain("secret-of-the-client");
  });

  it.each([
    ["no draft orders", context({ draftOrders: bundle() })],
    ["only items nobody knows", context({ draftOrders: bundle(draft("d1", loinc("0-0"))) })],
    ["a patient who reads their own record", context({ userId: "Patient/p1" })],
    ["a relative", context({ userId: "RelatedPerson/r1" })],
  ])("with %s is answered with no card", async (_, body) => {
    const { status, body: answer } = await post(body);
    expect([status, answer]).toEqual([200, { cards: [] }]);
  });
});

describe("without the patient", () => {
  it.each([
    ["no prefetch at all", without(good, "prefetch")],
    ["no key for the patient", { ...good, prefetch: { encounter: encounter() } }],
    ["null: the client has no such patient", prefetch({ patient: null })],
    ["an OperationOutcome in its place", prefetch({ patient: outcome })],
  ])("%s is 412, even with a token for the client's server", async (_, body) => {
    const fhirAuthorization = { access_token: "x", token_type: "Bearer", expires_in: 300, scope: "user/*.read", subject: "x" };
    const { status, body: answer } = await post({ ...body, fhirServer: "https://nowhere.invalid/fhir", fhirAuthorization });
    expect([status, answer.code]).toEqual([412, "prefetch-missing"]);
    expect(answer.problems).toEqual([{ field: "prefetch.patient", reason: expect.any(String) }]);
  });
});

describe("a malformed call", () => {
  const entry = "context.draftOrders.entry.0.resource";
  it.each<[string, unknown, string]>([
    ["no hook", without(good, "hook"), "hook"],
    ["a hook nobody knows", { ...good, hook: "order-dispatch" }, "hook"],
    ["a hook of another service", { ...good, hook: "patient-view" }, "hook"],
    ["no instance", without(good, "hookInstance"), "hookInstance"],
    ["an instance that is no UUID", { ...good, hookInstance: "1" }, "hookInstance"],
    ["no context", without(good, "context"), "context"],
    ["a context that is a list", { ...good, context: [] }, "context"],
    ["no user", context({ userId: undefined }), "context.userId"],
    ["a user without a type", context({ userId: "1008" }), "context.userId"],
    ["no patient id", context({ patientId: undefined }), "context.patientId"],
    ["a patient id that is none", context({ patientId: "../p1" }), "context.patientId"],
    ["no draft orders", context({ draftOrders: undefined }), "context.draftOrders"],
    ["draft orders that are a list", context({ draftOrders: [] }), "context.draftOrders"],
    ["draft orders that are no Bundle", context({ draftOrders: patient() }), "context.draftOrders.resourceType"],
    [
      "entries that are an object",
      context({ draftOrders: { resourceType: "Bundle", entry: {} } }),
      "context.draftOrders.entry",
    ],
    ["a resource without a type", context({ draftOrders: bundle({ id: "1" }) }), `${entry}.resourceType`],
    ["an order without an id", context({ draftOrders: bundle(draft(undefined as never, item("creatinine"))) }), `${entry}.id`],
    [
      "an order whose code is text",
      context({ draftOrders: bundle(draft("d1", item("x"), { code: "CREA" })) }),
      `${entry}.code`,
    ],
    [
      "an order whose codings are one",
      context({ draftOrders: bundle(draft("d1", item("x"), { code: { coding: item("x") } })) }),
      `${entry}.code.coding`,
    ],
    [
      "two orders under one id",
      context({ draftOrders: bundle(draft("d1", item("x")), draft("d1", item("y"))) }),
      "context.draftOrders.entry.1.resource.id",
    ],
    [
      "an order for another patient",
      context({ draftOrders: bundle(draft("d1", item("creatinine"), { subject: { reference: "Patient/p2" } })) }),
      `${entry}.subject`,
    ],
    [
      "51 orders",
      context({ draftOrders: bundle(...Array.from({ length: 51 }, (_, at) => draft(`d${at}`, item("creatinine")))) }),
      "context.draftOrders",
    ],
    ["order-select without selections", { ...good, hook: "order-select" }, "context.selections"],
    [
      "a selection that is no draft order",
      { ...context({ selections: ["ServiceRequest/d9"] }), hook: "order-select" },
      "context.selections.0",
    ],
    ["prefetch that is a list", { ...good, prefetch: [] }, "prefetch"],
    ["another resource as patient", prefetch({ patient: encounter() }), "prefetch.patient.resourceType"],
    ["text as patient", prefetch({ patient: "Patient/p1" }), "prefetch.patient"],
    ["the prefetched patient is somebody else", prefetch({ patient: patient({ id: "p2" }) }), "prefetch.patient.id"],
    [
      "identifiers that are an object",
      prefetch({ patient: patient({ identifier: { value: "1" } }) }),
      "prefetch.patient.identifier",
    ],
    [
      "the prefetched encounter is another's",
      prefetch({ encounter: encounter({ subject: { reference: "Patient/p2" } }) }),
      "prefetch.encounter",
    ],
    ["the prefetched encounter is another one", prefetch({ encounter: encounter({ id: "e2" }) }), "prefetch.encounter"],
    ["no JSON", "hello", "body"],
    ["a key twice", '{"hook":"order-sign","hook":"patient-view"}', "body"],
    ["a list", [good], "body"],
  ])("%s is 400 and says where", async (_, body, field) => {
    const { status, body: answer } = await post(body);
    expect([status, answer.problems?.map((one: { field: string }) => one.field)]).toEqual([
      400,
      expect.arrayContaining([field]),
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/996427200504235712|张三/);
  });

  it("to a service that is not there is 404", async () => {
    expect((await post(good, "/cds-services/nothing")).status).toBe(404);
    expect((await post({ feedback: [] }, "/cds-services/nothing/feedback")).status).toBe(400);
  });

  it("too large, or of another media type, is told so", async () => {
    expect((await post({ ...good, extension: { "com.example.x": "x".repeat(300_000) } })).status).toBe(413);
    const token = await cdsToken(`${audience}/cds-services/recognition`, {
      at: world.deps.now(),
      claims: { iss: sharedIssuer, tenant: "county" },
    });
    const sent = request(world.app).post("/cds-services/recognition").set("Authorization", `Bearer ${token}`);
    expect((await sent.set("Content-Type", "text/plain").send("{}")).status).toBe(415);
  });
});

describe("whatever is sent in place of a part", () => {
  /** Every place in a document, as the keys that lead there. */
  const placesIn = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
    typeof value !== "object" || value === null
      ? [path]
      : [path, ...Object.entries(value).flatMap(([key, part]) => placesIn(part, [...path, key]))];
  const withChange = (value: unknown, [key, ...rest]: readonly string[], change: unknown): unknown => {
    if (key === undefined) return change;
    const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
    copy[key] = withChange(copy[key], rest, change);
    return Array.isArray(value) ? Object.values(copy) : copy;
  };
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>("Patient/p1", { resourceType: "Patient" }, [], {}, "", null),
  );
  const feedback = {
    feedback: [
      {
        ...{ card: randomUUID(), outcome: "accepted", acceptedSuggestions: [{ id: randomUUID() }] },
        ...{
          overrideReason: { reason: { system: "x", code: "y" }, userComment: "z" },
          outcomeTimestamp: "2026-11-22T02:00:00Z",
        },
      },
    ],
  };

  it.each([
    ["a call", good, "/cds-services/recognition"],
    ["feedback", feedback, "/cds-services/recognition/feedback"],
  ])("%s is answered with cards or a 4xx, never with a 500", async (_, body, path) => {
    const places = placesIn(body);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), anything, async (place, change) => {
        const { status, body: answer } = await post(JSON.stringify(withChange(body, place, change)), path);
        expect([200, 400, 404, 412]).toContain(status);
        if (status === 200 && "cards" in answer) expect(offences("response", answer)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("malformed feedback", () => {
  const entry = { card: randomUUID(), outcome: "overridden", outcomeTimestamp: "2026-11-22T02:00:00Z" };
  it.each<[string, unknown, string]>([
    ["no list", {}, "feedback"],
    ["an empty list", { feedback: [] }, "feedback"],
    ["no card", { feedback: [without(entry, "card")] }, "feedback.0.card"],
    ["a card that is no UUID", { feedback: [{ ...entry, card: "x" }] }, "feedback.0.card"],
    ["no outcome", { feedback: [without(entry, "outcome")] }, "feedback.0.outcome"],
    ["an outcome nobody knows", { feedback: [{ ...entry, outcome: "ignored" }] }, "feedback.0.outcome"],
    ["accepted, but nothing", { feedback: [{ ...entry, outcome: "accepted" }] }, "feedback.0.acceptedSuggestions"],
    [
      "accepted, an empty list",
      { feedback: [{ ...entry, outcome: "accepted", acceptedSuggestions: [] }] },
      "feedback.0.acceptedSuggestions",
    ],
    ["no time", { feedback: [without(entry, "outcomeTimestamp")] }, "feedback.0.outcomeTimestamp"],
    ["a time that is a day", { feedback: [{ ...entry, outcomeTimestamp: "2026-11-22" }] }, "feedback.0.outcomeTimestamp"],
    [
      "a reason that is text",
      { feedback: [{ ...entry, overrideReason: { reason: "emergency" } }] },
      "feedback.0.overrideReason.reason",
    ],
  ])("%s is 400 and says where", async (_, body, field) => {
    const { status, body: answer } = await post(body, "/cds-services/recognition/feedback");
    expect([status, answer.problems?.map((one: { field: string }) => one.field)]).toEqual([
      400,
      expect.arrayContaining([field]),
    ]);
  });

  it("on a card nobody was shown is 404", async () => {
    expect((await post({ feedback: [entry] }, "/cds-services/recognition/feedback")).status).toBe(404);
  });
});
