import { decodeJwt, type JSONWebKeySet } from "jose";
import { type Configuration, errors, type KoaContextWithOIDC, type ResourceServer } from "oidc-provider";
import { type AssertionDeps, assertedUser, checkAssertion, clockToleranceSeconds } from "./assertion-rules.ts";
import { clientMetadata, type IssuerClient } from "./issuer-client.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Who may ask for tokens, and for what. */
export interface ConfigurationDeps {
  readonly publicUrl: string;
  readonly clients: readonly IssuerClient[];
  readonly clientKeys: ReadonlyMap<string, JSONWebKeySet>;
}

/** The provider with everything off that machine clients do not need. */
export function configure(deps: ConfigurationDeps, keys: SigningKeys, assertions: AssertionDeps): Configuration {
  const known = new Map(deps.clients.map((client) => [client.id, client]));
  const withKeys = deps.clients.flatMap((client) => {
    const jwks = deps.clientKeys.get(client.id);
    return jwks === undefined ? [] : [clientMetadata(client, jwks, keys.algorithm)];
  });
  return {
    clients: withKeys,
    jwks: keys.jwks as NonNullable<Configuration["jwks"]>,
    scopes: [...new Set(deps.clients.flatMap((client) => client.scopes))],
    clockTolerance: clockToleranceSeconds,
    ttl: { ClientCredentials: 300, AccessToken: 900 },
    clientAuthMethods: ["private_key_jwt"],
    responseTypes: [],
    enabledJWA: { clientAuthSigningAlgValues: ["ES384", "RS384"], idTokenSigningAlgValues: [keys.algorithm] },
    assertJwtClientAuthClaimsAndHeader: (ctx, claims) => checkAssertionOf(ctx, known, assertions, claims),
    extraTokenClaims: (ctx, token) => (token.kind === "AccessToken" ? { kind: "resident" } : clientClaims(ctx, known)),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => deps.publicUrl,
        getResourceServerInfo: (ctx, resource, client) => {
          if (resource !== deps.publicUrl) throw new errors.InvalidTarget();
          return apiOf(deps.publicUrl, keys.algorithm, wantedScopes(ctx, known.get(client.clientId)));
        },
      },
    },
  };
}

/** Scopes are asked for by name and given whole: an unknown one is refused, not dropped. */
function wantedScopes(ctx: KoaContextWithOIDC, client: IssuerClient | undefined): string {
  const wanted = paramOf(ctx, "scope")
    .split(" ")
    .filter((scope) => scope !== "");
  const refused = wanted.find((scope) => !client?.scopes.includes(scope));
  if (wanted.length === 0 || refused !== undefined)
    throw new errors.InvalidScope("ask for scopes that are registered for you", "");
  return wanted.join(" ");
}

async function checkAssertionOf(
  ctx: KoaContextWithOIDC,
  known: ReadonlyMap<string, IssuerClient>,
  rules: AssertionDeps,
  claims: unknown,
): Promise<void> {
  await checkAssertion(rules, claims);
  const client = known.get(ctx.oidc.client?.clientId ?? "");
  if (client === undefined) throw new errors.InvalidClientAuth("the client is not in the registry");
  assertedUser(claims, client);
}

/** Kind and institution from the registry; user and purposes from the assertion, whose signature was checked a moment ago. */
function clientClaims(ctx: KoaContextWithOIDC, known: ReadonlyMap<string, IssuerClient>) {
  const client = known.get(ctx.oidc.client?.clientId ?? "");
  if (client === undefined) throw new errors.InvalidClientAuth("the client is not in the registry");
  const { kind, institution } = client;
  return { kind, institution, ...assertedUser(decodeJwt(paramOf(ctx, "client_assertion")), client) };
}

/** Our API as a resource server: signed access tokens (RFC 9068) for this audience and these scopes. */
export function apiOf(
  audience: string,
  alg: SigningKeys["algorithm"],
  scope: string,
): ResourceServer & { readonly audience: string } {
  return { scope, audience, accessTokenFormat: "jwt", jwt: { sign: { alg } } };
}

function paramOf(ctx: KoaContextWithOIDC, name: string): string {
  return String(ctx.oidc.params?.[name] ?? "");
}
