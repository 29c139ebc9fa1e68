import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Task } from "@medplum/fhirtypes";
import { waitFor } from "../../scripts/client/wait-for.ts";
import type { Person } from "../../scripts/sample/people.ts";
import { systems } from "../../src/fhir/systems.ts";
import { residentsWhoGranted } from "../flow/people.ts";
import { backMs, type FaultEngine, startFaultEngine } from "./engine.ts";
import { allWorkDone, askLookups, differing, openTasks } from "./ledger.ts";
import { deliverLarge } from "./volume.ts";

let engine: FaultEngine;
let people: Person[];
beforeAll(async () => {
  engine = await startFaultEngine();
  people = await residentsWhoGranted(engine.world, 3, "c-town-2");
}, 180_000);
afterAll(() => engine.stop(), 60_000);

describe("the worker is killed", () => {
  it("in the middle of lookups: each that was accepted runs once, none is lost", async () => {
    const { world, servers } = engine;
    const asking = askLookups(world, people, { count: 90, atOnce: 12, institution: "c-town-2" });
    const inHand = (open: readonly Task[]) => open.filter((task) => task.status === "in-progress").length;
    await waitFor(
      "lookups in the worker's hands",
      () => openTasks(world),
      (open) => inHand(open) >= 3,
      {
        timeoutMs: 30_000,
        everyMs: 20,
      },
    );
    await servers.worker.kill();
    const { accepted, refused } = await asking;
    expect(refused).toEqual([]);
    expect(accepted.size).toBe(90);
    // Some were in its hands, others in the queue.
    expect((await openTasks(world)).map((task) => task.status)).toEqual(expect.arrayContaining(["in-progress", "requested"]));
    await servers.worker.start();
    await allWorkDone(world);
    expect(await differing(world, accepted.values())).toEqual([]);
  }, 120_000);

  it("twice in the middle of an export of nearly 2,000 resources: each resource is there once, none is written again, every row is accounted for", async () => {
    const { world, servers } = engine;
    const large = await deliverLarge(world);
    for (const share of [0.2, 0.5]) {
      await large.stored(share);
      await servers.worker.kill();
      expect((await openTasks(world)).length).toBe(1);
      await servers.worker.start();
    }
    const state = await large.finished(backMs + 60_000);
    expect(state.status).toBe("completed");
    expect(await large.effects()).toEqual({ resources: large.stands, goldens: large.residents, rewritten: [] });
    const rows = Object.values(state.report?.rows ?? {});
    expect(rows.reduce((sum, one) => sum + one.mapped, 0)).toBe(large.volume.rows);
    const { created = 0, updated = 0, unchanged = 0 } = state.counts ?? {};
    expect(created + updated + unchanged).toBe(large.volume.resources);
    expect(await openTasks(world)).toEqual([]);
    const finished = await world.store.searchAll("DEFAULT", "AuditEvent", { subtype: `${systems.auditKind}|export-finished` });
    expect(finished.filter((event) => JSON.stringify(event.entity).includes(large.id))).toHaveLength(1);
  }, 240_000);
});
