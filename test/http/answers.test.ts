import { connect } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { Registry } from "prom-client";
import request from "supertest";
import { createOperationsApp } from "../../src/http/create-app.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { fakeUseCases } from "./fake-use-cases.ts";
import { goodRequest, goodRequests, send } from "./requests.ts";
import { listening, startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

describe("every answer", () => {
  it("holds what its contract names and nothing more", async () => {
    const response = await send(startApp().app, goodRequest("GET /consents"), await tokenFor("resident"));
    expect(response.text).not.toContain("never leaves");
    expect(Object.keys(response.body.consents[0])).toEqual([
      "id",
      "status",
      "recipients",
      "categories",
      "purposes",
      "period",
      "grantedAt",
    ]);
  });

  it("has headers that keep browsers and caches from doing anything with it", async () => {
    const response = await request(startApp().app).get("/healthz");
    expect(response.headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "strict-transport-security": "max-age=31536000",
    });
    expect(response.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers).not.toHaveProperty("x-powered-by");
    expect(response.headers).not.toHaveProperty("etag");
  });

  it("carries a request id of ours, not the caller's", async () => {
    const response = await request(startApp().app).get("/nowhere").set("X-Request-Id", "990101199001010018");
    expect(response.body.requestId).toBe(response.headers["x-request-id"]);
    expect(response.headers["x-request-id"]).not.toBe("990101199001010018");
  });
});

describe("a fault inside", () => {
  it.each(goodRequests)("$route tells an unexpected error by its request id only", async (good) => {
    const secret = new Error("990101199001010018 at /srv/secret.ts");
    const broken = new Proxy({}, { get: () => async () => Promise.reject(secret) });
    const kind = /consents|access-log/.test(good.route)
      ? "resident"
      : /exports/.test(good.route)
        ? "supplier"
        : /identity/.test(good.route)
          ? "steward"
          : /mapping|returns|recognitions\/appeals/.test(good.route)
            ? "operator"
            : "institution";
    const own = ["readiness", "refused", "authenticationFailed"];
    const names = Object.keys(fakeUseCases().useCases).filter((name) => !own.includes(name));
    const { app } = startApp(Object.fromEntries(names.map((name) => [name, (broken as Record<string, () => unknown>)[name]])));
    const response = await send(app, good, await tokenFor(kind));
    expect(response.status).toBe(500);
    expect(response.text).not.toMatch(/990101|secret|stack|at \//);
    if (
      [
        "GET /lookups/{id}/results",
        "GET /recognitions/outcomes",
        "GET /recognitions/faults",
        "GET /recognitions/appeals",
      ].includes(good.route) ||
      /fhir/.test(good.route)
    )
      expect(response.body).toMatchObject({ resourceType: "OperationOutcome" });
    else expect(response.body).toMatchObject({ type: "urn:hutong:problem:unexpected", status: 500, code: "unexpected" });
  });

  it("that may pass soon says when to come back", async () => {
    const { app } = startApp({ requestLookup: async () => Promise.reject(new Fault("store-down")) });
    const response = await send(app, goodRequest("POST /lookups"), await tokenFor("institution"));
    expect([response.status, response.headers["retry-after"]]).toEqual([503, "2"]);
    expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
  });

  it("an answer that breaks its own contract does not leave", async () => {
    const { app } = startApp({ accessLog: async () => ({ entries: [{}] }) as never });
    expect((await send(app, goodRequest("GET /access-log"), await tokenFor("resident"))).status).toBe(500);
  });
});

describe("health and metrics", () => {
  it.each([
    ["up", "up", 200, "ready"],
    ["up", "down", 200, "degraded"],
    ["down", "up", 503, "down"],
  ] as const)("store %s, queue %s: %i %s", async (store, queue, code, status) => {
    const response = await request(startApp({ readiness: async () => ({ store, queue }) }).app).get("/readyz");
    expect([response.status, response.body]).toEqual([code, { status, store, queue }]);
  });

  it("requests are counted by route template, not by address", async () => {
    const { app } = startApp();
    await send(app, goodRequest("GET /lookups/{id}"), await tokenFor("institution"));
    await request(app).get("/990101199001010018");
    const { text } = await request(app).get("/metrics");
    expect(text).toContain('hutong_http_request_duration_seconds_count{method="GET",route="/lookups/{id}",status="200"} 1');
    expect(text).toContain('route="unmatched",status="404"} 1');
    expect(text).not.toContain("990101");
  });

  it("a process without the API serves its health and metrics and nothing else", async () => {
    const deps = { useCases: startApp().app.locals as never, metrics: new Registry(), log: pino({ level: "silent" }) };
    const app = createOperationsApp({ ...deps, useCases: { readiness: async () => ({ store: "up", queue: "up" }) } });
    expect((await request(app).get("/readyz")).status).toBe(200);
    expect((await request(app).get("/metrics")).status).toBe(200);
    expect((await request(app).get("/lookups/x")).status).toBe(404);
  });
});

describe("the description of the API", () => {
  it("names every route with its token, its answers and its errors", async () => {
    const { body } = await request(startApp().app).get("/openapi.json");
    expect(body.openapi).toBe("3.1.0");
    const operations = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.sort()).toEqual(
      [
        ...goodRequests.map(({ route }) => route),
        ...["GET /healthz", "GET /metrics", "GET /readyz"],
        // What is published is open: test/http/catalogue.test.ts, test/http/figures.test.ts.
        ...["GET /recognitions/catalogue", "GET /recognitions/catalogue/diff"],
        ...["ActivityDefinition", "CodeSystem", "ConceptMap", "Measure", "PlanDefinition", "ValueSet"].flatMap((type) => [
          `GET /fhir/${type}`,
          `GET /fhir/${type}/{resource}`,
        ]),
        // Their callers prove themselves in another way: test/cds-hooks.
        ...["GET /cds-services", "POST /cds-services/{service}", "POST /cds-services/{service}/feedback"],
      ].sort(),
    );
    const lookup = body.paths["/lookups"].post;
    expect(Object.keys(lookup.responses)).toEqual(["202", "400", "401", "403", "409", "413", "415", "503"]);
    expect(lookup.requestBody.content["application/json"].schema.required).toEqual([
      "resident",
      "categories",
      "visit",
      "purpose",
    ]);
    expect(body.paths["/healthz"].get.security).toEqual([]);
    const published = body.paths["/recognitions/catalogue"].get;
    expect([published.security, Object.keys(published.responses)]).toEqual([[], ["200", "400", "404"]]);
    expect(published.parameters.map((one: { name: string }) => one.name)).toContain("on");
  });
});

describe("slow clients", () => {
  it("half a header is answered 408 and the connection closed", async () => {
    const { app } = startApp();
    await listening(app, async (url) => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ");
      const text = await new Promise<string>((resolve) => {
        let all = "";
        socket.on("data", (chunk) => (all += chunk)).on("close", () => resolve(all));
      });
      expect(text).toMatch(/^HTTP\/1.1 408/);
    });
  }, 20_000);
});
