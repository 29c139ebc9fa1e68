import { readFileSync } from "node:fs";
import type { Patient, Task } from "@medplum/fhirtypes";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { listReviews } from "../../src/identity/list-reviews.ts";
import { acceptExport } from "../../src/ingest/accept-export.ts";
import { createIdentityPort } from "../../src/ingest/identity-port.ts";
import type { IngestDeps } from "../../src/ingest/ingest-deps.ts";
import { exportState } from "../../src/ingest/report.ts";
import { runIngest } from "../../src/ingest/run-ingest.ts";
import { runMove } from "../../src/ingest/run-move.ts";
import { runOrphans } from "../../src/ingest/run-orphans.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { createFeedMapper } from "../../src/mapping/feed-mapper.ts";
import { loadFeeds } from "../../src/mapping/load-feeds.ts";
import { type Registry, readRegistry } from "../../src/sources/registry.ts";
import { taskKindOf } from "../../src/work/task.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { createMemoryLanding } from "./memory-landing.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 4), index: Buffer.alloc(32, 5), data: Buffer.alloc(32, 6) });

/** What all regions of a test file have in common: who is who, and every shipped mapping. */
export interface Shipped {
  readonly registry: Registry;
  readonly mapExport: IngestDeps["mapExport"];
}

/** Reads the sample's registry and compiles every shipped mapping. Throws when one of them is wrong. */
export async function loadShipped(now: () => Date): Promise<Shipped> {
  const read = readRegistry(readFileSync("scripts/sample/region/registry.yaml", "utf8"));
  if (read.kind === "wrong") throw new Error(JSON.stringify(read.problems));
  const { registry } = read;
  const { feeds, wrong } = await loadFeeds("mappings");
  if (wrong.size > 0) throw new Error(JSON.stringify([...wrong]));
  const supplierOf = (feed: string) => registry.supplierOfFeed(feed)?.code;
  const { institutionOf } = registry;
  return { registry, mapExport: createFeedMapper({ feeds, supplierOf, institutionOf, suite, now }) };
}

/** How one export is delivered. */
export interface Delivery {
  /** Makes it another delivery of the same content. */
  readonly key?: string;
  readonly at: Date;
  readonly check?: IngestDeps["check"];
}

/** An empty region with every shipped mapping, real ingest and real identity on the in-memory store. */
export function createWholeRegion({ registry, mapExport }: Shipped) {
  const store = createMemoryStore();
  const landing = createMemoryLanding();
  const scheduler = { schedule: async () => undefined };
  const tenants = registry.institutions.map((one) => one.code as InstitutionCode);
  const everything = () => {
    const all = tenants.flatMap((tenant) =>
      store.all(tenant).map((one) => [`${tenant}/${one.resourceType}/${one.id}`, one] as const),
    );
    return new Map(all.filter(([, one]) => one.resourceType !== "Provenance"));
  };
  const goldens = () => store.all("DEFAULT").filter((one): one is Patient => one.resourceType === "Patient");
  const tasks = (kind: string) =>
    store.all("DEFAULT").filter((one): one is Task => one.resourceType === "Task" && taskKindOf(one) === kind);
  const version = (one: { readonly meta?: { readonly versionId?: string } }) => one.meta?.versionId;
  return {
    store,
    everything,
    goldens,
    tasks,
    /** Clinical resources by address, without versions. */
    clinical: () => new Map([...everything()].map(([address, { meta: _, ...one }]) => [address, one])),
    versions: () => Object.fromEntries([...everything()].map(([address, one]) => [address, version(one)])),
    goldenVersions: () => Object.fromEntries(goldens().map((one) => [one.id, version(one)])),
    /** The steward's queue, as the steward is shown it now. */
    reviews: async () => (await listReviews({ store, suite, now: () => new Date() })).reviews,
    /** Delivers and works an export through, with all that it leaves behind; its counts and report. */
    async deliver(one: Omit<SampleExport, "name">, { key, at, check }: Delivery) {
      const now = () => at;
      const client = registry.supplierOfFeed(one.feed)?.code ?? "";
      const accepted = await acceptExport(
        { store, landing, suite, now, scheduler, isFeed: () => true },
        { client, feed: one.feed, files: contents(one), ...(key === undefined ? {} : { idempotencyKey: key }) },
      );
      if (accepted.kind !== "accepted") throw new Error(`${one.feed}: ${JSON.stringify(accepted)}`);
      const identity = createIdentityPort({ store, suite, now, allowTestRegions: true });
      const limits = { entries: 100, inFlight: 3, checkpointMs: 10_000, giveBackMs: 0 };
      const deps = { store, scheduler, landing, suite, now, identity, mapExport, limits };
      await runIngest(check === undefined ? deps : { ...deps, check }, accepted.id);
      for (const { id = "" } of tasks("orphan-row")) await runOrphans(deps, id);
      for (const { id = "" } of tasks("patient-move")) await runMove(deps, id);
      const state = await exportState({ store, landing }, { client, id: accepted.id });
      if (state?.status !== "completed") throw new Error(`${one.feed}: ${state?.status}`);
      return state;
    },
  };
}

export type WholeRegion = ReturnType<typeof createWholeRegion>;

async function* contents({ files }: Omit<SampleExport, "name">) {
  for (const { name, bytes } of files) yield { name, content: once(bytes) };
}

async function* once(bytes: Buffer) {
  yield bytes;
}
