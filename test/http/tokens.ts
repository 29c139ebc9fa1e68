import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { TokenRules } from "../../src/http/authenticate.ts";
import type { CallerKind, KnownClient } from "../../src/http/caller.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";

/** What the token's maker changes of a good token. */
export interface TokenChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
}

const issuer = "https://hub.example/oidc";
export const audience = "https://hub.example";
export const noon = new Date("2026-11-18T12:00:00Z");
const residentId = `h${"a1".repeat(20)}`;

export const clients: readonly KnownClient[] = [
  {
    id: "a-provincial",
    kind: "institution",
    institution: "a-provincial" as InstitutionCode,
    scopes: ["exports", "lookups", "recognitions", "patients"],
    feeds: [],
  },
  { id: "c-county", kind: "institution", institution: "c-county" as InstitutionCode, scopes: ["recognitions"], feeds: [] },
  { id: "a-his", kind: "supplier", scopes: ["exports"], feeds: ["a-tb"] },
  { id: "portal", kind: "portal", scopes: ["resident"] },
  { id: "steward", kind: "steward", scopes: ["identity-review"] },
  { id: "operator", kind: "operator", scopes: ["operate"] },
];

const pair = await generateKeyPair("ES256", { extractable: true });
const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256", use: "sig" };
const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

export const rules: TokenRules = {
  issuer,
  audience,
  keys: createLocalJWKSet({ keys: [publicJwk] }),
  clientOf: (id) => clients.find((client) => client.id === id),
  now: () => noon,
};

/** Claims of a good token for a client, or for a resident who signed in at the portal. */
export function claimsOf(kind: CallerKind): JWTPayload {
  const client = clients.find((one) => one.kind === (kind === "resident" ? "portal" : kind));
  const who = kind === "resident" ? { sub: residentId, kind: "resident" } : { sub: client?.id, kind };
  const times = { iat: seconds(noon) - 10, exp: seconds(noon) + 290 };
  return {
    ...who,
    ...times,
    iss: issuer,
    aud: audience,
    jti: "token-0001",
    client_id: client?.id,
    scope: client?.scopes.join(" "),
  } as JWTPayload;
}

/** A token as our issuer makes them, with whatever a test changes; `undefined` takes a claim out. */
export async function tokenFor(kind: CallerKind, changes: TokenChanges = {}): Promise<string> {
  const claims = { ...claimsOf(kind), ...changes.claims };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  const header = { alg: "ES256", typ: "at+jwt", kid: "k1", ...changes.header };
  return new SignJWT(present as JWTPayload).setProtectedHeader(header).sign(pair.privateKey);
}

/** The public key as text, for the attack that uses it as an HMAC secret. */
export const publicKeyText = JSON.stringify(publicJwk);
