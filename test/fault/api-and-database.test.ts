import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Person } from "../../scripts/sample/people.ts";
import { residentsWhoGranted } from "../flow/people.ts";
import { type FaultEngine, startFaultEngine } from "./engine.ts";
import { allWorkDone, askLookups, differing } from "./ledger.ts";

let engine: FaultEngine;
let people: Person[];
beforeAll(async () => {
  engine = await startFaultEngine();
  people = await residentsWhoGranted(engine.world, 3, "c-county");
}, 180_000);
afterAll(async () => {
  if (engine.servers.postgres.pid === undefined) await engine.servers.postgres.start();
  await engine.stop();
}, 120_000);

describe("a client that asks again under its key until it has its 202", () => {
  it("has one lookup for each request, though the API was killed twice in between", async () => {
    const { world, servers } = engine;
    const stop = new AbortController();
    const asking = askLookups(world, people, { atOnce: 6, stop: stop.signal });
    for (let kills = 0; kills < 2; kills++) {
      await pause(800);
      await servers.api.kill();
      await servers.api.start();
    }
    await pause(500);
    stop.abort();
    const { accepted, refused } = await asking;
    expect(new Set(refused)).toEqual(new Set([0]));
    expect(new Set(accepted.values()).size).toBe(accepted.size);
    await allWorkDone(world);
    expect(await differing(world, accepted.values())).toEqual([]);
  }, 120_000);

  it("has one lookup for each request, though PostgreSQL was killed under HAPI", async () => {
    const { world, servers } = engine;
    const stop = new AbortController();
    const asking = askLookups(world, people, { atOnce: 4, stop: stop.signal });
    await pause(1_500);
    await servers.postgres.kill();
    await pause(1_000);
    await servers.postgres.start();
    await pause(3_000);
    stop.abort();
    const { accepted, refused } = await asking;
    expect(refused.filter((status) => status !== 503)).toEqual([]);
    expect(accepted.size).toBeGreaterThan(10);
    await allWorkDone(world);
    expect(await differing(world, accepted.values())).toEqual([]);
  }, 120_000);
});
