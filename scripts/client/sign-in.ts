import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, type JWTPayload, SignJWT } from "jose";
import { expectStatus } from "./call.ts";
import type { Platform } from "./platform.ts";

/** Who treats, in the words of the client's signed assertion (`hl7-b2b`). */
export interface User {
  readonly id: string;
  readonly name?: string;
  readonly role?: string;
  readonly purposes?: readonly ("TREAT" | "ETREAT")[];
}

/** Gets tokens and keeps them while they live; one per client, scope and user. */
export interface SignIn {
  /** A token of a registered client. */
  client(id: string, scope: string, user?: User): Promise<string>;
  /** A token of the resident whom the portal has authenticated. The number travels in a request body only. */
  resident(identityNumber: string): Promise<string>;
}

interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const personGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const marginMs = 60_000;

/** Signs in at the platform's issuer with the keys of its bootstrap. */
export function createSignIn(platform: Platform): SignIn {
  const kept = new Map<string, { token: Promise<string>; until: number }>();
  const once = (key: string, fetchToken: () => Promise<TokenAnswer>) => {
    const found = kept.get(key);
    if (found !== undefined && found.until > Date.now()) return found.token;
    const answer = fetchToken();
    const entry = { token: answer.then((one) => one.access_token), until: Date.now() + marginMs };
    kept.set(key, entry);
    answer.then(
      (one) => {
        entry.until = Date.now() + one.expires_in * 1000 - marginMs;
      },
      () => kept.delete(key),
    );
    return entry.token;
  };
  return {
    client: (id, scope, user) => once(`${id}|${scope}|${user?.id ?? ""}`, () => clientToken(platform, id, scope, user)),
    resident: (identityNumber) => once(`resident|${identityNumber}`, () => residentToken(platform, identityNumber)),
  };
}

async function clientToken(platform: Platform, id: string, scope: string, user?: User): Promise<TokenAnswer> {
  const b2b = user && {
    version: "1",
    subject_id: user.id,
    ...(user.name === undefined ? {} : { subject_name: user.name }),
    ...(user.role === undefined ? {} : { subject_role: user.role }),
    purpose_of_use: user.purposes ?? ["TREAT"],
  };
  const assertion = await sign(platform, id, { sub: id, ...(b2b === undefined ? {} : { extensions: { "hl7-b2b": b2b } }) });
  return token(platform, {
    grant_type: "client_credentials",
    scope,
    client_assertion_type: assertionType,
    client_assertion: assertion,
  });
}

async function residentToken(platform: Platform, identityNumber: string): Promise<TokenAnswer> {
  const person = await sign(platform, "portal", { sub: "urn:hutong:person", identity_number: identityNumber });
  const assertion = await sign(platform, "portal", { sub: "portal" });
  return token(platform, {
    grant_type: personGrant,
    scope: "resident",
    assertion: person,
    client_assertion_type: assertionType,
    client_assertion: assertion,
  });
}

/** A JWT signed with a client's private key, for the issuer, used once, good for two minutes. */
export async function sign(platform: Platform, client: string, claims: JWTPayload): Promise<string> {
  const jwk = JSON.parse(readFileSync(join(platform.clientKeys, `${client}.jwk.json`), "utf8"));
  return new SignJWT(claims)
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, typ: "JWT" })
    .setIssuer(client)
    .setAudience(`${platform.api}/oidc/token`)
    .setIssuedAt()
    .setExpirationTime("2m")
    .setJti(randomUUID())
    .sign(await importJWK(jwk, jwk.alg));
}

async function token(platform: Platform, parameters: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(`${platform.api}/oidc/token`, { method: "POST", body: new URLSearchParams(parameters) });
  const body = (await response.json()) as TokenAnswer;
  return expectStatus({ status: response.status, headers: response.headers, body, ms: 0 }, 200);
}
