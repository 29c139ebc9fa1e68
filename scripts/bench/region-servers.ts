import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHapiClient, type HapiClient } from "../../src/adapters/hapi/client.ts";
import { createHapiStore } from "../../src/adapters/hapi/store.ts";
import { type CryptoSuite, createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { Platform } from "../client/platform.ts";
import { startEngine } from "../platform/engine.js";
import { ensureKeys, keyFiles } from "../platform/keys.js";
import { dataRoot, foldersOf } from "../platform/paths.js";
import { sampleRegistry } from "../platform/registry.js";
import { type Elsewhere, writeBenchRegistry } from "./region.ts";
import { type Seeded, seededResidents, seedRegion } from "./seed.ts";
import { startBenchServers } from "./servers.ts";

/** The bench region: twenty institutions, a data set, and the engine's api and worker as processes of their own. */
export interface BenchRegion {
  readonly platform: Platform;
  readonly residents: readonly Seeded[];
  readonly suite: CryptoSuite;
  /** A client of one's own, straight to HAPI: what the baseline uses. */
  readonly hapi: HapiClient;
  /** One more api, for which an institution's records stand elsewhere. */
  apiWith(elsewhere: Elsewhere): Promise<Pick<BenchRegion, "platform" | "stop">>;
  stop(): Promise<void>;
}

/** Starts it with this many clinical resources. The data set takes minutes to write and is kept for the next run. */
export async function startBenchRegion(resources: number): Promise<BenchRegion> {
  const name = `region-${resources}`;
  const marker = join(dataRoot, "bench", name, "seeded");
  const servers = await startBenchServers(name, { keep: existsSync(marker) });
  const folders = foldersOf(servers.dir);
  const keys = ensureKeys(folders.keys);
  mkdirSync(servers.dir, { recursive: true });
  const env = { REGISTRY_FILE: writeBenchRegistry(servers.dir, sampleRegistry), LOG_LEVEL: "warn" };
  const started = { dir: servers.dir, hapi: { url: servers.hapiUrl }, redis: { url: servers.redisUrl }, env };
  const api = await startEngine({ ...started, role: "api" });
  const worker = await startEngine({ ...started, role: "worker", publicUrl: api.url });

  const read = (file: string) => Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  const suite = createCryptoSuite({ ids: read(keys.idKey), index: read(keys.indexKey), data: read(keys.dataKey) });
  const hapi = createHapiClient({ baseUrl: servers.hapiUrl });
  const residents = seededResidents(suite, resources);
  if (!existsSync(marker)) {
    await seedRegion(createHapiStore(hapi), suite, residents, {
      now: new Date(),
      inFlight: 4,
      progress: progressOf("seeding the region"),
    });
    writeFileSync(marker, new Date().toISOString());
  }
  return {
    platform: { api: api.url, clientKeys: keyFiles(folders.keys).clientsPrivate, dir: servers.dir },
    residents,
    suite,
    hapi,
    async apiWith(elsewhere) {
      const registry = writeBenchRegistry(servers.dir, sampleRegistry, elsewhere);
      const other = await startEngine({
        ...started,
        role: "api",
        name: "api-elsewhere",
        env: { ...env, REGISTRY_FILE: registry },
      });
      const platform = { api: other.url, clientKeys: keyFiles(folders.keys).clientsPrivate, dir: servers.dir };
      return { platform, stop: () => other.stop() };
    },
    async stop() {
      await Promise.all([api.stop(), worker.stop(), hapi.close()]);
      await servers.stop();
    },
  };
}

/** Tells a share now and then on standard error, which a JSON reader does not see. */
function progressOf(what: string): (share: number) => void {
  let told = 0;
  const began = performance.now();
  return (share) => {
    if (share < told + 0.1 && share < 1) return;
    told = share;
    console.error(`${what}: ${Math.round(share * 100)} % after ${Math.round((performance.now() - began) / 1000)} s`);
  };
}
