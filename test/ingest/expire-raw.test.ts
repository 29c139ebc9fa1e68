import { beforeEach, describe, expect, it } from "@jest/globals";
import { expireRaw } from "../../src/ingest/expire-raw.ts";
import { exportTask } from "../../src/ingest/export-task.ts";
import { mappingProgressField } from "../../src/ingest/mapping-versions/mapping-work.ts";
import type { ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { taskCode } from "../../src/work/task.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
let store: MemoryStore;
let shelf: Map<string, Date>;
/** Everything in the store is new; what is old is made so by a clock that runs ahead. */
const now = () => new Date(Date.now() + 100 * 86_400_000);
const old = new Date();
const put = async (id: string, sha256: string, status: "completed" | "failed" | "in-progress" = "completed") => {
  const task = exportTask(
    id as ResourceId,
    { feed: "a-tb", client: "a-his", files: [{ name: "a.csv", sha256, size: 1 }] },
    old,
  );
  await store.commit("DEFAULT", [{ kind: "put", resource: { ...task, status } }]);
  shelf.set(sha256, old);
};
const expire = (days = 90) =>
  expireRaw({
    store,
    suite,
    now,
    days,
    shelf: {
      landedAt: async (sha256) => shelf.get(sha256),
      remove: async (sha256) => {
        // Nothing goes that was not audited first.
        expect(store.all("DEFAULT").some(({ resourceType }) => resourceType === "AuditEvent")).toBe(true);
        shelf.delete(sha256);
      },
    },
  });

beforeEach(() => {
  store = createMemoryStore();
  shelf = new Map();
});

describe("raw files that are older than the setting keeps them", () => {
  it("go, each export with one AuditEvent; a second run finds nothing to do", async () => {
    await put("h1", "one");
    await put("h2", "two");
    expect(await expire()).toBe(2);
    expect(shelf.size).toBe(0);
    expect(store.all("DEFAULT").filter(({ resourceType }) => resourceType === "AuditEvent")).toHaveLength(2);
    await put("h3", "three");
    expect(await expire()).toBe(0); // once a day
  });

  it("stay when they are younger", async () => {
    await put("h1", "one");
    expect(await expire(120)).toBe(0);
    expect(shelf.size).toBe(1);
  });

  it("stay when they were delivered again since, or open or failed work names them", async () => {
    for (const sha of ["again", "failed", "open", "gone"]) await put(`h-${sha}`, sha);
    shelf.set("again", now());
    await put("h-f", "failed", "failed");
    await put("h-o", "open", "in-progress");
    expect(await expire()).toBe(1);
    expect([...shelf.keys()].sort()).toEqual(["again", "failed", "open"]);
  });

  it("stay when they are what a finished dry-run shows", async () => {
    await put("h1", "shown");
    const output = [mappingProgressField({ done: 1, total: 1, failed: 0, difference: "shown" })];
    const code = taskCode("mapping-dry-run");
    const tried = { resourceType: "Task", id: "d", status: "completed", intent: "order", code, output } as const;
    await store.commit("DEFAULT", [{ kind: "put", resource: { ...tried, output: [...output] } }]);
    expect(await expire()).toBe(0);
    expect([...shelf.keys()]).toEqual(["shown"]);
  });

  it("all stay while a replay is open", async () => {
    await put("h1", "one");
    await store.commit("DEFAULT", [
      {
        kind: "put",
        resource: { resourceType: "Task", id: "r", status: "requested", intent: "order", code: taskCode("mapping-replay") },
      },
    ]);
    expect(await expire()).toBe(0);
    expect(shelf.size).toBe(1);
  });
});
