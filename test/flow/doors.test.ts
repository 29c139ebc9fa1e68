import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decodeJwt, importJWK, SignJWT } from "jose";
import { type Answer, type Call, call } from "../../scripts/client/call.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { systems } from "../../src/fhir/systems.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit, grant } from "./people.ts";

let world: World;
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const person = freshResident();
const anId = `h${"a".repeat(40)}`;
const lookup = { resident: { identityNumber: person.number }, categories: ["lab"], visit: aVisit(), purpose: "TREAT" };
const check = { resident: { identityNumber: person.number }, visit: aVisit(), orders: [{ id: "1", item: "creatinine" }] };

/** Every guarded route, as a caller who may use it would. */
const routes: readonly (Omit<Call, "token"> & { as: string; scope: string })[] = [
  { as: "a-his", scope: "exports", method: "POST", path: "/exports/a-tb?file=x.csv" },
  { as: "a-his", scope: "exports", method: "GET", path: `/exports/${anId}` },
  { as: "a-his", scope: "exports", method: "GET", path: `/exports/${anId}/issues` },
  { as: "c-county", scope: "lookups", method: "POST", path: "/lookups", json: lookup },
  { as: "c-county", scope: "lookups", method: "GET", path: `/lookups/${anId}` },
  { as: "c-county", scope: "lookups", method: "GET", path: `/lookups/${anId}/results` },
  { as: "c-county", scope: "lookups", method: "GET", path: `/lookups/${anId}/events` },
  { as: "c-county", scope: "recognitions", method: "POST", path: "/recognitions/check", json: check },
  { as: "resident", scope: "resident", method: "POST", path: "/consents", json: {} },
  { as: "resident", scope: "resident", method: "GET", path: "/consents" },
  { as: "resident", scope: "resident", method: "POST", path: `/consents/${anId}/withdraw` },
  { as: "resident", scope: "resident", method: "GET", path: "/access-log" },
  { as: "steward", scope: "identity-review", method: "GET", path: "/identity/reviews" },
];
const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const withId = named.filter(([, route]) => route.path.includes(anId));
const withBody = named.filter(([, route]) => route.json !== undefined);

const tokenFor = ({ as, scope }: { as: string; scope: string }) =>
  as === "resident" ? world.signIn.resident(person.number) : world.signIn.client(as, scope);

/** The error every door gives: a status, a code, a request id; nothing of the request, no stack. */
function expectProblem(answer: Answer, status: number): void {
  const text = JSON.stringify(answer.body);
  expect({ status: answer.status, text }).toMatchObject({ status });
  const fhir = answer.headers.get("content-type")?.startsWith("application/fhir+json");
  if (fhir) expect(answer.body).toMatchObject({ resourceType: "OperationOutcome", issue: [{ severity: "error" }] });
  else
    expect(answer.body).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status,
      code: expect.any(String),
      requestId: expect.any(String),
    });
  expect(text).not.toContain(person.number);
  expect(text).not.toMatch(/node_modules|src\/|\bat .+:\d+:\d+/);
}

