import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, SignJWT } from "jose";
import type { Platform } from "./platform.ts";

/** How a hospital's system signs its calls of the CDS services: what the registry's `cds` section says of the client. */
export interface CdsSigner {
  /** Id in the registry; its private key is that of the bootstrap. */
  readonly client: string;
  readonly issuer: string;
  readonly tenant?: string;
}

/** The JWT for one call of one address (CDS Hooks 2.0, "Trusting CDS Clients"), good for a minute. */
export async function cdsToken(platform: Platform, signer: CdsSigner, address: string): Promise<string> {
  const jwk = JSON.parse(readFileSync(join(platform.clientKeys, `${signer.client}.jwk.json`), "utf8"));
  return new SignJWT(signer.tenant === undefined ? {} : { tenant: signer.tenant })
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, typ: "JWT" })
    .setIssuer(signer.issuer)
    .setAudience(address)
    .setIssuedAt()
    .setExpirationTime("1m")
    .setJti(randomUUID())
    .sign(await importJWK(jwk, jwk.alg));
}
