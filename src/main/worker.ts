import { Counter, Histogram } from "prom-client";
import { createFeedLags } from "../adapters/redis/feed-lags.ts";
import { createTaskWorker } from "../adapters/redis/queue.ts";
import { createProfileCheck } from "../fhir/profile-check.ts";
import { measureLag } from "../ingest/feed-lag.ts";
import { createFeedTurns } from "../ingest/feed-turns.ts";
import { createIdentityPort } from "../ingest/identity-port.ts";
import { mapUnpacked } from "../ingest/map-unpacked.ts";
import { runDryRun } from "../ingest/mapping-versions/run-dry-run.ts";
import { runReplay } from "../ingest/mapping-versions/run-replay.ts";
import { runIngest } from "../ingest/run-ingest.ts";
import { reconsiderMove, runMove } from "../ingest/run-move.ts";
import { runOrphans } from "../ingest/run-orphans.ts";
import { reconsiderOrphans } from "../ingest/wake-orphans.ts";
import { createJobRunner } from "../jobs/run-task.ts";
import { startSweeper } from "../jobs/sweeper.ts";
import { Fault } from "../kernel/fault.ts";
import { followCorrection } from "../lookup/follow-correction.ts";
import { reconsiderLookup } from "../lookup/reconsider-lookup.ts";
import { runLookup } from "../lookup/run-lookup.ts";
import type { Feed } from "../mapping/compile-feed.ts";
import { createFeedMapper } from "../mapping/feed-mapper.ts";
import type { ExportFile } from "../mapping/mapped.ts";
import { reconsiderCallback, runCallback } from "../ordering/callbacks/run-callback.ts";
import { followChange, reconsiderChange } from "../ordering/chase/follow-change.ts";
import { createRecognitionData } from "../ordering/check/recognition-data.ts";
import { runFigures } from "../ordering/figures/run-figures.ts";
import { remindNotice } from "../ordering/notices/remind-notice.ts";
import { createSourceDesk } from "../ordering/notices/tell-source.ts";
import { followFaults } from "../ordering/outcomes/report-faults.ts";
import { reconsiderIssues } from "../ordering/outcomes/store-issues.ts";
import { queuedKinds } from "../work/task.ts";
import { figuresDeps, startFigures } from "./figures.ts";
import type { Ports } from "./ports.ts";

/** Exports are worked through a few at once: each keeps several transactions in flight by itself. One place is never taken by the feed that has the others. */
const mostIngests = 4;
const turnHoldMs = 250;
/** From asking a source to sealing its answer, and from opening a copy to committing its disclosure. */
const sealingMs = 60_000;