describe("a token", () => {
  it.each(named)("is required: %s", async (_, { method, path, json }) => {
    expectProblem(await call(world.platform, { method, path, ...(json === undefined ? {} : { json }) }), 401);
  });

  it.each(named)("that has expired is refused with what to do: %s", async (_, route) => {
    const { method, path, json } = route;
    const answer = await call(world.platform, {
      ...{ method, path, token: await expired(await tokenFor(route)) },
      ...(json === undefined ? {} : { json }),
    });
    expectProblem(answer, 401);
    expect(JSON.stringify(answer.body)).toMatch(/expired; ask the issuer for a new one/);
    expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
  });

  it.each([
    ["signed with another key", async (token: string) => `${token.slice(0, -20)}${"A".repeat(20)}`],
    ["that is no token", async () => "a.b.c"],
    ["without a signature", async (token: string) => `${btoa('{"alg":"none","typ":"at+jwt"}')}.${token.split(".")[1]}.`],
  ])("%s is refused", async (_, make) => {
    const token = await make(await world.signIn.client("c-county", "lookups"));
    expectProblem(await call(world.platform, { method: "GET", path: `/lookups/${anId}`, token }), 401);
  });

  it.each([
    ["of a resident on /lookups", "resident", "resident", { method: "POST", path: "/lookups", json: lookup }],
    ["of a supplier on /lookups", "a-his", "exports", { method: "POST", path: "/lookups", json: lookup }],
    ["of another supplier on a feed", "b-platform", "exports", { method: "POST", path: "/exports/a-tb?file=x.csv" }],
    ["without the scope", "c-county", "exports", { method: "POST", path: "/lookups", json: lookup }],
    ["of a steward on /consents", "steward", "identity-review", { method: "GET", path: "/consents" }],
  ] as const)("%s is refused with 403", async (_, as, scope, request) => {
    expectProblem(await call(world.platform, { ...request, token: await tokenFor({ as, scope }) }), 403);
  });
});

describe("the resident's own doors", () => {
  it.each(named.filter(([, route]) => route.as === "resident"))(
    "an institution gets 403, audited: %s",
    async (_, { method, path }) => {
      const refusals = () =>
        world.store.searchAll("DEFAULT", "AuditEvent", {
          subtype: `${systems.auditKind}|refusal`,
          "hutong-who": `${systems.institution}|c-town-2`,
          _elements: "id,outcomeDesc",
        });
      const before = new Set((await refusals()).map((one) => one.id));
      const answer = await world.as("c-town-2", "lookups", { method, path, ...(method === "POST" ? { json: {} } : {}) });
      expectProblem(answer, 403);
      const fresh = (await refusals()).filter((one) => !before.has(one.id));
      expect(fresh.map((one) => one.outcomeDesc)).toEqual([`not-entitled ${method} ${path.replace(anId, "{id}")}`]);
    },
  );

  it("another resident's consent is as absent as one that never was", async () => {
    const mine = await grant(world, person, "c-county");
    expect(mine.status).toBe(201);
    const withdraw = { method: "POST", path: `/consents/${mine.body.id}/withdraw` } as const;
    expectProblem(await world.asResident(freshResident().number, withdraw), 404);
    expect((await world.asResident<{ status: string }>(person.number, withdraw)).body.status).toBe("withdrawn");
  });
});

