import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { aChase, type Chase, noticesOf } from "../flow/notices.ts";
import { backMs, type FaultEngine, startFaultEngine } from "./engine.ts";

let engine: FaultEngine;
let chases: Chase[];
const institution = "c-town-1";

beforeAll(async () => {
  engine = await startFaultEngine();
  chases = [];
  for (let n = 0; n < 8; n++) chases.push(await aChase(engine.world, freshResident(), institution));
}, 240_000);
afterAll(() => engine.stop(), 60_000);

describe("the worker is killed", () => {
  it("again and again while adopted results are amended: every place is told, once, and every adoption is superseded", async () => {
    const { world, servers } = engine;
    // Each step of following a change is under way for one result or the other when the worker dies.
    for (const [round, delayMs] of [150, 400, 700, 1_100].entries()) {
      for (const chase of chases.slice(2 * round, 2 * round + 2)) await chase.send("186", 120);
      await pause(delayMs);
      await servers.worker.kill();
      await servers.worker.start();
    }
    const told = await Promise.all(
      chases.map((chase) =>
        waitFor(
          "the notice",
          () => noticesOf(world, institution, chase.check),
          (notices) => notices.length > 0,
          { timeoutMs: 4 * backMs, everyMs: 500 },
        ),
      ),
    );
    expect(told.map((notices) => notices.map(({ kind, places }) => [kind, places.length]))).toEqual(
      chases.map(() => [["amended", 1]]),
    );
    expect(await Promise.all(chases.map((chase) => chase.state()))).toEqual(chases.map(() => "superseded"));
    // Nothing comes twice when everything has settled.
    await pause(6_000);
    const again = await Promise.all(chases.map((chase) => noticesOf(world, institution, chase.check)));
    expect(again.map((notices) => notices.length)).toEqual(chases.map(() => 1));
  }, 240_000);
});
