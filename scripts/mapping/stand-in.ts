import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { MappingDeps } from "../../src/mapping/mapped.ts";
import { loadRegistry } from "../../src/sources/load-registry.ts";

// Ids made here are of no installation: the key is public, and only serves to give the same id for the same row.
const key = Buffer.alloc(32, "hutong mapping tools");
const suite = createCryptoSuite({ ids: key, index: key, data: key });

/** What a mapping needs from outside, made up: ids under a public key, and every code an institution of its own. */
export function standInDeps(): MappingDeps {
  return {
    ids: (...parts) => suite.computeId(...parts) as ResourceId,
    digest: (...cells) => suite.computeId("row", ...cells),
    institutionOf: (_supplier, code) => ({ tenant: `institution-${code}` as InstitutionCode }),
    now: () => new Date(),
  };
}

/** The same with the institutions of a registry file; a feed's supplier is the one the registry names, else the feed's own. */
export async function depsFor(feed: string, registryFile: string | undefined): Promise<MappingDeps> {
  if (registryFile === undefined) return standInDeps();
  const registry = await loadRegistry(registryFile);
  const named = registry.supplierOfFeed(feed)?.code;
  return { ...standInDeps(), institutionOf: (supplier, code) => registry.institutionOf(named ?? supplier, code) };
}
