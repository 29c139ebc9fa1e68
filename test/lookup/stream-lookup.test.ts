import { describe, expect, it } from "@jest/globals";
import { runLookup } from "../../src/lookup/run-lookup.ts";
import type { LookupEvent } from "../../src/lookup/stream-lookup.ts";
import { streamLookup } from "../../src/lookup/stream-lookup.ts";
import { asker, createLookupWorld, stranger } from "../fakes/lookup-world.ts";

async function prepared() {
  const world = createLookupWorld();
  await world.link("a-provincial", "b-central");
  await world.labReport("a-provincial", "a1");
  const granted = await world.grant();
  const answer = await world.ask();
  if (answer.kind !== "accepted" || granted.kind !== "granted") throw new Error("not prepared");
  return { world, id: answer.id, consent: granted.consent.id ?? "" };
}

/** Follows a stream to its end; `seen` is told each event as it comes. */
async function follow(
  events: AsyncIterable<LookupEvent> | undefined,
  seen: (event: LookupEvent) => void | Promise<void> = () => {},
) {
  const all: string[] = [];
  for await (const event of events ?? []) {
    all.push(event.event === "done" ? `done ${event.data.status}` : `${event.event} ${event.data.source}`);
    await seen(event);
  }
  return all;
}

const open = (world: ReturnType<typeof createLookupWorld>, id: string, signal = new AbortController().signal) =>
  streamLookup(world.deps, { id, reader: asker, signal });

describe("a lookup's stream", () => {
  it("tells a line for every source, a block where there is data, and the end; each source is a reading of its own", async () => {
    const { world, id } = await prepared();
    await world.work();
    expect(await follow(await open(world, id))).toEqual([
      "line a-provincial",
      "block a-provincial",
      "line b-central",
      "done completed",
    ]);
    expect(world.events("disclosure")).toHaveLength(2);
  });

  it("opened before the lookup runs, tells what comes as it comes", async () => {
    const { world, id } = await prepared();
    const following = follow(await open(world, id));
    await world.work();
    expect((await following).at(-1)).toBe("done completed");
  });

  it("shows what is there while another source is still being asked", async () => {
    const { world, id } = await prepared();
    let slowDown = () => {};
    const slow = new Promise<void>((resolve) => {
      slowDown = resolve;
    });
    const running = runLookup(
      {
        ...world.deps,
        sources: {
          ...world.deps.sources,
          endpointOf: (code) => (code === "b-central" ? { kind: "fhir", url: "https://b.example" } : { kind: "hosted" }),
          remote: {
            async search() {
              await slow;
              return { kind: "found", resources: [], more: false };
            },
          },
        },
      },
      id,
    );
    const events = await follow(await open(world, id), (event) => {
      if (event.event === "block") slowDown();
    });
    await running;
    expect(events).toEqual(["line a-provincial", "block a-provincial", "line b-central", "done completed"]);
  });

  it("falls silent when consent is withdrawn while a block is being sent, and the cut is audited", async () => {
    const { world, id, consent } = await prepared();
    await world.work();
    const hangUp = new AbortController();
    const events = await follow(await open(world, id, hangUp.signal), async (event) => {
      if (event.event !== "block") return;
      await world.withdraw(consent);
      await new Promise((resolve) => event.data.reading.revoked.addEventListener("abort", resolve));
      await event.data.reading.ended("cut");
      hangUp.abort();
    });
    expect(events).toEqual(["line a-provincial", "block a-provincial", "done waiting"]);
    expect(world.events("disclosure-cut")).toHaveLength(1);
    expect(world.events("disclosure")).toHaveLength(1);
    expect(await follow(await open(world, id, AbortSignal.abort()))).toEqual(["done waiting"]);
  });

  it("does not exist for another institution", async () => {
    const { world, id } = await prepared();
    expect(await streamLookup(world.deps, { id, reader: stranger, signal: new AbortController().signal })).toBeUndefined();
  });

  it("leaves nobody watching when the reader goes away in the middle of a block", async () => {
    const { world, id } = await prepared();
    await world.work();
    for await (const event of (await open(world, id)) ?? []) if (event.event === "block") break;
    world.store.requests.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(world.store.requests).toEqual([]);
  });
});
