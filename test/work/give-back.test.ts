import { describe, expect, it } from "@jest/globals";
import type { Task } from "@medplum/fhirtypes";
import { Fault } from "../../src/kernel/fault.ts";
import { type Claim, claimTask } from "../../src/work/claim-task.ts";
import { giveBackAfter } from "../../src/work/give-back.ts";
import { attemptOf, taskCode } from "../../src/work/task.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const now = () => new Date("2026-11-20T12:00:00Z");
const task: Task = { resourceType: "Task", id: "h1", status: "requested", intent: "order", code: taskCode("ingest") };

async function claimed() {
  const store = createMemoryStore();
  await store.commit("DEFAULT", [{ kind: "put", resource: task }]);
  const claim = (await claimTask(store, "h1", now())) as Claim;
  const stored = async () => {
    const found = (await store.read("DEFAULT", "Task", "h1")) as Task;
    return [found.status, attemptOf(found)];
  };
  return { store, claim, stored, deps: { store, now } };
}

describe("after an attempt that failed", () => {
  const [outage, other] = [new Fault("store-down"), new Fault("landing-failed")];
  it.each<[said: string, error: unknown, signal: AbortSignal | undefined, after: unknown[]]>([
    ["an outage of the store gives it back", outage, undefined, ["requested", 0]],
    ["a stop gives it back, whatever was thrown", other, AbortSignal.abort(), ["requested", 0]],
    ["any other error counts", other, undefined, ["in-progress", 1]],
    ["an error nobody knows counts", new Error("unknown"), undefined, ["in-progress", 1]],
  ])("%s", async (_, error, signal, after) => {
    const { deps, claim, stored } = await claimed();
    await giveBackAfter(error, deps, claim, { signal });
    expect(await stored()).toEqual(after);
  });

  it("while the store is away it is tried once, and left to the sweeper", async () => {
    const { store, deps, claim, stored } = await claimed();
    store.down();
    await giveBackAfter(outage, deps, claim);
    store.up();
    expect(await stored()).toEqual(["in-progress", 1]);
  });

  it("or for as long as is said, until the store is back", async () => {
    const { store, deps, claim, stored } = await claimed();
    store.down();
    setTimeout(() => store.up(), 100);
    await giveBackAfter(outage, deps, claim, { forMs: 5_000 });
    expect(await stored()).toEqual(["requested", 0]);
  });

  it("somebody else's claim is left alone", async () => {
    const { store, deps, claim, stored } = await claimed();
    await claimTask(store, "h1", now());
    await giveBackAfter(outage, deps, claim, { forMs: 5_000 });
    expect(await stored()).toEqual(["in-progress", 2]);
  });
});
