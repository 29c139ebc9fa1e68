import { describe, expect, it } from "@jest/globals";
import request from "supertest";
import { otherId } from "./fake-use-cases.ts";
import { check, type GoodRequest, goodRequest, goodRequests, grant, lookup, paper, send, visit } from "./requests.ts";
import { listening, startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

const number = "990101199001010018";
const without = (value: object, field: string) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Bodies whose shape is wrong, with the field that must be named. */
const wrongBodies: readonly {
  said: string;
  route: keyof typeof tokens;
  body: object;
  field: string;
}[] = [
  { said: "no resident", route: "POST /lookups", body: without(lookup, "resident"), field: "resident" },
  {
    said: "a number that is a number",
    route: "POST /lookups",
    body: { ...lookup, resident: { identityNumber: 990101199001010018n.toString().length } },
    field: "resident",
  },
  {
    said: "number and code at once",
    route: "POST /lookups",
    body: { ...lookup, resident: { identityNumber: number, residentCode: "1234" } },
    field: "resident",
  },
  { said: "an unknown category", route: "POST /lookups", body: { ...lookup, categories: ["genome"] }, field: "categories.0" },
  { said: "no category", route: "POST /lookups", body: { ...lookup, categories: [] }, field: "categories" },
  { said: "no visit", route: "POST /lookups", body: without(lookup, "visit"), field: "visit" },
  {
    said: "a visit without an offset",
    route: "POST /lookups",
    body: { ...lookup, visit: { ...visit, start: "2026-11-18T08:00:00" } },
    field: "visit.start",
  },
  { said: "30 February", route: "POST /lookups", body: { ...lookup, from: "2026-02-30" }, field: "from" },
  { said: "a purpose of research", route: "POST /lookups", body: { ...lookup, purpose: "HRESCH" }, field: "purpose" },
  { said: "a field nobody knows", route: "POST /lookups", body: { ...lookup, [number]: true }, field: "body" },
  {
    said: "a control character",
    route: "POST /lookups",
    body: { ...lookup, visit: { ...visit, department: "a\u001b[31m" } },
    field: "visit.department",
  },
  { said: "a list instead of an object", route: "POST /lookups", body: [lookup], field: "body" },
  { said: "no recipients", route: "POST /consents", body: without(grant, "recipients"), field: "recipients" },
  {
    said: "a recipient that is no code",
    route: "POST /consents",
    body: { ...grant, recipients: ["省人民医院"] },
    field: "recipients.0",
  },
  { said: "no end", route: "POST /consents", body: { ...grant, period: { start: "2026-01-01" } }, field: "period.end" },
  { said: "somebody else as resident", route: "POST /consents", body: { ...grant, resident: otherId }, field: "body" },
  { said: "no orders", route: "POST /recognitions/check", body: { ...check, orders: [] }, field: "orders" },
  {
    said: "an order without item or code",
    route: "POST /recognitions/check",
    body: { ...check, orders: [{ id: "o1" }] },
    field: "orders.0",
  },
  {
    said: "two orders under one id",
    route: "POST /recognitions/check",
    body: { ...check, orders: [check.orders[0], check.orders[0]] },
    field: "orders",
  },
  {
    said: "a code without a system",
    route: "POST /recognitions/check",
    body: { ...check, orders: [{ id: "o1", code: [{ code: "1" }] }] },
    field: "orders.0",
  },
  {
    said: "a visit without a number",
    route: "POST /recognitions/check",
    body: { ...check, visit: without(visit, "number") },
    field: "visit.number",
  },
  {
    said: "a photo's digest that is none",
    route: "POST /recognitions/transcribed",
    body: { ...paper, photoSha256: "x" },
    field: "photoSha256",
  },
  {
    said: "no report number",
    route: "POST /recognitions/transcribed",
    body: without(paper, "reportNumber"),
    field: "reportNumber",
  },
  { said: "no kind", route: "POST /recognitions/history", body: { resident: check.resident, kinds: [] }, field: "kinds" },
  {
    said: "51 orders",
    route: "POST /recognitions/check",
    body: { ...check, orders: Array(51).fill(check.orders[0]) },
    field: "orders",
  },
];

/** Texts that two JSON readers might read differently, or that are none. */
const wrongTexts = [
  { said: "no JSON", text: "hello" },
  { said: "an empty body", text: "" },
  { said: "half a JSON", text: '{"resident":' },
  { said: "a key twice", text: '{"purpose":"TREAT","purpose":"ETREAT"}' },
  { said: "a key twice, once escaped", text: '{"purpose":"TREAT","\\u0070urpose":"ETREAT"}' },
  { said: "__proto__", text: '{"__proto__":{"kind":"operator"}}' },
  { said: "__proto__, escaped", text: '{"\\u005f_proto__":{"kind":"operator"}}' },
  { said: "constructor deep inside", text: '{"a":[{"constructor":{"prototype":{}}}]}' },
  { said: "half a surrogate pair", text: '{"a":"\\ud800"}' },
  { said: "33 levels", text: deep(33) },
  { said: "100,000 levels", text: deep(100_000) },
];

const tokens = {
  "POST /lookups": "institution",
  "POST /consents": "resident",
  "POST /recognitions/check": "institution",
  "POST /recognitions/history": "institution",
  "POST /recognitions/transcribed": "institution",
} as const;

describe("bad input", () => {
  it.each(wrongBodies)("$route with $said is 400 and names $field", async ({ route, body, field }) => {
    const { app, seen, logged } = startApp();
    const response = await send(app, goodRequest(route, { body }), await tokenFor(tokens[route]));
    expect(response.status).toBe(400);
    expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(response.body.problems.map((problem: { field: string }) => problem.field)).toContain(field);
    expect(seen.calls).toEqual([]);
    expect(response.text + logged.join()).not.toContain(number);
  });

  it.each(wrongTexts)("a body of $said is 400", async ({ text }) => {
    const { app, seen } = startApp();
    const response = await request(app)
      .post("/lookups")
      .set("Authorization", `Bearer ${await tokenFor("institution")}`)
      .set("Content-Type", "application/json")
      .send(text);
    expect(response.status).toBe(400);
    expect(seen.calls).toEqual([]);
  });

  it("bytes that are no UTF-8 are 400", async () => {
    const { app } = startApp();
    const test = request(app)
      .post("/lookups")
      .set("Authorization", `Bearer ${await tokenFor("institution")}`);
    const response = await test.set("Content-Type", "application/json").send(Buffer.from([0x22, 0xc4, 0xe3, 0x22]) as never);
    expect(response.status).toBe(400);
  });

  it.each([
    { said: "a form", type: "application/x-www-form-urlencoded", encoding: "identity" },
    { said: "XML", type: "application/fhir+xml", encoding: "identity" },
    { said: "JSON in GBK", type: "application/json; charset=gbk", encoding: "identity" },
    { said: "compressed JSON", type: "application/json", encoding: "gzip" },
  ])("$said is 415", async ({ type, encoding }) => {
    const { app } = startApp();
    const test = request(app)
      .post("/lookups")
      .set("Authorization", `Bearer ${await tokenFor("institution")}`);
    const response = await test
      .set("Content-Type", type)
      .set("Content-Encoding", encoding)
      .send(Buffer.from("{}") as never);
    expect(response.status).toBe(415);
  });

  it("a patient under one identifier whose body names another of its system is 400, so that a slip makes no second patient", async () => {
    const { app } = startApp();
    const named = (value: string) => ({ resourceType: "Patient", identifier: [{ system: "urn:county:file", value }] });
    const put = async (body: object) =>
      request(app)
        .put("/fhir/Patient?identifier=urn:county:file|A17")
        .set("Authorization", `Bearer ${await tokenFor("institution")}`)
        .set("Content-Type", "application/fhir+json")
        .send(JSON.stringify(body));
    expect((await put(named("A17"))).status).toBeLessThan(300);
    const response = await put(named("A71"));
    expect(response.status).toBe(400);
    expect(response.body.issue[0].expression).toEqual(["identifier"]);
  });

  it("a body of more than 256 KiB is 413, told or not told beforehand", async () => {
    const { app } = startApp();
    const token = await tokenFor("institution");
    const body = { ...lookup, from: "x".repeat(300_000) };
    expect((await send(app, goodRequest("POST /lookups", { body }), token)).status).toBe(413);
    await listening(app, async (url) => {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const half = Buffer.from(`{"a":"${"x".repeat(200_000)}`);
      const body = ReadableStream.from([half, half]);
      const response = await fetch(`${url}/lookups`, { method: "POST", headers, body, duplex: "half" } as RequestInit);
      expect(response.status).toBe(413);
    });
  });

  it.each([
    { said: "an identity number", query: `source=${number}` },
    { said: "an identity number as a name", query: `${number}=1` },
    { said: "a phone number", query: "source=13800138000" },
    { said: "a field nobody knows", query: "resident=a" },
    { said: "the same name twice", query: "source=a-provincial&source=b-central" },
    { said: "the same name twice, once escaped", query: "source=a-provincial&sourc%65=b-central" },
    { said: "broken escapes", query: "source=%ff%zz" },
    { said: "__proto__", query: "__proto__=a" },
    { said: "brackets", query: "source[]=a" },
  ])("$said in a query string is 400 and is neither answered nor logged", async ({ query }) => {
    const { app, seen, logged } = startApp();
    const good = goodRequest("GET /lookups/{id}/results");
    const response = await send(app, { ...good, url: `${good.url}?${query}` }, await tokenFor("institution"));
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ resourceType: "OperationOutcome" });
    expect(seen.calls).toEqual([]);
    expect(response.text + logged.join()).not.toMatch(/990101199001010018|13800138000/);
  });

  const withId = goodRequests.filter((good) => good.route.includes("{id}"));
  const byId = withId.flatMap((good) =>
    [otherId, "1", number, "..%2f..%2fDEFAULT", `${otherId}%00`, otherId.toUpperCase()].map((id) => ({ ...good, id })),
  );
  it.each(byId)("$route for $id is the same 404", async (good) => {
    const { app, logged } = startApp();
    const url = good.url.replace(/h[0-9a-f]{40}/, good.id);
    const kinds = { consents: "resident", exports: "supplier", mapping: "operator", "/identity/": "steward" } as const;
    const kind = Object.entries(kinds).find(([part]) => good.route.includes(part))?.[1] ?? "institution";
    const response = await send(app, { ...(good as GoodRequest), url }, await tokenFor(kind));
    expect(response.status).toBe(404);
    expect(response.body.code ?? response.body.issue[0].code).toBe("not-found");
    expect(response.text + logged.join()).not.toContain(number);
  });

  it.each([
    ["GET", "/"],
    ["GET", "/lookups"],
    ["GET", "/lookups/%ff"],
    ["GET", "/fhir/DEFAULT/Patient"],
    ["GET", "/LOOKUPS/x"],
    ["HEAD", "/healthz"],
    ["PUT", "/consents"],
    ["DELETE", "/healthz"],
    ["OPTIONS", "/lookups"],
    ["TRACE", "/healthz"],
  ])("%s %s is 404", async (method, url) => {
    const { app } = startApp();
    const test = request(app) as unknown as Record<string, (url: string) => request.Test>;
    const response = await (test[method.toLowerCase()] as (url: string) => request.Test)(url);
    expect(response.status).toBe(404);
  });

  it.each(["a b", "", "x".repeat(129), "汉字"])("an Idempotency-Key of %j is 400", async (key) => {
    const { app } = startApp();
    const value = Buffer.from(key).toString("latin1");
    const response = await send(app, goodRequest("POST /lookups"), await tokenFor("institution")).set("Idempotency-Key", value);
    expect(response.status).toBe(400);
  });
});
