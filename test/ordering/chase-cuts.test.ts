import { describe, expect, it } from "@jest/globals";
import type { AuditEvent } from "@medplum/fhirtypes";
import { createChaseWorld, hourMs, type Issued, type Published } from "./chase-world.ts";
import { code } from "./ordering-world.ts";

type World = Awaited<ReturnType<typeof createChaseWorld>>;

/** What is delivered after two institutions were shown A's result and C adopted it. */
interface Story {
  readonly issued?: readonly Issued[];
  readonly published?: readonly Published[];
}

const amended: Story = { issued: [{ order: "2", value: "186" }] };
const voided: Story = { issued: [{ order: "1", value: "86", state: "retracted" }] };
const vanished: Story = { issued: [{ order: "2", row: false }] };
const withdrawn: Story = { published: [{ order: "2", result: "withdrawn", withdrawnFrom: "2026-11-01" }] };

async function prepared(): Promise<World> {
  const world = await createChaseWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.grant({ recipients: [code("c-county"), code("b-central")] });
  await world.publish({ order: "1", result: "passed" });
  await world.deliver({ order: "1", value: "86" });
  const check = await world.check();
  expect(await world.adopt(check)).toBe("recorded");
  await world.check("b-central");
  return world;
}

/** The export as a worker takes it, and everything that follows, both searches included. */
async function live(world: World, { issued = [], published = [] }: Story): Promise<void> {
  if (issued.length > 0) await world.redeliver(...issued);
  if (published.length > 0) await world.republish(...published);
  await world.work();
  world.pass(2 * hourMs);
  await world.work();
}

/** What everybody was told in the end: ids are computed, so two ways to the same end tell the same. */
function told(world: World) {
  const notices = world.tasks("recognition-notice").map((task) => ({ id: task.id, places: task.input?.length }));
  const open = world.tasks().filter((task) => task.status === "requested" || task.status === "in-progress");
  const events = world.store
    .all("DEFAULT")
    .filter((one): one is AuditEvent => one.resourceType === "AuditEvent")
    .filter((one) => ["recognition-amended", "notice-opened"].includes(one.subtype?.[0]?.code ?? ""))
    .map((one) => `${one.subtype?.[0]?.code} ${one.id} ${one.meta?.versionId}`);
  return {
    notices: notices.sort((a, b) => (a.id ?? "").localeCompare(b.id ?? "")),
    open: open.length,
    dead: world.tasks().filter((task) => task.status === "failed").length,
    events: events.sort(),
    called: new Set(world.calls.map((call) => call.id)).size,
  };
}

describe("the worker dies at any single call to the store", () => {
  it.each([
    { said: "amended", story: amended },
    { said: "voided", story: voided },
    { said: "left out by a later issue", story: vanished },
    { said: "robbed of its certificate", story: withdrawn },
  ])(
    "while a result is $said: whoever was shown it is told, once, as if nothing had happened",
    async ({ story }) => {
      const whole = await prepared();
      whole.wire.cut(Number.POSITIVE_INFINITY, false);
      await live(whole, story);
      const expected = told(whole);
      expect(expected).toMatchObject({ open: 0, dead: 0, called: 1 });
      expect(expected.notices).toHaveLength(2);
      const calls = whole.wire.calls();
      expect(calls).toBeGreaterThan(15);

      for (let at = 1; at <= calls; at++) {
        for (const effect of [false, true]) {
          const world = await prepared();
          world.wire.cut(at, effect);
          await live(world, story).catch(() => undefined);
          world.wire.mend();
          // Killed: nothing was given back, nothing is known but what is stored.
          await live(world, story);
          expect({ at, effect, ...told(world) }).toEqual({ at, effect, ...expected });
        }
      }
    },
    300_000,
  );
});
