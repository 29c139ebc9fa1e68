import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JSONWebKeySet } from "jose";
import type { ClientMetadata } from "oidc-provider";

/** A client as the registry knows it: the part of it that the issuer needs. */
export interface IssuerClient {
  readonly id: string;
  readonly kind: string;
  readonly institution?: string | undefined;
  readonly scopes: readonly string[];
}

/** The grant by which a portal gets a token for the person who signed in there (RFC 7523). */
export const personGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * Public keys of the clients: `<folder>/<client id>.jwks.json` each. A client without a file gets no tokens; a file that is there and
 * cannot be read stops the start. Key = client id.
 */
export async function readClientKeys(folder: string, ids: readonly string[]): Promise<ReadonlyMap<string, JSONWebKeySet>> {
  const keys = new Map<string, JSONWebKeySet>();
  for (const id of ids) {
    try {
      keys.set(id, JSON.parse(await readFile(join(folder, `${id}.jwks.json`), "utf8")) as JSONWebKeySet);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return keys;
}

/** How a client is registered at the issuer: signed assertions only, no redirects, no secrets. */
export function clientMetadata(client: IssuerClient, jwks: JSONWebKeySet, signing: string): ClientMetadata {
  return {
    client_id: client.id,
    grant_types: client.kind === "portal" ? ["client_credentials", personGrant] : ["client_credentials"],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: "private_key_jwt",
    id_token_signed_response_alg: signing as "ES256",
    jwks: jwks as NonNullable<ClientMetadata["jwks"]>,
  };
}
