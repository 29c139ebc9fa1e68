import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { call, expectStatus } from "../../scripts/client/call.ts";
import { postExport } from "../../scripts/client/deliver-export.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import type { Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { residentsWhoGranted } from "../flow/people.ts";
import { backMs, type FaultEngine, startFaultEngine } from "./engine.ts";
import { allWorkDone, askLookups, askOnce, differing, doneOnce, factsOf, openTasks } from "./ledger.ts";

let engine: FaultEngine;
let people: Person[];
beforeAll(async () => {
  engine = await startFaultEngine();
  people = await residentsWhoGranted(engine.world, 4, "c-county");
}, 180_000);
afterAll(() => engine.stop(), 60_000);

describe("Redis is wiped", () => {
  it("with 200 lookups open: all of them run, each once, none is lost", async () => {
    const { world, servers, redis } = engine;
    const pid = servers.worker.pid ?? 0;
    // Some are in the worker's hands when it stands still; the rest wait in the queue.
    const first = await askLookups(world, people, { count: 40, atOnce: 16 });
    process.kill(pid, "SIGSTOP");
    const rest = await askLookups(world, people, { count: 200, atOnce: 16 });
    const ids = [...first.accepted.values(), ...rest.accepted.values()];
    expect([...first.refused, ...rest.refused]).toEqual([]);
    expect(new Set(ids).size).toBe(240);
    expect((await openTasks(world)).length).toBeGreaterThanOrEqual(200);
    await redis.flushall();
    process.kill(pid, "SIGCONT");
    await allWorkDone(world);
    expect(await differing(world, ids)).toEqual([]);
  }, 180_000);

  it("takes the sealed answers with it: they are asked for again, under the same consent", async () => {
    const { world, redis } = engine;
    const doctor = world.doctor("c-county");
    const [person] = people;
    const token = await world.signIn.client("c-county", "lookups");
    const { body } = await askOnce(world, { token, person: person as Person });
    await doctor.finishedLookup(body.id, backMs);
    const before = await expectStatus(doctor.results(body.id), 200);
    await redis.flushall();
    const after = await expectStatus(doctor.results(body.id), 200);
    const resources = (bundle: typeof before) =>
      bundle.entry?.filter(({ resource }) => resource.resourceType === "Observation");
    expect(resources(after)).toEqual(resources(before));
    expect(resources(after)?.length).toBeGreaterThan(0);
  }, 60_000);

  it("a token that was given before still works, and a new one is given within seconds", async () => {
    const { world, redis } = engine;
    const old = await world.signIn.client("c-county", "lookups");
    await redis.flushall();
    expect((await askOnce(world, { token: old, person: people[0] as Person })).status).toBe(202);
    const began = Date.now();
    for (;;) {
      const fresh = await world.signIn.client("c-county", "lookups", { id: `dr-${Math.random()}` }).catch(() => undefined);
      if (fresh !== undefined) break;
      expect(Date.now() - began).toBeLessThan(backMs);
    }
  }, 60_000);
});

describe("Redis is killed", () => {
  it("lookups and exports are taken within 2 s all the same, and run when it is back", async () => {
    const { world, servers } = engine;
    const token = await world.signIn.client("c-county", "lookups");
    const supplier = await world.signIn.client("a-his", "exports");
    const made = labExportOfA(people[0] as Person, [{ item: "UA", value: "351" }], later(new Date(), -4 * dayMs));
    await servers.redis.kill();
    const answers = await Promise.all(people.map((person) => askOnce(world, { token, person })));
    expect(answers.map((answer) => answer.status)).toEqual(people.map(() => 202));
    expect(Math.max(...answers.map((answer) => answer.ms))).toBeLessThan(2_000);
    const posted = await postExport(world.platform, supplier, made);
    expect(posted.status).toBe(202);
    expect(posted.ms).toBeLessThan(2_000);
    const ready = await call(world.platform, { method: "GET", path: "/readyz" });
    expect(ready).toMatchObject({ status: 200, body: { status: "degraded", queue: "down" } });

    await servers.redis.start();
    await allWorkDone(world);
    const facts = await factsOf(
      world,
      answers.map((answer) => answer.body.id),
    );
    expect([...facts.values()]).toEqual(people.map(() => doneOnce));
  }, 90_000);

  it("or stands still, which looks like a slow one: a lookup is taken within 5 s and runs when it moves again", async () => {
    const { world, servers } = engine;
    const token = await world.signIn.client("c-county", "lookups");
    const pid = servers.redis.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    const answers = await Promise.all(people.map((person) => askOnce(world, { token, person })));
    process.kill(pid, "SIGCONT");
    expect(answers.map((answer) => answer.status)).toEqual(people.map(() => 202));
    expect(Math.max(...answers.map((answer) => answer.ms))).toBeLessThan(5_000);
    await allWorkDone(world);
    expect(
      await differing(
        world,
        answers.map((answer) => answer.body.id),
      ),
    ).toEqual([]);
  }, 60_000);

  it("what was looked up can still be read, and is still refused without consent", async () => {
    const { world, servers } = engine;
    const [person] = people as [Person];
    const doctor = world.doctor("c-county");
    const token = await world.signIn.client("c-county", "lookups");
    const { body } = await askOnce(world, { token, person });
    await doctor.finishedLookup(body.id, backMs);
    await doctor.results(body.id);
    const other = world.doctor("b-central");
    const waiting = await other.requestLookup(person.number, {
      number: "V2",
      department: "内科",
      kind: "outpatient",
      start: "2026-01-01T08:00:00+08:00",
    });
    await servers.redis.kill();
    const began = Date.now();
    const bundle = await expectStatus(doctor.results(body.id), 200);
    expect(bundle.entry?.some(({ resource }) => resource.resourceType === "Observation")).toBe(true);
    expect((await other.results(waiting.body.id)).status).toBe(403);
    expect(Date.now() - began).toBeLessThan(10_000);
    await servers.redis.start();
  }, 60_000);
});