describe("a request that is wrong", () => {
  it.each(withId)("names an id nobody gave: %s is 404", async (_, route) => {
    const { method, path, json } = route;
    const answer = await call(world.platform, {
      method,
      path,
      token: await tokenFor(route),
      ...(json === undefined ? {} : { json }),
    });
    expectProblem(answer, 404);
  });

  it.each(withId)("names something that is no id: %s is 404", async (_, route) => {
    const { method, path } = route;
    expectProblem(
      await call(world.platform, { method, path: path.replace(anId, "..%2f1"), token: await tokenFor(route) }),
      404,
    );
  });

  it.each(named)("carries a number in its address: %s is 400", async (_, route) => {
    const { method, path, json } = route;
    const query = `${path}${path.includes("?") ? "&" : "?"}identityNumber=${person.number}`;
    const answer = await call(world.platform, {
      ...{ method, path: query, token: await tokenFor(route) },
      ...(json === undefined ? {} : { json }),
    });
    expectProblem(answer, 400);
  });

  it.each(withBody)("is no JSON: %s is 400", async (_, route) => {
    const response = await fetch(`${world.platform.api}${route.path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${await tokenFor(route)}`, "content-type": "application/json" },
      body: `{"resident": {"identityNumber": "${person.number}"`,
    });
    const answer = { status: response.status, headers: response.headers, body: await response.json(), ms: 0 };
    expectProblem(answer, 400);
  });

  it.each(withBody)("is a list where an object belongs: %s is 400", async (_, route) => {
    expectProblem(await call(world.platform, { ...route, json: [route.json], token: await tokenFor(route) }), 400);
  });

  it.each(withBody)("is in a media type nobody takes: %s is 415", async (_, route) => {
    const response = await fetch(`${world.platform.api}${route.path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${await tokenFor(route)}`, "content-type": "text/xml" },
      body: "<lookup/>",
    });
    expectProblem({ status: response.status, headers: response.headers, body: await response.json(), ms: 0 }, 415);
  });

  it.each([
    ["a number that is a number", "/lookups", { ...lookup, resident: { identityNumber: 1 } }, "resident"],
    [
      "a number of no person",
      "/lookups",
      { ...lookup, resident: { identityNumber: "99012119900101001" } },
      "resident.identityNumber",
    ],
    ["an unknown category", "/lookups", { ...lookup, categories: ["genome"] }, "categories.0"],
    ["no visit", "/lookups", { ...lookup, visit: undefined }, "visit"],
    ["a date that does not exist", "/lookups", { ...lookup, from: "2026-02-30" }, "from"],
    ["a field nobody knows", "/lookups", { ...lookup, consent: "granted" }, "body"],
    ["no order", "/recognitions/check", { ...check, orders: [] }, "orders"],
  ] as const)("has a wrong field, which the answer names: %s", async (_, path, json, field) => {
    const scope = path === "/lookups" ? "lookups" : "recognitions";
    const answer = await world.as<{ problems: { field: string }[] }>("c-county", scope, { method: "POST", path, json });
    expectProblem(answer, 400);
    expect(answer.body.problems.map((problem) => problem.field)).toContain(field);
  });

  it.each([
    ["a recipient nobody knows", { recipients: ["no-such-hospital"] }, "recipients.0"],
    ["a source nobody knows", { sources: ["no-such-hospital"] }, "sources.0"],
    ["no end", { period: { start: "2026-01-01" } }, "period.end"],
    ["an end before the start", { period: { start: "2026-03-01", end: "2026-01-01" } }, "period"],
  ])("is a consent with %s", async (_, more, field) => {
    const answer = await grant(world, person, "c-county", undefined, more);
    expectProblem(answer, 400);
    const { problems } = answer.body as unknown as { problems: { field: string }[] };
    expect(problems.map((problem) => problem.field).join()).toContain(field);
  });

  it("asks for a purpose the token was not given for: 403", async () => {
    const token = await world.signIn.client("c-county", "lookups", { id: "dr-1", purposes: ["TREAT"] });
    const json = { ...lookup, purpose: "ETREAT" };
    expectProblem(await call(world.platform, { method: "POST", path: "/lookups", token, json }), 403);
  });
});

describe("open doors", () => {
  it("tell health, readiness, metrics and the description of the API, and no person", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics", "/openapi.json"]) {
      const answer = await call(world.platform, { method: "GET", path });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.body)).not.toContain(person.number);
    }
    const { body } = await call<{ paths: object }>(world.platform, { method: "GET", path: "/openapi.json" });
    for (const path of ["/exports/{feed}", "/lookups", "/consents", "/recognitions/check", "/identity/reviews"])
      expect(Object.keys(body.paths)).toContain(path);
  });

  it("an address nobody serves is 404", async () => {
    expectProblem(await call(world.platform, { method: "GET", path: "/fhir/DEFAULT/Patient" }), 404);
  });
});

/** The same token, signed by the same issuer, an hour too late. */
async function expired(token: string): Promise<string> {
  const { keys } = JSON.parse(readFileSync(join(world.platform.dir, "keys/issuer/issuer.jwks.json"), "utf8"));
  const { exp, iat, ...claims } = decodeJwt(token);
  return new SignJWT({ ...claims, exp: (exp ?? 0) - 7200, iat: (iat ?? 0) - 7200 })
    .setProtectedHeader({ alg: keys[0].alg, kid: keys[0].kid, typ: "at+jwt" })
    .sign(await importJWK(keys[0], keys[0].alg));
}