/** The role `worker`: the jobs of all queues, and the sweeper. Resolves the returned function when what runs has ended. Throws when a profile is wrong. */
export async function startWorker(ports: Ports): Promise<() => Promise<unknown>> {
  const { config, registry, book, feeds, suite, now, log, lookups, redis, store, scheduler } = ports;
  const attempts = new Counter({
    name: "hutong_tasks_total",
    help: "Attempts of tasks by outcome",
    labelNames: ["kind", "outcome"],
    registers: [ports.metrics],
  });
  const ingests = Math.min(mostIngests, config.WORKER_CONCURRENCY);
  const mapperOf = (some: ReadonlyMap<string, Feed>) =>
    mapUnpacked(
      createFeedMapper({
        feeds: some,
        supplierOf: (feed) => registry.supplierOfFeed(feed)?.code,
        institutionOf: registry.institutionOf,
        suite,
        now,
      }),
    );
  const ingest = {
    ...ports,
    check: await createProfileCheck(config.PROFILES_DIR),
    identity: createIdentityPort({ ...ports, allowTestRegions: config.ALLOW_TEST_REGIONS }),
    mapExport: mapperOf(feeds),
    mayWait: (feed: string) => rowsMayWait(feeds.get(feed)),
    turns: createFeedTurns(Math.max(1, ingests - 1), turnHoldMs),
    limits: { entries: config.INGEST_ENTRIES, inFlight: config.INGEST_IN_FLIGHT, checkpointMs: 10_000, giveBackMs: 60_000 },
  };
  const lags = createFeedLags(redis);
  const lag = new Histogram({
    name: "hutong_feed_lag_seconds",
    help: "From a report's review in the hospital to being readable here",
    labelNames: ["feed"],
    buckets: [30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400, 259_200],
    registers: [ports.metrics],
  });
  const tellLag = (feed: string, seconds: readonly number[]) => {
    for (const one of seconds) lag.observe({ feed }, one);
    void lags.add(feed, seconds);
  };
  const mapWith = (feed: Feed, files: readonly ExportFile[]) => {
    const run = mapperOf(new Map([[feed.name, feed]]))(feed.name, files);
    if (run === undefined) throw new Fault("unexpected");
    return run;
  };
  const recognitionData = createRecognitionData({
    store,
    profilesDir: config.PROFILES_DIR,
    region: config.RECOGNITION_REGION,
    now,
    log,
  });
  const figures = figuresDeps(ports, recognitionData);
  const chase = {
    ...ports.notices,
    recognitionData,
    institutionOf: (code: string) => registry.institution(code),
    sealedLifeMs: config.ANSWER_TTL_SECONDS * 1000 + sealingMs,
  };
  const patience = {
    retellMs: config.NOTICE_RETELL_HOURS * 3_600_000,
    escalateMs: config.NOTICE_ESCALATE_HOURS * 3_600_000,
  };
  const run = createJobRunner({
    handlers: {
      // A mapping activated before an export came counts for it, on whatever worker it runs.
      ingest: async (id, signal) => book.refresh().then(() => runIngest(measureLag(ingest, tellLag), id, signal)),
      lookup: (id) => runLookup(lookups, id),
      "orphan-row": (id, signal) => runOrphans(ingest, id, signal),
      "patient-move": (id) => runMove(ingest, id),
      "link-correction": (id) => followCorrection(lookups, id),
      "mapping-dry-run": (id, signal) => runDryRun({ ...ports, mapWith }, id, signal),
      "mapping-replay": (id, signal) => runReplay({ ...ports, pollMs: 250 }, id, signal),
      "result-changed": (id, signal) => followChange(chase, id, signal),
      callback: (id, signal) => runCallback(ports, id, signal),
      "recognition-figures": (id) => runFigures(figures, id),
    },
    log,
    count: (kind, outcome) => attempts.inc({ kind, outcome }),
  });
  const concurrency = {
    ingest: ingests,
    lookup: config.WORKER_CONCURRENCY,
    "orphan-row": 1,
    "patient-move": 2,
    "link-correction": 1,
    "mapping-dry-run": 1,
    "mapping-replay": 1,
    "result-changed": 2,
    callback: 8,
    "recognition-figures": 1,
  };
  const workers = queuedKinds.map((kind) =>
    createTaskWorker(redis, { kind, concurrency: concurrency[kind], run: (id, signal) => run(kind, id, signal), log }),
  );
  const sweeper = startSweeper({
    store,
    scheduler,
    reconsider: {
      lookup: async (task) => void (await reconsiderLookup(lookups, task)),
      "orphan-row": (task) => reconsiderOrphans({ ...ports, waitDays: config.ORPHAN_WAIT_DAYS }, task),
      "patient-move": (task) => reconsiderMove(ports, task),
      "recognition-answer": (task) =>
        reconsiderIssues({ ...ports, follow: followFaults(createSourceDesk(ports.notices)) }, task),
      "result-changed": (task) => reconsiderChange(ports, task),
      "recognition-notice": (task) => remindNotice(ports.notices, patience, task),
      callback: (task) => reconsiderCallback(ports, task),
    },
    now,
    log,
    intervalMs: config.SWEEP_INTERVAL_MS,
    waitingIntervalMs: config.SWEEP_WAITING_INTERVAL_MS,
  });
  const stopFigures = startFigures(figures);
  return () => {
    stopFigures();
    return Promise.all([sweeper.stop(), ...workers.map((worker) => worker.close())]);
  };
}

/** Whether rows of a feed may come in another export than their sheet: never those of an HL7 v2 message. */
function rowsMayWait(feed: Feed | undefined): boolean {
  return feed !== undefined && feed.format !== "hl7v2" && feed.templates.some((template) => template.joins.length > 0);
}
