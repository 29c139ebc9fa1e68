import { Counter } from "prom-client";
import { createTaskWorker } from "../adapters/redis/queue.ts";
import { createIdentityPort } from "../ingest/identity-port.ts";
import { runIngest } from "../ingest/run-ingest.ts";
import { createJobRunner } from "../jobs/run-task.ts";
import { startSweeper } from "../jobs/sweeper.ts";
import { reconsiderLookup } from "../lookup/reconsider-lookup.ts";
import { runLookup } from "../lookup/run-lookup.ts";
import { createFeedMapper } from "../mapping/feed-mapper.ts";
import type { Ports } from "./ports.ts";

/** Exports are worked through a few at once: each keeps several transactions in flight by itself. */
const mostIngests = 4;

/** The role `worker`: the jobs of both queues, and the sweeper. Resolves the returned function when what runs has ended. */
export function startWorker(ports: Ports): () => Promise<unknown> {
  const { config, registry, feeds, suite, now, log, lookups, redis, store, scheduler } = ports;
  const attempts = new Counter({
    name: "hutong_tasks_total",
    help: "Attempts of tasks by outcome",
    labelNames: ["kind", "outcome"],
    registers: [ports.metrics],
  });
  const ingest = {
    ...ports,
    identity: createIdentityPort({ ...ports, allowTestRegions: config.ALLOW_TEST_REGIONS }),
    mapExport: createFeedMapper({
      feeds,
      supplierOf: (feed) => registry.supplierOfFeed(feed)?.code,
      institutionOf: registry.institutionOf,
      suite,
      now,
    }),
    limits: { entries: 100, inFlight: config.INGEST_IN_FLIGHT, checkpointMs: 10_000, giveBackMs: 60_000 },
  };
  const run = createJobRunner({
    handlers: {
      ingest: (id, signal) => runIngest(ingest, id, signal),
      lookup: (id) => runLookup(lookups, id),
    },
    log,
    count: (kind, outcome) => attempts.inc({ kind, outcome }),
  });
  const concurrency = { ingest: Math.min(mostIngests, config.WORKER_CONCURRENCY), lookup: config.WORKER_CONCURRENCY };
  const workers = (["ingest", "lookup"] as const).map((kind) =>
    createTaskWorker(redis, { kind, concurrency: concurrency[kind], run: (id, signal) => run(kind, id, signal), log }),
  );
  const sweeper = startSweeper({
    store,
    scheduler,
    reconsider: { lookup: async (task) => void (await reconsiderLookup(lookups, task)) },
    now,
    log,
    intervalMs: config.SWEEP_INTERVAL_MS,
  });
  return () => Promise.all([sweeper.stop(), ...workers.map((worker) => worker.close())]);
}
