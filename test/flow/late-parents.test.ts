import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { flowWorld, type World } from "../platform.ts";
import { cutApart, inPlace, storyOf } from "./apart.ts";

let world: World;
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const number = () => String(Math.floor(1e8 * (1 + Math.random())));

/** Waits until everything is in its place, and tells how it stands when that does not come. */
const storyInTheEnd = (reportNumber: string, at: Date) =>
  waitFor(
    "everything in place",
    () => storyOf(world, reportNumber, at),
    (told) => isDeepStrictEqual(told, inPlace),
    { timeoutMs: 60_000, everyMs: 300 },
  ).catch(() => storyOf(world, reportNumber, at));

describe("a report whose files come one by one, the worst first", () => {
  it("ends as if they had come together: rows under their report, everything under the better key", async () => {
    const at = later(new Date(), -30 * dayMs);
    const reportNumber = number();
    const files = cutApart(freshResident(), at, reportNumber);
    expect(files).toHaveLength(4);
    const [rows, ...others] = files;
    const first = await world.deliver(rows as (typeof files)[number]);
    expect(first.state.counts).toMatchObject({ waiting: 3, issues: 3 });
    expect(first.issues.map(({ code, severity }) => `${severity} ${code}`)).toEqual(
      Array.from({ length: 3 }, () => "warning waiting"),
    );
    for (const one of others) expect((await world.deliver(one)).state.status).toBe("completed");
    expect(await storyInTheEnd(reportNumber, at)).toEqual(inPlace);
  }, 120_000);

  it("ends the same in the opposite order", async () => {
    const at = later(new Date(), -31 * dayMs);
    const reportNumber = number();
    for (const one of cutApart(freshResident(), at, reportNumber).reverse()) await world.deliver(one);
    expect(await storyInTheEnd(reportNumber, at)).toEqual(inPlace);
  }, 120_000);
});
