import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Redis } from "ioredis";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { Provider } from "oidc-provider";
import type { ResidentId } from "../../kernel/brand.ts";
import type { Now } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { AssertionDeps } from "./assertion-rules.ts";
import type { IssuerClient } from "./issuer-client.ts";
import { registerPersonGrant } from "./person-grant.ts";
import { apiOf, configure } from "./provider-configuration.ts";
import { createReplayAdapter } from "./replay-adapter.ts";
import { createReplayStore } from "./replay-store.ts";
import { publicKeys, readSigningKeys } from "./signing-keys.ts";

/** What the embedded issuer is made of. */
export interface IssuerDeps {
  readonly publicUrl: string;
  /** Private signing keys as a JWKS text; the first signs. */
  readonly signingKeys: string;
  readonly clients: readonly IssuerClient[];
  /** Public keys by client id, see `readClientKeys`. */
  readonly clientKeys: ReadonlyMap<string, JSONWebKeySet>;
  /** Fails fast (`enableOfflineQueue: false`). */
  readonly redis: Pick<Redis, "multi" | "set">;
  /** The resident behind an identity number, made known when new; undefined when it is no identity number. */
  residentOf(identityNumber: string): Promise<ResidentId | undefined>;
  /** Told of every client that failed to prove who it is: registered id or `unknown`, and a code. */
  authenticationFailed(client: string, cause: string): void;
  readonly now: Now;
  readonly log: Log;
}

/** The embedded issuer: what serves `/oidc`, and what its tokens are checked with. */
export interface Issuer {
  readonly url: string;
  readonly handler: RequestListener;
  readonly keys: JWTVerifyGetKey;
  /** Starts the replay memory's epoch ahead of the first client; harmless to repeat, never rejects. */
  warm(): Promise<void>;
}

/** Longest time in which a token request may arrive. */
const requestMs = 10_000;
const served = new Set(["/token", "/jwks", "/.well-known/openid-configuration"]);

/**
 * OAuth 2 for machine clients (client credentials with `private_key_jwt`, SMART Backend Services) and for the portal's residents.
 * Throws `Fault("configuration-wrong")` when the signing keys are unusable.
 */
export function createIssuer(deps: IssuerDeps): Issuer {
  const url = `${deps.publicUrl}/oidc`;
  const keys = readSigningKeys(deps.signingKeys);
  const replays = createReplayStore(deps.redis, deps.now);
  const assertions: AssertionDeps = { audiences: [url, `${url}/token`], replays, now: deps.now };
  const configuration = configure(deps, keys, assertions);
  const provider = new Provider(url, { ...configuration, adapter: createReplayAdapter(replays) });
  provider.proxy = true;
  const resource = apiOf(deps.publicUrl, keys.algorithm, "resident");
  registerPersonGrant(provider, {
    ...assertions,
    residentOf: deps.residentOf,
    keysOf: (id) => deps.clientKeys.get(id),
    resource,
  });
  listen(provider, deps);
  const answer = provider.callback();
  return {
    url,
    handler: (request, response) => serve(answer, new URL(deps.publicUrl), request, response),
    keys: createLocalJWKSet(publicKeys(keys)),
    warm: () =>
      replays.epoch().then(
        () => undefined,
        () => undefined,
      ),
  };
}

function listen(provider: Provider, deps: IssuerDeps): void {
  const known = new Set(deps.clients.map((client) => client.id));
  provider.on("grant.error", (ctx, error) => {
    if (error.statusCode >= 500) deps.log.error({ err: error.cause }, "the issuer could not answer");
    if (error.statusCode !== 401) return;
    const claimed = ctx.oidc?.client?.clientId ?? "";
    deps.authenticationFailed(known.has(claimed) ? claimed : "unknown", error.name);
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.status === 503) ctx.set("Retry-After", "2");
  });
  provider.on("server_error", (_ctx, error) => deps.log.error({ err: error }, "the issuer failed"));
}

/** Only the doors we offer, and under the configured address: what a client writes into Host or X-Forwarded-* is not believed. */
function serve(
  answer: ReturnType<Provider["callback"]>,
  publicUrl: URL,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!served.has((request.url ?? "").split("?")[0] ?? "")) {
    response.statusCode = 404;
    response.end();
    return;
  }
  request.headers.host = publicUrl.host;
  request.headers["x-forwarded-proto"] = publicUrl.protocol.slice(0, -1);
  for (const name of ["x-forwarded-host", "x-forwarded-for", "x-forwarded-port", "forwarded"]) delete request.headers[name];
  const slow = setTimeout(() => (request.complete ? undefined : request.destroy()), requestMs);
  response.once("close", () => clearTimeout(slow));
  void answer(request, response);
}
