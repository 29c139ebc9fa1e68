import { describe, expect, it } from "@jest/globals";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { goodRequest, goodRequests, send } from "./requests.ts";
import { startApp } from "./start-app.ts";
import { claimsOf, noon, publicKeyText, type TokenChanges, tokenFor } from "./tokens.ts";

const now = Math.floor(noon.getTime() / 1000);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const wrongTokens: readonly { said: string; changes: TokenChanges }[] = [
  { said: "expired more than the tolerance ago", changes: { claims: { exp: now - 31 } } },
  { said: "an expiry that is text", changes: { claims: { exp: String(now + 100) } } },
  { said: "no expiry", changes: { claims: { exp: undefined } } },
  { said: "issued over an hour ago, whatever its expiry says", changes: { claims: { iat: now - 3700 } } },
  { said: "issued in the future", changes: { claims: { iat: now + 120 } } },
  { said: "no time of issue", changes: { claims: { iat: undefined } } },
  { said: "not valid before tomorrow", changes: { claims: { nbf: now + 86_400 } } },
  { said: "another audience", changes: { claims: { aud: "https://other.example" } } },
  { said: "several audiences, none of them us", changes: { claims: { aud: ["https://hub.example.evil", "hub.example"] } } },
  { said: "no audience", changes: { claims: { aud: undefined } } },
  { said: "another issuer", changes: { claims: { iss: "https://other.example/oidc" } } },
  { said: "no issuer", changes: { claims: { iss: undefined } } },
  { said: "no id", changes: { claims: { jti: undefined } } },
  { said: "no client", changes: { claims: { client_id: undefined } } },
  { said: "a client that is not registered", changes: { claims: { client_id: "stranger", sub: "stranger" } } },
  { said: "a client that is a list", changes: { claims: { client_id: ["a-provincial"] } } },
  { said: "no scope", changes: { claims: { scope: undefined } } },
  { said: "an empty scope", changes: { claims: { scope: "" } } },
  { said: "only scopes that the registry does not grant", changes: { claims: { scope: "operate" } } },
  { said: "another client as subject", changes: { claims: { sub: "b-central" } } },
  { said: "an institution that calls itself a resident", changes: { claims: { kind: "resident", sub: `h${"a".repeat(40)}` } } },
  { said: "a practitioner with a line break", changes: { claims: { practitioner: { id: "d1\nforged line" } } } },
  { said: "type JWT", changes: { header: { typ: "JWT" } } },
  { said: "type of a client assertion", changes: { header: { typ: "client-authentication+jwt" } } },
  { said: "an unknown key", changes: { header: { kid: "../../etc/passwd" } } },
];

/** Tokens that nobody's private key made. */
async function forged(): Promise<Record<string, string>> {
  const claims = claimsOf("institution");
  const stranger = await generateKeyPair("ES256", { extractable: true });
  const sign = (header: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...header }).sign(stranger.privateKey);
  const good = await tokenFor("institution");
  const [header = "", payload = "", signature = ""] = good.split(".");
  const hmac = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "k1" })
    .sign(new TextEncoder().encode(publicKeyText));
  return {
    "alg none": `${base64({ alg: "none", typ: "at+jwt" })}.${payload}.`,
    "alg None with a signature": `${base64({ alg: "None", typ: "at+jwt", kid: "k1" })}.${payload}.${signature}`,
    "HMAC with the public key as its secret": hmac,
    "another key under the same name": await sign({ kid: "k1" }),
    "a key it brings along": await sign({ jwk: await exportJWK(stranger.publicKey) }),
    "a key set it points to": await sign({ jku: "https://evil.example/jwks.json", kid: "k1" }),
    "a critical header nobody knows": `${base64({ alg: "ES256", typ: "at+jwt", kid: "k1", crit: ["x"], x: 1 })}.${payload}.${signature}`,
    "a changed payload": `${header}.${base64({ ...claims, scope: "lookups exports operate" })}.${signature}`,
    "a cut signature": good.slice(0, -10),
    "no signature": `${header}.${payload}`,
    "not a token": "hello",
    nothing: "",
  };
}

const attacks = Object.entries(await forged()).map(([said, token]) => ({ said, token }));

describe("tokens", () => {
  it.each(goodRequests)("$route without a token is 401 and reaches nothing", async (good) => {
    const { app, seen } = startApp();
    const response = await send(app, good);
    expect(response.status).toBe(401);
    expect(response.headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(seen.calls).toEqual([]);
  });

  it.each(goodRequests)("$route with an expired token is 401 and reaches nothing", async (good) => {
    const { app, seen } = startApp();
    const response = await send(app, good, await tokenFor("institution", { claims: { exp: now - 60 } }));
    expect(response.status).toBe(401);
    expect(seen.calls).toEqual([]);
  });

  it.each(wrongTokens)("a token with $said is refused", async ({ changes }) => {
    const { app, seen } = startApp();
    const response = await send(app, goodRequest("GET /lookups/{id}"), await tokenFor("institution", changes));
    expect(response.status).toBe(401);
    expect(response.body).toMatchObject({ code: "token-invalid" });
    expect(seen.calls).toEqual([]);
  });

  it.each(attacks)("$said is no token", async ({ token }) => {
    const { app, seen } = startApp();
    const response = await send(app, goodRequest("GET /lookups/{id}"), token);
    expect(response.status).toBe(401);
    expect(seen.calls).toEqual([]);
  });

  it.each([
    { said: "the tolerance after its expiry", claims: { exp: now - 29 } },
    { said: "a clock slightly ahead", claims: { iat: now + 20 } },
    { said: "us among its audiences", claims: { aud: ["https://other.example", "https://hub.example"] } },
  ])("a token within $said is taken", async ({ claims }) => {
    const { app } = startApp();
    expect((await send(app, goodRequest("GET /lookups/{id}"), await tokenFor("institution", { claims }))).status).toBe(200);
  });

  it("a resident's token whose subject is no resident id is refused", async () => {
    const { app } = startApp();
    const token = await tokenFor("resident", { claims: { sub: "990101199001010018" } });
    expect((await send(app, goodRequest("GET /consents"), token)).status).toBe(401);
  });

  it("two Authorization headers are refused, whichever of them is good", async () => {
    const { app } = startApp();
    const token = await tokenFor("institution");
    const two = send(app, goodRequest("GET /lookups/{id}")).set("Authorization", [`Bearer ${token}`, "Bearer x"] as never);
    expect((await two).status).toBe(401);
  });

  it("failed authentications become one event per client and minute, with their causes", async () => {
    const { app, failures, tellFailures } = startApp();
    const expired = await tokenFor("institution", { claims: { exp: now - 60 } });
    for (let time = 0; time < 3; time++) await send(app, goodRequest("GET /lookups/{id}"), expired);
    await send(app, goodRequest("GET /lookups/{id}"), "hello");
    await send(app, goodRequest("GET /lookups/{id}"));
    await tellFailures();
    expect(failures).toEqual([
      { minute: noon, client: "a-provincial", count: 3, causes: { ERR_JWT_EXPIRED: 3 } },
      { minute: noon, client: "unknown", count: 2, causes: { malformed: 1, missing: 1 } },
    ]);
  });
});
