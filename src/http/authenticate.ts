import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from "jose";
import { z } from "zod";
import type { ResidentId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Caller, KnownClient } from "./caller.ts";
import { ShortText, WorkId } from "./contract/parts.ts";

/** What a token must show. `keys` come from the configured issuer, never from the token. */
export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  clientOf(id: string): KnownClient | undefined;
  readonly now: Now;
}

/** A caller, or why there is none: `cause` is a code for the counters, `client` the registered client it claimed to be, if any. */
export type Authentication =
  | { readonly kind: "caller"; readonly caller: Caller }
  | { readonly kind: "nobody"; readonly fault: Fault; readonly cause: string; readonly client: string };

const Claims = z.object({
  sub: z.string(),
  client_id: z.string(),
  scope: z.string().min(1),
  kind: z.string().optional(),
  practitioner: z.object({ id: ShortText, name: ShortText.optional(), role: ShortText.optional() }).optional(),
  purposes: z.array(ShortText).max(10).default([]),
});
type Claims = z.output<typeof Claims>;

const fixed = {
  algorithms: ["ES256", "ES384", "PS256", "RS384"],
  typ: "at+jwt",
  clockTolerance: 30,
  maxTokenAge: "1h",
  requiredClaims: ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"],
} satisfies JWTVerifyOptions;

/**
 * Checks a bearer token (RFC 9068) and says who calls. Algorithms, type, issuer and audience are pinned; kind, institution, feeds and
 * the widest scopes come from the registry; a token without a scope that the registry grants is no token.
 */
export async function authenticate(rules: TokenRules, authorization: string | undefined): Promise<Authentication> {
  if (authorization === undefined)
    return { kind: "nobody", fault: new Fault("token-missing"), cause: "missing", client: "unknown" };
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) return invalid("malformed");
  try {
    const { issuer, audience } = rules;
    const { payload } = await jwtVerify(token, rules.keys, { ...fixed, issuer, audience, currentDate: rules.now() });
    const claims = Claims.safeParse(payload);
    const caller = claims.success ? callerOf(rules, claims.data) : undefined;
    return caller === undefined ? invalid("claims") : { kind: "caller", caller };
  } catch (error) {
    return refusal(rules, error);
  }
}

/** Why verification failed; a token that was signed well but is, say, expired still names its client. */
function refusal(rules: TokenRules, error: unknown): Authentication {
  const keysMissing =
    error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === errors.JOSEError.code;
  if (keysMissing) throw new Fault("issuer-down", { cause: error });
  const signed = error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed;
  const claimed = signed ? String(error.payload.client_id) : "";
  return invalid(error.code, rules.clientOf(claimed)?.id);
}

function callerOf(rules: TokenRules, claims: Claims): Caller | undefined {
  const client = rules.clientOf(claims.client_id);
  if (client === undefined) return undefined;
  const scopes = claims.scope.split(" ").filter((scope) => client.scopes.includes(scope));
  if (scopes.length === 0) return undefined;
  const common = { client: client.id, purposes: claims.purposes, scopes };
  if (claims.kind === "resident") {
    if (client.kind !== "portal" || !WorkId.safeParse(claims.sub).success) return undefined;
    return { ...common, kind: "resident", resident: claims.sub as ResidentId, feeds: [] };
  }
  if (claims.sub !== client.id) return undefined;
  return {
    ...common,
    kind: client.kind,
    feeds: client.feeds ?? [],
    ...(client.institution === undefined ? {} : { institution: client.institution }),
    ...(claims.practitioner === undefined ? {} : { practitioner: practitionerOf(claims.practitioner) }),
  };
}

function practitionerOf({ id, name, role }: NonNullable<Claims["practitioner"]>): NonNullable<Caller["practitioner"]> {
  return { id, ...(name === undefined ? {} : { name }), ...(role === undefined ? {} : { role }) };
}

function invalid(cause: string, client = "unknown"): Authentication {
  return { kind: "nobody", fault: new Fault("token-invalid"), cause, client };
}
