import type { JSONWebKeySet } from "jose";
import { Fault } from "../../kernel/fault.ts";

const algorithms = ["ES256", "ES384", "PS256"] as const;

/** The issuer's own keys; the first signs with `algorithm`. */
export interface SigningKeys {
  readonly jwks: JSONWebKeySet;
  readonly algorithm: (typeof algorithms)[number];
}

/** Reads a private JWKS. Throws `Fault("configuration-wrong")`; nothing of the text is repeated, since it is a secret. */
export function readSigningKeys(text: string): SigningKeys {
  try {
    const jwks = JSON.parse(text) as JSONWebKeySet;
    const algorithm = algorithms.find((one) => one === jwks.keys[0]?.alg);
    if (algorithm !== undefined) return { jwks, algorithm };
  } catch {
    // Told below without the parser's message, which may quote the text.
  }
  throw new Fault("configuration-wrong", {
    detail: "ISSUER_JWKS must be a JWKS whose first key names alg ES256, ES384 or PS256",
  });
}

/** The same keys without their private parts. */
export function publicKeys({ jwks }: SigningKeys): JSONWebKeySet {
  const keys = jwks.keys.map(({ kty, crv, x, y, n, e, kid, alg, use }) => ({ kty, crv, x, y, n, e, kid, alg, use }));
  return { keys: keys as JSONWebKeySet["keys"] };
}
