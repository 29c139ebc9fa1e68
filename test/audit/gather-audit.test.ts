import { describe, expect, it } from "@jest/globals";
import { auditEvent } from "../../src/audit/audit-event.ts";
import { gatherAudit } from "../../src/audit/gather-audit.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const event = (id: string) =>
  auditEvent({ id, kind: "recognition-check", at: new Date(0), outcome: "success", agent: { client: "c" } });

describe("events of many requests at once", () => {
  it("are committed at once while few come, together while others are under way, and each once", async () => {
    const store = createMemoryStore();
    const record = gatherAudit(store);
    await Promise.all(Array.from({ length: 9 }, (_, n) => record(event(`h${n}`))));
    expect(store.requests).toEqual(["commit DEFAULT 1", "commit DEFAULT 1", "commit DEFAULT 7"]);
    expect(store.all("DEFAULT")).toHaveLength(9);
  });
  it("go no more than twenty together", async () => {
    const store = createMemoryStore();
    const record = gatherAudit(store);
    await Promise.all(Array.from({ length: 45 }, (_, n) => record(event(`h${n}`))));
    expect(store.requests.map((one) => Number(one.split(" ")[2])).sort((a, b) => a - b)).toEqual([1, 1, 3, 20, 20]);
  });
  it("fail together when the store is down: no answer may leave for any of them", async () => {
    const store = createMemoryStore();
    const record = gatherAudit(store);
    store.beforeCommit(() => {
      throw new Fault("store-down");
    });
    const settled = await Promise.allSettled(Array.from({ length: 5 }, (_, n) => record(event(`h${n}`))));
    expect(settled.map((one) => one.status)).toEqual(Array(5).fill("rejected"));
    store.beforeCommit(undefined);
    await record(event("h9"));
    expect(store.all("DEFAULT")).toHaveLength(1);
  });
  it("one that the store refuses takes none of the others with it", async () => {
    const store = createMemoryStore();
    const record = gatherAudit(store);
    store.beforeCommit((_, writes) => {
      if (writes.some(({ resource }) => resource.id === "hbad")) throw new Fault("store-refused");
    });
    const settled = await Promise.allSettled(["h1", "h2", "h3", "hbad", "h4"].map((id) => record(event(id))));
    expect(settled.map((one) => one.status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });
});
