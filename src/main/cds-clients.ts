import { createLocalJWKSet, createRemoteJWKSet } from "jose";
import { readClientKeys } from "../adapters/issuer/issuer-client.ts";
import { createReplayStore } from "../adapters/issuer/replay-store.ts";
import type { CdsClient, CdsTokenRules } from "../http/authenticate-cds-client.ts";
import type { Ports } from "./ports.ts";

/** How often the memory of used tokens is looked after, so that a wiped Redis starts its epoch before the next call comes. */
const epochMs = 2_000;
/** A key set that does not come soon costs the doctor the answer. */
const keysMs = 2_000;

/**
 * Whose JWTs the CDS services take: the clients of the registry with a `cds` section, by issuer and tenant. Their keys are registered beside those for our
 * issuer, or fetched from the one address the registry names. A client with neither is not let in.
 */
export async function createCdsClients({
  config,
  registry,
  redis,
  now,
  log,
}: Ports): Promise<CdsTokenRules & { close(): void }> {
  const registered = registry.clients.filter((client) => client.cds !== undefined);
  const ids = registered.map((client) => client.id);
  const files = await readClientKeys(config.CLIENT_KEYS_DIR ?? "", ids);
  const clients = new Map<string, CdsClient>();
  for (const { id, cds, institution, scopes } of registered) {
    if (cds === undefined || institution === undefined) continue;
    const { issuer, tenant, jku } = cds;
    const own = files.get(id);
    const keys =
      jku !== undefined ? createRemoteJWKSet(new URL(jku), { timeoutDuration: keysMs }) : own && createLocalJWKSet(own);
    if (keys === undefined) {
      log.warn({ client: id }, "a CDS client has no public key and is not let in");
      continue;
    }
    clients.set(nameOf(issuer, tenant), {
      ...{ id, kind: "institution", institution, scopes, keys },
      ...(jku === undefined ? {} : { jku }),
    });
  }
  const seen = createReplayStore(redis.commands, now);
  const warm = () => void seen.epoch().catch(() => {});
  warm();
  const timer = setInterval(warm, epochMs).unref();
  return {
    // An issuer that is registered for one institution need not name it.
    clientOf: (issuer, tenant) => clients.get(nameOf(issuer, tenant)) ?? clients.get(nameOf(issuer, undefined)),
    seen,
    now,
    close: () => clearInterval(timer),
  };
}

function nameOf(issuer: string, tenant: string | undefined): string {
  return JSON.stringify([issuer, tenant ?? null]);
}
