import { describe, expect, it } from "@jest/globals";
import type { Task } from "@medplum/fhirtypes";
import { sweepOpen, sweepWaiting } from "../../src/work/sweep.ts";
import { type TaskKind, taskCode } from "../../src/work/task.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const aTask = (id: string, kind: TaskKind, status: Task["status"], more: Partial<Task> = {}): Task => ({
  resourceType: "Task",
  id,
  status,
  intent: "order",
  code: taskCode(kind),
  ...more,
});

async function sweeping(tasks: Task[]) {
  const store = createMemoryStore();
  await store.commit(
    "DEFAULT",
    tasks.map((resource) => ({ kind: "put", resource })),
  );
  const scheduled: [string, string, number][] = [];
  const reconsidered: string[] = [];
  const deps = {
    store,
    scheduler: {
      async schedule(kind: TaskKind, id: string, priority: number) {
        scheduled.push([kind, id, priority]);
      },
    },
    reconsider: {
      async lookup(task: Task) {
        reconsidered.push(task.id ?? "");
      },
    },
  };
  return { deps, scheduled, reconsidered };
}

describe("the sweeper", () => {
  it("queues every open Task of the machine, emergency lookups first, and nothing that waits or is closed", async () => {
    const { deps, scheduled } = await sweeping([
      aTask("t-new", "lookup", "requested"),
      aTask("t-urgent", "lookup", "requested", { priority: "stat" }),
      aTask("t-running", "ingest", "in-progress"),
      aTask("t-waiting", "lookup", "on-hold"),
      aTask("t-done", "lookup", "completed"),
      aTask("t-review", "identity-review", "requested"),
    ]);
    expect(await sweepOpen(deps)).toBe(3);
    expect(scheduled.sort()).toEqual([
      ["ingest", "t-running", 100],
      ["lookup", "t-new", 10],
      ["lookup", "t-urgent", 1],
    ]);
  });

  it("asks the condition of waiting Tasks again, of the kinds that have one", async () => {
    const { deps, reconsidered } = await sweeping([
      aTask("t-waiting", "lookup", "on-hold"),
      aTask("t-review", "identity-review", "on-hold"),
    ]);
    expect(await sweepWaiting(deps, new Date("2026-11-20T12:00:00Z"))).toBe(1);
    expect(reconsidered).toEqual(["t-waiting"]);
  });
});
