import { randomUUID } from "node:crypto";
import { collectDefaultMetrics, Registry as Metrics } from "prom-client";
import { createCallbacks } from "../adapters/callback/call-institution.ts";
import { checkInstallation } from "../adapters/hapi/check-installation.ts";
import { createHapiClient, type HapiClient } from "../adapters/hapi/client.ts";
import { installSearchParameters } from "../adapters/hapi/install-conformance.ts";
import { createHapiPartitions } from "../adapters/hapi/partitions.ts";
import { createHapiStore } from "../adapters/hapi/store.ts";
import { createRemoteSources } from "../adapters/institution/remote-sources.ts";
import { createLandingFolder } from "../adapters/landing/landing-folder.ts";
import { createSealedAnswers } from "../adapters/redis/answers.ts";
import { connectRedis } from "../adapters/redis/connection.ts";
import { createProgress } from "../adapters/redis/progress.ts";
import { createTaskQueues } from "../adapters/redis/queue.ts";
import type { Config } from "../config.ts";
import { consentsOf } from "../consent/consents-of.ts";
import { registeredKeys } from "../identity/registered-key.ts";
import { readResident } from "../identity/resident.ts";
import { createFeedBook } from "../ingest/mapping-versions/feed-book.ts";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import { createCryptoSuite } from "../kernel/crypto-suite.ts";
import { asFault } from "../kernel/fault.ts";
import { createLog, type Log } from "../kernel/log.ts";
import type { LookupDeps } from "../lookup/lookup-deps.ts";
import { loadFeeds } from "../mapping/load-feeds.ts";
import { loadRegistry } from "../sources/load-registry.ts";
import { registerInstitutions } from "../sources/register-institutions.ts";
import { createSourceGate } from "../sources/source-gate.ts";
import { queuedKinds } from "../work/task.ts";

const mostExportBytes = 8 * 2 ** 30;
/** A page of 199 results has about half a megabyte. */
const mostRemoteBytes = 4 * 2 ** 20;
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
  const remote = createRemoteSources({
    maxBytes: mostRemoteBytes,
    tokenOf: (institution) => config.SOURCE_TOKENS.get(institution),
    identifiersOf: (institution, patient) => registeredKeys({ store, suite }, institution, patient),
  });
  const lookups: LookupDeps = {
    ...shared,
    sources: {
      store,
      remote,
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
  const callbacks = createCallbacks((institution) => {
    const url = registry.institution(institution)?.callback;
    const secret = config.CALLBACK_SECRETS.get(institution);
    return url === undefined || secret === undefined ? undefined : { url, secret };
  });
  for (const { code, callback } of registry.institutions)
    if (callback !== undefined && !config.CALLBACK_SECRETS.has(code))
      log.warn(
        { institution: code },
        "an institution has an address for calls and no secret to sign them with; it is not called",
      );
  const notices = {
    ...shared,
    hasCallback: (code: InstitutionCode) =>
      registry.institution(code)?.callback !== undefined && config.CALLBACK_SECRETS.has(code),
  };
  const accepting = { ...shared, isFeed: (feed: string) => book.feeds.has(feed) };
  return { ...shared, remote, callbacks, notices, lookups, accepting };
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
