import { randomUUID } from "node:crypto";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { CdsClient, CdsTokenRules, SeenTokens } from "../../src/http/authenticate-cds-client.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { noon } from "./tokens.ts";

export const cdsIssuer = "https://his.a-provincial.example/cds";
/** One issuer that calls for several institutions, and says for which. */
export const sharedIssuer = "https://his.weitang.example/cds";
export const publishedKeys = "https://his.a-provincial.example/jwks.json";

const pair = await generateKeyPair("ES384", { extractable: true });
export const cdsJwk = { ...(await exportJWK(pair.publicKey)), kid: "cds-1", alg: "ES384", use: "sig" };
const keys = createLocalJWKSet({ keys: [cdsJwk] });
const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

const client = (id: string, more: Partial<CdsClient> = {}): CdsClient => ({
  ...{ id, kind: "institution", institution: id as InstitutionCode, scopes: ["recognitions"], keys },
  ...more,
});
const clients = new Map<string, CdsClient>([
  [cdsIssuer, client("a-provincial", { jku: publishedKeys })],
  [`${sharedIssuer} county`, client("c-county")],
  [`${sharedIssuer} town`, client("c-town-1")],
  [`${sharedIssuer} archive`, client("c-town-2", { scopes: ["exports"] })],
]);

/** A memory of used tokens that began an hour ago. */
function seenTokens(now: () => Date = () => noon): SeenTokens {
  const used = new Set<string>();
  return {
    epoch: async () => seconds(now()) - 3600,
    firstUse: async (id) => !used.has(id) && Boolean(used.add(id)),
  };
}

export function cdsRules(changes: Partial<CdsTokenRules> = {}): CdsTokenRules {
  const now = changes.now ?? (() => noon);
  return {
    clientOf: (issuer, tenant) => clients.get(tenant === undefined ? issuer : `${issuer} ${tenant}`) ?? clients.get(issuer),
    seen: seenTokens(now),
    now,
    ...changes,
  };
}

/** What the token's maker changes of a good token; `undefined` takes a claim out. */
export interface CdsTokenChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly at?: Date;
}

/** A JWT as the text has it ("Trusting CDS Clients"), for one address. */
export async function cdsToken(audience: string, changes: CdsTokenChanges = {}): Promise<string> {
  const at = changes.at ?? noon;
  const claims = {
    ...{ iss: cdsIssuer, aud: audience, iat: seconds(at) - 5, exp: seconds(at) + 60, jti: randomUUID() },
    ...changes.claims,
  };
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  const header = { alg: "ES384", kid: "cds-1", typ: "JWT", ...changes.header };
  return new SignJWT(present as JWTPayload).setProtectedHeader(header).sign(pair.privateKey);
}
