import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Counter } from "prom-client";
import { openTableSource } from "../adapters/tables/open-table-source.ts";
import { createWatchedFolder, foreignFolders } from "../adapters/watched-folder/watched-folder.ts";
import { acceptExport } from "../ingest/accept-export.ts";
import { expireRaw } from "../ingest/expire-raw.ts";
import { type Pull, readPull } from "../ingest/pull-file.ts";
import { type Pulled, pullTables } from "../ingest/pull-tables.ts";
import { takeDeliveries } from "../ingest/take-deliveries.ts";
import { asFault, Fault } from "../kernel/fault.ts";
import type { Ports } from "./ports.ts";

/** How long a pull is held without a sign of life: another process goes on that much after a crash, ms. */
const pullLeaseMs = 60_000;
/** How often it is asked whether a pull is due, ms. */
const pullLookMs = 2_000;
const pageRows = 2_000;
const expiryLookMs = 10 * 60_000;

/** The role `channels`: the watched folder (`INBOX_DIR`), the pulls (`PULLS_DIR`), and the age of raw files (`RAW_RETENTION_DAYS`). Any number of such processes may run side by side. */
export async function startChannels(ports: Ports): Promise<() => Promise<unknown>> {
  const pulls = await startPulls(ports);
  const inbox = startInbox(ports);
  const expiry = startExpiry(ports);
  return () => Promise.all([pulls(), inbox(), expiry()]);
}

function startExpiry({ config, landing, store, suite, now, log }: Ports): () => Promise<unknown> {
  const days = config.RAW_RETENTION_DAYS;
  if (days === undefined) return async () => {};
  return repeat(expiryLookMs, async () => {
    const removed = await expireRaw({ store, suite, now, shelf: landing, days });
    if (removed > 0) log.info({ files: removed, days }, "raw files were deleted by age");
  });
}

function startInbox(ports: Ports): () => Promise<unknown> {
  const { config, accepting, feeds, now, log } = ports;
  if (config.INBOX_DIR === undefined) return async () => {};
  const dir = config.INBOX_DIR;
  const watched = () => [...feeds.keys()].filter((feed) => clientOf(ports, feed) !== undefined);
  const inbox = createWatchedFolder({
    dir,
    feeds: watched,
    taken: config.INBOX_TAKEN,
    patienceMs: config.INBOX_PATIENCE_MINUTES * 60_000,
    now,
  });
  const deps = {
    inbox,
    accept: (delivery: Parameters<typeof acceptExport>[1]) => acceptExport(accepting, delivery),
    clientOf: (feed: string) => clientOf(ports, feed),
    log,
  };
  const told = new Set<string>();
  return repeat(config.INBOX_LOOK_MS, async () => {
    for (const folder of await foreignFolders(dir, watched()).catch(() => [])) {
      if (!told.has(folder))
        log.warn({ folder }, "a folder of the inbox is of no feed that is taken here; nobody looks into it");
      told.add(folder);
    }
    await takeDeliveries(deps).catch((error) => {
      const { code } = asFault(error);
      log.warn(
        { code, cause: (error as { code?: unknown }).code },
        "the watched folder could not be worked through; it is looked at again",
      );
    });
  });
}

async function startPulls(ports: Ports): Promise<() => Promise<unknown>> {
  const { config, log, metrics } = ports;
  if (config.PULLS_DIR === undefined) return async () => {};
  const outcomes = new Counter({
    name: "hutong_pulls_total",
    help: "Pulls of a hospital's database by outcome",
    labelNames: ["feed", "outcome"],
    registers: [metrics],
  });
  const stops: (() => Promise<unknown>)[] = [];
  for (const name of (await readdir(config.PULLS_DIR)).filter((one) => /\.ya?ml$/.test(one)).sort()) {
    try {
      const pull = readPull(name, await readFile(join(config.PULLS_DIR, name), "utf8"));
      const deps = await pullDeps(ports, pull);
      stops.push(repeat(pullLookMs, async () => tell(await pullTables(deps, pull), pull.feed)));
    } catch (error) {
      log.error(
        { file: name, code: asFault(error).code, problem: asFault(error).message },
        "a pull is wrong; its feed is not pulled",
      );
    }
  }
  const tell = (pulled: Pulled, feed: string) => {
    if (pulled.kind === "not-due") return;
    outcomes.inc({ feed, outcome: pulled.kind });
    if (pulled.kind === "failed")
      log.warn({ feed, code: pulled.code, problem: pulled.detail }, "a pull failed; it is tried again");
    else log.info({ feed, rows: pulled.rows, export: pulled.export }, "a pull is done");
  };
  return () => Promise.all(stops.map((stop) => stop()));
}

async function pullDeps(ports: Ports, pull: Pull) {
  const { config, store, suite, now, feeds, accepting } = ports;
  const client = clientOf(ports, pull.feed);
  const feed = feeds.get(pull.feed);
  if (client === undefined || feed === undefined)
    throw new Fault("configuration-wrong", { detail: `${pull.feed} is no feed that is mapped and has a supplier` });
  const password = config.PULL_PASSWORDS.get(pull.feed);
  const name = `PULL_${pull.feed.toUpperCase().replaceAll("-", "_")}_PASSWORD`;
  if (password === undefined) throw new Fault("configuration-wrong", { detail: `${name} (or ${name}_FILE) is not set` });
  const { ca, port, ...where } = pull.connection;
  const source = openTableSource(pull.source, {
    ...where,
    ...(port === undefined ? {} : { port }),
    ...(ca === undefined ? {} : { ca: await readFile(ca, "utf8") }),
    password,
    timeZone: feed.timeZone,
    statementMs: pull.statement_timeout,
    pageRows,
  });
  return {
    store,
    suite,
    now,
    source,
    feed: () => feeds.get(pull.feed),
    client,
    accept: (delivery: Parameters<typeof acceptExport>[1]) => acceptExport(accepting, delivery),
    leaseMs: pullLeaseMs,
  };
}

/** Who is registered to deliver a feed. */
function clientOf({ registry }: Ports, feed: string): string | undefined {
  return registry.clients.find((one) => one.kind === "supplier" && one.feeds?.includes(feed))?.id;
}

/** Does `work` now and then again `everyMs` after its end, one at a time; the returned function waits for what runs. */
function repeat(everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const turn = () => {
    running = work()
      .catch(() => undefined)
      .then(() => {
        if (!stopped) timer = setTimeout(turn, everyMs);
      });
  };
  turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
    return running;
  };
}
