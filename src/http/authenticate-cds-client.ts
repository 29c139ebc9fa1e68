import { decodeJwt, decodeProtectedHeader, errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from "jose";
import { z } from "zod";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import { sha256 } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import type { Authentication } from "./authenticate.ts";

/** A client that may call the CDS services: who it is, and how it signs. */
export interface CdsClient {
  readonly id: string;
  readonly kind: "institution";
  readonly institution: InstitutionCode;
  readonly scopes: readonly string[];
  /** Where its key set is, if it publishes one; a token that points anywhere else is refused. */
  readonly jku?: string;
  /** Its public keys: registered out-of-band, or those of `jku`. */
  readonly keys: JWTVerifyGetKey;
}

/** Which tokens were seen, across processes. Every method rejects when it cannot tell. */
export interface SeenTokens {
  /** Seconds since 1970 since when it remembers. */
  epoch(): Promise<number>;
  /** True for the first use of an id; the id is kept `seconds`. */
  firstUse(id: string, seconds: number): Promise<boolean>;
}

/** What the token of a CDS client is held against. */
export interface CdsTokenRules {
  /** The client registered for an issuer, and for the organisation (`tenant`) where one issuer calls for several. */
  clientOf(issuer: string, tenant: string | undefined): CdsClient | undefined;
  readonly seen: SeenTokens;
  readonly now: Now;
}

/** "JWTs SHALL NOT be signed using the none algorithm … [or] any symmetric algorithm"; ES384 and RS384 are the recommended ones. */
const fixed = {
  algorithms: ["ES384", "RS384", "ES256", "PS384"],
  typ: "JWT",
  clockTolerance: 30,
  /** A token is made for one call. The text sets no longest life; this one bounds how long its `jti` is remembered. */
  maxTokenAge: "5m",
  requiredClaims: ["iss", "aud", "exp", "iat", "jti"],
} satisfies JWTVerifyOptions;
const rememberedSeconds = 5 * 60 + fixed.clockTolerance;

const Claims = z.object({
  iss: z.string().min(1).max(500),
  iat: z.number(),
  jti: z.string().min(8).max(256),
  tenant: z.string().min(1).max(200).optional(),
});

/**
 * Who calls a CDS service, proven by the JWT the client signed for this very address (CDS Hooks 2.0, "Trusting CDS Clients"): issuer and key set are on our
 * list, `aud` is one of `audiences`, and its `jti` was never seen. Throws `Fault("queue-down")` when that cannot be told: then nobody is let in.
 */
export async function authenticateCdsClient(
  rules: CdsTokenRules,
  authorization: string | undefined,
  audiences: readonly string[],
): Promise<Authentication> {
  if (authorization === undefined) return nobody("token-missing", "missing");
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  const client = token === undefined ? undefined : claimedClient(rules, token);
  if (token === undefined || client === undefined) return nobody("token-invalid", "malformed");
  const verified = await verify(rules, token, { client, audiences });
  if (typeof verified === "string") return nobody("token-invalid", verified, client.id);
  const { id, kind, institution, scopes } = client;
  return { kind: "caller", caller: { kind, client: id, institution, purposes: [], scopes, feeds: [] } };
}

/** The registered client a token says it is of; believed only after the client's own key has verified it. */
function claimedClient(rules: CdsTokenRules, token: string): CdsClient | undefined {
  try {
    const claims = Claims.safeParse(decodeJwt(token));
    const client = claims.success ? rules.clientOf(claims.data.iss, claims.data.tenant) : undefined;
    const { jku } = decodeProtectedHeader(token);
    return jku === undefined || jku === client?.jku ? client : undefined;
  } catch {
    return undefined;
  }
}

/** `verified`, or the code of what is wrong with it. */
async function verify(
  rules: CdsTokenRules,
  token: string,
  { client, audiences }: { client: CdsClient; audiences: readonly string[] },
): Promise<true | string> {
  let claims: z.output<typeof Claims>;
  try {
    const { payload } = await jwtVerify(token, client.keys, { ...fixed, audience: [...audiences], currentDate: rules.now() });
    // "either a string or an array of strings", and in an array there must be no other service: whoever else it was meant for could play it here.
    if (Array.isArray(payload.aud) && payload.aud.some((one) => !audiences.includes(one))) return "audience";
    claims = Claims.parse(payload);
  } catch (error) {
    return refusal(error);
  }
  const id = sha256(`cds ${client.id} ${claims.jti}`);
  const [epoch, first] = await Promise.all([
    remembered(rules.seen.epoch()),
    remembered(rules.seen.firstUse(id, rememberedSeconds)),
  ]);
  // Signed before the memory began: it may have been used before.
  if (claims.iat <= epoch) return "older-than-memory";
  return first || "replayed";
}

/** Keys that cannot be fetched now are no fault of the token: 503, come again. */
function refusal(error: unknown): string {
  if (error instanceof z.ZodError) return "claims";
  const isFetch =
    error instanceof errors.JWKSTimeout || (error instanceof errors.JOSEError && error.code === errors.JOSEError.code);
  if (isFetch || !(error instanceof errors.JOSEError)) throw new Fault("issuer-down", { cause: error });
  return error.code;
}

async function remembered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new Fault("queue-down", { cause });
  }
}

function nobody(fault: "token-missing" | "token-invalid", cause: string, client = "unknown"): Authentication {
  return { kind: "nobody", fault: new Fault(fault), cause, client };
}
