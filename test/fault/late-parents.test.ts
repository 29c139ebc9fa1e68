import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { expectStatus } from "../../scripts/client/call.ts";
import { postExport } from "../../scripts/client/deliver-export.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { cutApart, inPlace, storyOf, unsettled } from "../flow/apart.ts";
import { type FaultEngine, startFaultEngine } from "./engine.ts";

let engine: FaultEngine;
beforeAll(async () => {
  engine = await startFaultEngine();
}, 180_000);
afterAll(() => engine.stop(), 60_000);

describe("the worker is killed", () => {
  it("again and again while rows wait for their reports and people get better keys: everything finds its place, once", async () => {
    const { world, servers } = engine;
    const others = new Set(await unsettled(world)); // rows of other tests, whose reports never come
    const day = later(new Date(), -60 * dayMs);
    const reports = Array.from({ length: 12 }, (_, n) => ({
      person: freshResident(),
      number: String(Math.floor(1e8 * (1 + Math.random()))),
      at: later(day, n * 60_000),
    }));
    const files = reports.map(({ person, number, at }) => cutApart(person, at, number));
    const token = await world.signIn.client("a-his", "exports");
    for (let step = 0; step < 4; step++) {
      for (const some of files) {
        const one = some[step];
        if (one !== undefined) await expectStatus(postExport(world.platform, token, one), 202);
      }
      await servers.worker.kill();
      await servers.worker.start();
    }
    await waitFor(
      "nothing waits any more",
      () => unsettled(world),
      (open) => open.every((id) => others.has(id)),
      { timeoutMs: 200_000, everyMs: 1_000 },
    );
    const stories = await Promise.all(reports.map(({ number, at }) => storyOf(world, number, at)));
    expect(stories).toEqual(reports.map(() => inPlace));
  }, 300_000);
});
