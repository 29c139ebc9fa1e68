import { describe, expect, it } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import request from "supertest";
import {
  type CdsTokenChanges,
  cdsIssuer,
  cdsJwk,
  cdsRules,
  cdsToken,
  publishedKeys,
  sharedIssuer,
} from "../http/cds-tokens.ts";
import { someId } from "../http/fake-use-cases.ts";
import { startApp } from "../http/start-app.ts";
import { audience, noon, tokenFor } from "../http/tokens.ts";

const service = "/cds-services/recognition";
const call = {
  hook: "order-sign",
  hookInstance: "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
  context: { userId: "Practitioner/1", patientId: "1", draftOrders: { resourceType: "Bundle" } },
};
const feedback = {
  feedback: [{ card: "4e0a3a1e-3283-4575-ab82-028d55fe2719", outcome: "overridden", outcomeTimestamp: "2026-11-18T12:00:00Z" }],
};
const now = Math.floor(noon.getTime() / 1000);
const shared = startApp();
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function post(app: Parameters<typeof request>[0], token: string | undefined, { path = service, body = call as object } = {}) {
  const sent = request(app).post(path).send(body);
  return token === undefined ? sent : sent.set("Authorization", `Bearer ${token}`);
}

describe("the JWT of a CDS client", () => {
  it("signed for the service it is sent to lets the client in, as the institution the registry names", async () => {
    const { app, seen } = startApp();
    expect((await post(app, await cdsToken(`${audience}${service}`))).status).toBe(200);
    expect(seen.calls).toEqual(["callCdsService"]);
  });

  it.each<[string, CdsTokenChanges]>([
    ["with the one audience as a list", { claims: { aud: [`${audience}${service}`] } }],
    ["that names the address of the keys the registry knows", { header: { jku: publishedKeys } }],
    ["slightly ahead of our clock", { claims: { iat: now + 20 } }],
    ["that ended within the tolerance", { claims: { exp: now - 20 } }],
    ["of an issuer that calls for several, with its tenant", { claims: { iss: sharedIssuer, tenant: "county" } }],
    ["of an issuer that calls for one, with a tenant nobody asked for", { claims: { tenant: "anything" } }],
  ])("%s is taken", async (_, changes) => {
    expect((await post(shared.app, await cdsToken(`${audience}${service}`, changes))).status).toBe(200);
  });

  it.each<[string, CdsTokenChanges]>([
    ["for another service", { claims: { aud: `${audience}/cds-services/recognition-history` } }],
    ["for another host", { claims: { aud: `https://other.example${service}` } }],
    ["for the hub as a whole", { claims: { aud: audience } }],
    ["for this service and another one", { claims: { aud: [`${audience}${service}`, "https://other.example"] } }],
    ["for nobody", { claims: { aud: undefined } }],
    ["of an issuer that is not registered", { claims: { iss: "https://stranger.example" } }],
    ["of nobody", { claims: { iss: undefined } }],
    ["of a shared issuer without its tenant", { claims: { iss: sharedIssuer } }],
    ["of a shared issuer for a tenant it has not", { claims: { iss: sharedIssuer, tenant: "city" } }],
    ["that has ended", { claims: { exp: now - 31 } }],
    ["without an end", { claims: { exp: undefined } }],
    ["issued ten minutes ago, whatever its end says", { claims: { iat: now - 600, exp: now + 3600 } }],
    ["issued in the future", { claims: { iat: now + 120 } }],
    ["without a time of issue", { claims: { iat: undefined } }],
    ["without an id", { claims: { jti: undefined } }],
    ["with an id that could be guessed", { claims: { jti: "1" } }],
    ["of another type", { header: { typ: "at+jwt" } }],
    ["without a type", { header: { typ: undefined } }],
    ["under a key that is not registered", { header: { kid: "other" } }],
    ["that points to keys somewhere else", { header: { jku: "https://evil.example/jwks.json" } }],
    [
      "that points to keys although none are published",
      { header: { jku: publishedKeys }, claims: { iss: sharedIssuer, tenant: "county" } },
    ],
  ])("%s is refused", async (_, changes) => {
    const before = shared.seen.calls.length;
    const { status, body } = await post(shared.app, await cdsToken(`${audience}${service}`, changes));
    expect([status, body.code]).toEqual([401, "token-invalid"]);
    expect(shared.seen.calls).toHaveLength(before);
  });

  it("that nobody's registered key made is refused: none, symmetric, another key, a key it brings along", async () => {
    const { app, seen } = startApp();
    const claims = { iss: cdsIssuer, aud: `${audience}${service}`, iat: now, exp: now + 60, jti: "0123456789" };
    const stranger = await generateKeyPair("ES384", { extractable: true });
    const jwk = await exportJWK(stranger.publicKey);
    const sign = (header: object) =>
      new SignJWT(claims).setProtectedHeader({ alg: "ES384", kid: "cds-1", typ: "JWT", ...header }).sign(stranger.privateKey);
    const hmac = new SignJWT(claims)
      .setProtectedHeader({ alg: "HS384", kid: "cds-1", typ: "JWT" })
      .sign(new TextEncoder().encode(JSON.stringify(cdsJwk)));
    const forged = [
      `${base64({ alg: "none", kid: "cds-1", typ: "JWT" })}.${base64(claims)}.`,
      `${base64({ alg: "none", kid: "cds-1", typ: "JWT" })}.${base64(claims)}.AAAA`,
      await sign({}),
      await sign({ jwk }),
      await hmac,
      "hello",
      "",
    ];
    for (const token of forged) expect((await post(app, token)).status).toBe(401);
    expect(seen.calls).toEqual([]);
  });

  it("is good for one call: a second use is refused, for every service", async () => {
    const { app, seen } = startApp();
    const token = await cdsToken(`${audience}${service}`);
    expect((await post(app, token)).status).toBe(200);
    expect((await post(app, token)).status).toBe(401);
    expect(seen.calls).toEqual(["callCdsService"]);
  });

  it("is not used up by an attempt that was refused", async () => {
    const { app } = startApp();
    const token = await cdsToken(`${audience}${service}`);
    expect((await post(app, token, { path: "/cds-services/recognition-history" })).status).toBe(401);
    expect((await post(app, token)).status).toBe(200);
  });

  it("signed before the memory of used ones began is refused: it may have been used", async () => {
    const seen = { epoch: async () => now, firstUse: async () => true };
    const { app } = startApp({}, { cdsTokens: cdsRules({ seen }) });
    expect((await post(app, await cdsToken(`${audience}${service}`))).status).toBe(401);
  });

  it("is not believed while that memory does not answer: 503", async () => {
    const seen = { epoch: () => Promise.reject(new Error("down")), firstUse: () => Promise.reject(new Error("down")) };
    const { app } = startApp({}, { cdsTokens: cdsRules({ seen }) });
    const { status, body } = await post(app, await cdsToken(`${audience}${service}`));
    expect([status, body.code]).toEqual([503, "queue-down"]);
  });

  it("for feedback names the service or its feedback address", async () => {
    const { app } = startApp();
    const path = `${service}/feedback`;
    for (const aud of [`${audience}${path}`, `${audience}${service}`]) {
      expect((await post(app, await cdsToken(aud), { path, body: feedback })).status).toBe(200);
    }
    expect((await post(app, await cdsToken(`${audience}${path}`))).status).toBe(401);
  });

  it("of a client that may not check recognition is 403, and audited", async () => {
    const { app, seen } = startApp();
    const token = await cdsToken(`${audience}${service}`, { claims: { iss: sharedIssuer, tenant: "archive" } });
    expect((await post(app, token)).status).toBe(403);
    expect(seen.calls).toEqual([]);
    expect(seen.refusals).toHaveLength(1);
  });

  it("opens no other door, and no access token opens this one", async () => {
    const { app, seen } = startApp();
    const elsewhere = await request(app)
      .get(`/lookups/${someId}`)
      .set("Authorization", `Bearer ${await cdsToken(`${audience}/lookups/${someId}`)}`);
    expect(elsewhere.status).toBe(401);
    expect((await post(app, await tokenFor("institution"))).status).toBe(401);
    expect((await post(app, undefined)).status).toBe(401);
    expect(seen.calls).toEqual([]);
  });

  it("that fails is counted under the client it names, never by what it holds", async () => {
    const { app, failures, tellFailures } = startApp();
    await post(app, await cdsToken(`${audience}${service}`, { claims: { exp: now - 600 } }));
    await post(app, "hello");
    await tellFailures();
    expect(failures.map(({ client, causes }) => [client, Object.keys(causes)])).toEqual([
      ["a-provincial", ["ERR_JWT_EXPIRED"]],
      ["unknown", ["malformed"]],
    ]);
  });
});
