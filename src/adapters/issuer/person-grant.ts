import { createHash } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import { errors, type Provider, type ResourceServer, type TokenEndpointGrantContext } from "oidc-provider";
import { z } from "zod";
import type { ResidentId } from "../../kernel/brand.ts";
import { type AssertionDeps, checkAssertion, clockToleranceSeconds, remembered, unavailable } from "./assertion-rules.ts";
import { personGrant } from "./issuer-client.ts";

/** What the grant needs besides the assertion rules. */
export interface PersonGrantDeps extends AssertionDeps {
  /** The resident behind a number (their golden Patient is made when missing), or undefined when it is no identity number. */
  residentOf(identityNumber: string): Promise<ResidentId | undefined>;
  keysOf(client: string): JSONWebKeySet | undefined;
  /** Our API, as tokens for it are made. */
  readonly resource: ResourceServer & { readonly audience: string };
}

const Person = z.object({ identity_number: z.string().min(1).max(32), jti: z.string(), exp: z.number() });

/**
 * A portal tells, in a second signed assertion (RFC 7523; `sub` = `urn:hutong:person`), the identity number of the person it has
 * authenticated; the access token names the resident and nothing else. The number travels in the request's body only.
 */
export function registerPersonGrant(provider: Provider, deps: PersonGrantDeps): void {
  const handle = async (ctx: TokenEndpointGrantContext<{ assertion?: string }>) => {
    const { client, params } = ctx.oidc;
    if (params.scope !== "resident") throw new errors.InvalidScope("the scope of this grant is resident", "resident");
    const person = await verified(deps, client.clientId, params.assertion);
    const resident = await deps.residentOf(person.identity_number).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (resident === undefined) throw new errors.InvalidGrant("not an identity number");
    const token = new provider.AccessToken({
      client,
      accountId: resident,
      grantId: "",
      gty: personGrant,
      scope: "resident",
      resourceServer: new provider.ResourceServer(deps.resource.audience, deps.resource),
    });
    ctx.oidc.entity("AccessToken", token);
    ctx.body = { access_token: await token.save(), expires_in: token.expiration, scope: "resident", token_type: "Bearer" };
  };
  provider.registerGrantType<{ assertion?: string }>(personGrant, handle, ["assertion", "scope"]);
}

async function verified(
  deps: PersonGrantDeps,
  client: string,
  assertion: string | undefined,
): Promise<z.output<typeof Person>> {
  const keys = deps.keysOf(client);
  if (assertion === undefined || keys === undefined) throw new errors.InvalidGrant("an assertion is required");
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
      algorithms: ["ES384", "RS384"],
      issuer: client,
      subject: "urn:hutong:person",
      audience: [...deps.audiences],
      clockTolerance: clockToleranceSeconds,
      currentDate: deps.now(),
      requiredClaims: ["jti", "iat", "exp"],
    }));
  } catch (cause) {
    throw new errors.InvalidGrant({ cause: cause as Error });
  }
  await checkAssertion(deps, payload);
  const person = Person.safeParse(payload);
  if (!person.success) throw new errors.InvalidGrant("identity_number is missing");
  const id = createHash("sha256").update(`person ${client} ${person.data.jti}`).digest("hex");
  const seconds = person.data.exp + clockToleranceSeconds - deps.now().getTime() / 1000;
  if (!(await remembered(() => deps.replays.firstUse(id, seconds))))
    throw new errors.InvalidGrant("the assertion was used before");
  return person.data;
}
