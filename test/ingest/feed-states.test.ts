import { describe, expect, it } from "@jest/globals";
import type { Resource } from "@medplum/fhirtypes";
import { exportTask, progressOutput } from "../../src/ingest/export-task.ts";
import { feedLagOf, measureLag } from "../../src/ingest/feed-lag.ts";
import { feedStates } from "../../src/ingest/feed-states.ts";
import type { IngestDeps } from "../../src/ingest/ingest-deps.ts";
import type { ResourceId, Tenant } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
const tenant = "a-provincial" as Tenant;
const report = (id: string, issued?: string) =>
  ({
    resourceType: "DiagnosticReport",
    id,
    status: "final",
    code: {},
    ...(issued === undefined ? {} : { issued }),
  }) as Resource;

describe("the lag of a feed", () => {
  const measured = () => {
    const told: (readonly [string, readonly number[]])[] = [];
    const store = createMemoryStore();
    const mapExport = () => undefined;
    const deps = { store, mapExport, now: () => new Date("2026-11-20T10:10:00Z") } as unknown as IngestDeps;
    const ingest = measureLag(deps, (feed, seconds) => told.push([feed, seconds]));
    ingest.mapExport("a-tb", []);
    return { told, store, ingest };
  };
  const put = (...resources: Resource[]) => resources.map((resource) => ({ kind: "put", resource }) as const);

  it("is the time from the review to the commit of each new report, in seconds", async () => {
    const { told, ingest } = measured();
    const writes = put(report("r1", "2026-11-20T10:00:00Z"), report("r2", "2026-11-20T18:09:30+08:00"), report("r3"), {
      resourceType: "Patient",
      id: "p",
    });
    await ingest.store.commit(tenant, writes, { createOnly: true });
    expect(told).toEqual([["a-tb", [600, 30]]]);
  });

  it("is not counted when nothing was stored, for a re-issue, nor below zero", async () => {
    const { told, store, ingest } = measured();
    await ingest.store.commit(tenant, put(report("r1", "2026-11-20T10:00:00Z")), { createOnly: true });
    await ingest.store.commit(tenant, put(report("r1", "2026-11-20T10:05:00Z")), { createOnly: true });
    await ingest.store.commit(tenant, put(report("r1", "2026-11-20T10:05:00Z")));
    await ingest.store.commit(tenant, put(report("r2", "2026-11-20T10:11:00Z")), { createOnly: true });
    store.beforeCommit(() => {
      throw new Fault("store-down");
    });
    await expect(
      ingest.store.commit(tenant, put(report("r3", "2026-11-20T10:00:00Z")), { createOnly: true }),
    ).rejects.toMatchObject({ code: "store-down" });
    expect(told.map(([, seconds]) => seconds)).toEqual([[600], [0]]);
  });

  it.each([
    [[], undefined],
    [[5], { reports: 1, p50Seconds: 5, p95Seconds: 5 }],
    [Array.from({ length: 100 }, (_, at) => 100 - at), { reports: 100, p50Seconds: 50, p95Seconds: 95 }],
  ])("of %j is told as the percentiles %j", (seconds, lag) => {
    expect(feedLagOf(seconds)).toEqual(lag);
  });
});

describe("the state of the feeds", () => {
  it("tells what waits, the last export, the last success with its counts, and the lag; each feed its own", async () => {
    const store = createMemoryStore();
    const facts = (feed: string) => ({ feed, client: "x", files: [] });
    const at = new Date("2026-11-20T10:00:00Z");
    const done = exportTask("h1" as ResourceId, facts("a-tb"), at);
    await store.commit("DEFAULT", [
      {
        kind: "put",
        resource: { ...done, status: "completed", output: [progressOutput({ sheets: 2, counts: { created: 7 } })] },
      },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Of this one nothing could be read: it ended, and is no success.
    const unread = exportTask("h0" as ResourceId, facts("a-tb"), at);
    const output = [progressOutput({ sheets: 0, counts: { issues: 1 } })];
    await store.commit("DEFAULT", [{ kind: "put", resource: { ...unread, status: "completed", output } }]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await store.commit("DEFAULT", [{ kind: "put", resource: exportTask("h2" as ResourceId, facts("a-tb"), at) }]);
    await store.commit("DEFAULT", [{ kind: "put", resource: exportTask("h3" as ResourceId, facts("b-snake"), at) }]);
    const lags = { add: async () => {}, of: async (feed: string) => (feed === "a-tb" ? [60, 120] : []) };
    expect(await feedStates({ store, suite, lags }, ["a-tb", "b-snake", "c-lis"])).toEqual([
      {
        feed: "a-tb",
        waiting: { exports: 1, more: false },
        lastExport: { id: "h2", at: "2026-11-20T10:00:00.000Z", status: "requested" },
        lastSuccess: { id: "h1", at: "2026-11-20T10:00:00.000Z", status: "completed", counts: { created: 7 } },
        lag: { reports: 2, p50Seconds: 60, p95Seconds: 120 },
      },
      {
        feed: "b-snake",
        waiting: { exports: 1, more: false },
        lastExport: { id: "h3", at: "2026-11-20T10:00:00.000Z", status: "requested" },
      },
      { feed: "c-lis", waiting: { exports: 0, more: false } },
    ]);
  });
});
