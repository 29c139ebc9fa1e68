import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader, type JWK, SignJWT } from "jose";
import { authenticate } from "../../src/http/authenticate.ts";
import { someId } from "../http/fake-use-cases.ts";
import { type Changes, machine, now, type StartedIssuer, startIssuer } from "./start-issuer.ts";

let started: StartedIssuer;

beforeAll(async () => {
  started = await startIssuer(7);
});
afterAll(() => started.stop());
beforeEach(() => started.reset());

const post: StartedIssuer["post"] = (parameters) => started.post(parameters);
const assertion: StartedIssuer["assertion"] = (client, changes) => started.assertion(client, changes);

describe("tokens for machine clients", () => {
  it("an institution gets a signed token for us, five minutes long, that our own door takes", async () => {
    const b2b = {
      organization_id: "urn:hutong:institution:a-provincial",
      subject_id: "d1",
      subject_name: "王医生",
      subject_role: "physician",
      purpose_of_use: ["TREAT"],
    };
    const { status, body } = await post(
      machine(await assertion("a-provincial", { claims: { extensions: { "hl7-b2b": b2b } } }), "lookups recognitions"),
    );
    expect(status).toBe(200);
    const token = String(body.access_token);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "ES256", typ: "at+jwt" });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      iss: `${started.publicUrl}/oidc`,
      aud: started.publicUrl,
      sub: "a-provincial",
      client_id: "a-provincial",
      institution: "a-provincial",
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
    expect(await authenticate(started.rules, `Bearer ${token}`)).toEqual({
      kind: "caller",
      caller: {
        kind: "institution",
        client: "a-provincial",
        institution: "a-provincial",
        practitioner: { id: "d1", name: "王医生", role: "physician" },
        purposes: ["TREAT"],
        scopes: ["lookups", "recognitions"],
        feeds: [],
      },
    });
  });

  it("its token opens the routes that its scopes are for, over HTTP, and no others", async () => {
    const { body } = await post(machine(await assertion("a-provincial"), "lookups"));
    const headers = { Authorization: `Bearer ${body.access_token}` };
    expect((await fetch(`${started.publicUrl}/lookups/${someId}`, { headers })).status).toBe(200);
    expect((await fetch(`${started.publicUrl}/consents`, { headers })).status).toBe(403);
    expect((await fetch(`${started.publicUrl}/exports/${someId}`, { headers })).status).toBe(403);
  });

  it("RS384 serves as well as ES384, and so does our address as audience", async () => {
    expect((await post(machine(await assertion("a-his", { claims: { aud: started.issuer.url } }), "exports"))).status).toBe(
      200,
    );
  });

  it.each([
    ["lives longer than five minutes", { claims: { exp: now() + 7200 } }],
    ["is older than five minutes though it expires soon", { claims: { iat: now() - 400, exp: now() + 100 } }],
    ["expired", { claims: { iat: now() - 200, exp: now() - 60 } }],
    ["comes from the future", { claims: { iat: now() + 120, exp: now() + 200 } }],
    ["has no time of issue", { claims: { iat: undefined } }],
    ["has no id", { claims: { jti: undefined } }],
    ["has a short id", { claims: { jti: "1" } }],
    ["has no expiry", { claims: { exp: undefined } }],
    ["is made for another server", { claims: { aud: "https://other.example/oidc/token" } }],
    ["is made for us and another server", { claims: { aud: ["https://other.example/oidc/token", "http://127.0.0.1"] } }],
    ["is signed by another client", { signer: "steward" }],
    ["names another issuer", { claims: { iss: "b-central" } }],
    ["speaks for another institution", { claims: { extensions: { "hl7-b2b": { organization_id: "b-central" } } } }],
    ["names a key nobody has", { header: { kid: "other" } }],
  ] satisfies [string, Changes][])("an assertion that %s is refused", async (_said, changes) => {
    const { status, body } = await post(machine(await assertion("a-provincial", changes)));
    expect(status).toBe(401);
    expect(body.error).toBe("invalid_client");
  });

  it("a Host header does not make somebody else's audience ours", async () => {
    const aud = "http://other.example/oidc/token";
    const text = await assertion("a-provincial", { claims: { aud } });
    const body = new URLSearchParams(machine(text)).toString();
    const headers = {
      Host: "other.example",
      "X-Forwarded-Host": "other.example",
      "Content-Type": "application/x-www-form-urlencoded",
    };
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${started.publicUrl}/oidc/token`, { method: "POST", headers }, (response) =>
        resolve(response.statusCode),
      );
      sent.on("error", reject).end(body);
    });
    expect(status).toBe(401);
  });

  it("an unsigned assertion and one signed with the public key are refused", async () => {
    const claims = {
      iss: "a-provincial",
      sub: "a-provincial",
      aud: started.issuer.url,
      jti: "jti-000001",
      iat: now(),
      exp: now() + 100,
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const secret = new TextEncoder().encode(JSON.stringify(started.publicKey("a-provincial")));
    const hmac = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(secret);
    expect((await post(machine(`${part({ alg: "none" })}.${part(claims)}.`))).status).toBe(401);
    expect((await post(machine(hmac))).status).toBe(401);
  });

  it.each([
    ["no scope", undefined],
    ["an unknown scope", "everything"],
    ["somebody else's scope", "operate"],
    ["one good and one bad scope", "lookups operate"],
    ["openid", "openid"],
  ])("%s is refused, never dropped in silence", async (_said, scope) => {
    const { status, body } = await post({ ...machine(await assertion("a-provincial")), scope });
    expect(status).toBe(400);
    expect(body.error).toBe("invalid_scope");
  });

  it("another resource is refused", async () => {
    const { status } = await post(machine(await assertion("a-provincial"), "lookups", { resource: "https://other.example" }));
    expect(status).toBe(400);
  });

  it("an unknown client is refused and counted as unknown, a known one under its name", async () => {
    await post(machine(await assertion("stranger", { signer: "steward" })));
    await post(machine(await assertion("a-provincial", { signer: "steward" })));
    expect(started.failures.map(([client]) => client)).toEqual(["unknown", "a-provincial"]);
  });

  it.each(["/oidc/auth", "/oidc/me", "/oidc/reg", "/oidc/session/end", "/oidc/interaction/x", "/oidc/"])(
    "%s is not offered",
    async (path) => {
      expect((await fetch(`${started.publicUrl}${path}`, { method: "POST" })).status).toBe(404);
    },
  );

  it("the published keys are public", async () => {
    const jwks = (await (await fetch(`${started.publicUrl}/oidc/jwks`)).json()) as { keys: JWK[] };
    expect(jwks.keys).toHaveLength(1);
    expect(jwks.keys[0]).not.toHaveProperty("d");
  });
});
