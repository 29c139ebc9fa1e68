import { randomUUID } from "node:crypto";
import { collectDefaultMetrics, Registry as Metrics } from "prom-client";
import { checkInstallation } from "../adapters/hapi/check-installation.ts";
import { createHapiClient, type HapiClient } from "../adapters/hapi/client.ts";
import { installSearchParameters } from "../adapters/hapi/install-conformance.ts";
import { createHapiPartitions } from "../adapters/hapi/partitions.ts";
import { createHapiStore } from "../adapters/hapi/store.ts";
import { createLandingFolder } from "../adapters/landing/landing-folder.ts";
import { createSealedAnswers } from "../adapters/redis/answers.ts";
import { connectRedis } from "../adapters/redis/connection.ts";
import { createProgress } from "../adapters/redis/progress.ts";
import { createTaskQueues } from "../adapters/redis/queue.ts";
import type { Config } from "../config.ts";
import { consentsOf } from "../consent/consents-of.ts";
import { readResident } from "../identity/resident.ts";
import { createFeedBook } from "../ingest/mapping-versions/feed-book.ts";
import type { ResidentId } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import { createCryptoSuite } from "../kernel/crypto-suite.ts";
import { asFault, Fault } from "../kernel/fault.ts";
import { createLog, type Log } from "../kernel/log.ts";
import type { LookupDeps } from "../lookup/lookup-deps.ts";
import { loadFeeds } from "../mapping/load-feeds.ts";
import { loadRegistry } from "../sources/load-registry.ts";
import { registerInstitutions } from "../sources/register-institutions.ts";
import { createSourceGate } from "../sources/source-gate.ts";
import { queuedKinds } from "../work/task.ts";

const mostExportBytes = 8 * 2 ** 30;
const storeStartMs = 60_000;

/** Everything the roles are made of. */
export type Ports = Awaited<ReturnType<typeof createPorts>>;

/**
 * Connects, loads registry and mappings, and prepares the store (search parameters, key fingerprint, partitions, institutions): all of it
 * safe to repeat and to run in several processes at once. `wrap` sees the wire to HAPI (a bench records it).
 */
export async function createPorts(config: Config, wrap: (client: HapiClient) => HapiClient) {
  const now = () => new Date();
  const log = createLog({ level: config.LOG_LEVEL, role: config.ROLES.join("+") });
  const metrics = new Metrics();
  collectDefaultMetrics({ register: metrics });
  const suite = createCryptoSuite({ ids: config.ID_KEY, index: config.INDEX_KEY, data: config.DATA_KEY });
  const hapi = wrap(createHapiClient({ baseUrl: config.HAPI_URL }));
  const store = createHapiStore(hapi);
  const redis = connectRedis(config.REDIS_URL, log);
  const scheduler = createTaskQueues(redis, queuedKinds, log);
  const landing = await createLandingFolder({ dir: config.LANDING_DIR, key: config.DATA_KEY, maxBytes: mostExportBytes });
  const registry = await loadRegistry(config.REGISTRY_FILE);
  const { feeds: shipped, wrong } = await loadFeeds(config.MAPPINGS_DIR);
  for (const [feed, problems] of wrong) log.error({ feed, problems }, "a mapping is wrong; its feed is not taken");
  const book = createFeedBook({ shipped, store, log });

  await onceTheStoreAnswers(log, async () => {
    await installSearchParameters(store, config.PROFILES_DIR);
    await checkInstallation(store, suite.fingerprint);
    await registerInstitutions({ store, partitions: createHapiPartitions(hapi), suite }, registry);
    await book.refresh();
  });

  const shared = {
    ...{ config, now, log, metrics, suite, hapi, store, redis, scheduler, landing, registry, book },
    feeds: book.feeds,
    unique: () => randomUUID() as string,
    parseOptions: () => ({ allowTestRegions: config.ALLOW_TEST_REGIONS, today: now() }),
    readGolden: (resident: ResidentId) => readResident(store, resident),
    consentsOf: (residents: readonly ResidentId[]) => consentsOf(store, residents),
  };
  const lookups: LookupDeps = {
    ...shared,
    sources: {
      store,
      // No institution of this registry has a server of its own yet: the port is there, its adapter comes with the first one.
      remote: { search: () => Promise.reject(new Fault("source-timeout")) },
      gate: createSourceGate({ concurrent: 8, failures: 5, openMs: 30_000 }, now),
      now,
      endpointOf: (institution) => registry.institution(institution)?.endpoint,
      timeoutMs: config.SOURCE_TIMEOUT_MS,
    },
    answers: createSealedAnswers(redis, suite, {
      ttlSeconds: config.ANSWER_TTL_SECONDS,
      askMs: config.SOURCE_TIMEOUT_MS,
      log,
    }),
    progress: createProgress(redis, log),
    nameOf: (institution) => registry.institution(institution)?.name ?? institution,
    publicUrl: config.PUBLIC_URL,
    answerWindowMs: config.ANSWER_WINDOW_HOURS * 3_600_000,
  };
  const accepting = { ...shared, isFeed: (feed: string) => book.feeds.has(feed) };
  return { ...shared, lookups, accepting };
}

/** Tries again while the store is not there yet: a process that starts beside it must not lose the race. Throws its last fault after a minute. */
async function onceTheStoreAnswers(log: Log, prepare: () => Promise<void>): Promise<void> {
  const end = Date.now() + storeStartMs;
  for (;;) {
    try {
      return await prepare();
    } catch (error) {
      if (asFault(error).code !== "store-down" || Date.now() > end) throw error;
      log.warn("the store does not answer yet");
      await pause(1_000);
    }
  }
}
