import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Call, call } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import type { Person } from "../../scripts/sample/people.ts";
import { residentsWhoGranted } from "../flow/people.ts";
import { backMs, type FaultEngine, startFaultEngine } from "./engine.ts";
import { allWorkDone, askLookups, differing, openTasks } from "./ledger.ts";
import { deliverLarge } from "./volume.ts";

let engine: FaultEngine;
let people: Person[];
beforeAll(async () => {
  engine = await startFaultEngine();
  people = await residentsWhoGranted(engine.world, 3, "c-county");
}, 180_000);
afterAll(async () => {
  if (engine.servers.hapi.pid === undefined) await engine.servers.hapi.start();
  await engine.stop();
}, 180_000);

describe("HAPI is killed while lookups and an export run", () => {
  it("every door answers 503 within 5 s; what was accepted is done once, within 20 s of HAPI's start; nothing is lost", async () => {
    const { world, servers } = engine;
    const { hapi } = servers;
    const requests = await storeRequests();
    const large = await deliverLarge(world);
    const stop = new AbortController();
    const asking = askLookups(world, people, { atOnce: 3, stop: stop.signal });
    await large.stored(0.3);
    await hapi.kill();

    for (const request of requests) {
      const { status, headers, body, ms } = await call(world.platform, request);
      expect({ path: request.path, status, body }).toMatchObject({ status: 503 });
      expect(headers.get("retry-after")).toMatch(/^\d+$/);
      expect(JSON.stringify(body)).toMatch(/does not answer/);
      expect(ms).toBeLessThan(5_000);
    }
    const ready = await call(world.platform, { method: "GET", path: "/readyz" });
    expect(ready).toMatchObject({ status: 503, body: { status: "down", store: "down", queue: "up" } });
    expect((await call(world.platform, { method: "GET", path: "/healthz" })).status).toBe(200);
    await pause(3_000);

    await hapi.start();
    const up = Date.now();
    await waitFor(
      "the engine to be ready",
      () => call<{ status: string }>(world.platform, { method: "GET", path: "/readyz" }),
      ({ body }) => body.status === "ready",
      { timeoutMs: backMs },
    );
    await pause(1_000);
    stop.abort();
    const ledger = await asking;
    expect(ledger.accepted.size).toBeGreaterThan(20);
    expect(ledger.refused.length).toBeGreaterThan(0);
    expect(ledger.refused.filter((status) => status !== 503)).toEqual([]);
    expect(ledger.longestMs).toBeLessThan(10_000);

    const state = await large.finished(backMs + 60_000);
    expect(state.status).toBe("completed");
    await allWorkDone(world);
    expect(await openTasks(world)).toEqual([]);
    expect(await differing(world, ledger.accepted.values())).toEqual([]);
    expect(await large.effects()).toEqual({ resources: large.stands, goldens: large.residents, rewritten: [] });
    expect(Date.now() - up).toBeLessThan(backMs + 60_000);
  }, 400_000);
});

/** One request for every door that needs the store, with tokens fetched while it was there. */
async function storeRequests(): Promise<Call[]> {
  const { world } = engine;
  const [person] = people as [Person];
  const resident = { identityNumber: person.number };
  const visit = { number: "V1", department: "内科", kind: "outpatient", start: "2026-01-01T08:00:00+08:00" };
  const lookups = await world.signIn.client("c-county", "lookups");
  const mine = await world.signIn.resident(person.number);
  const known = (await world.doctor("c-county").requestLookup(person.number, visit as never)).body.id;
  const form = new FormData();
  form.append("file", new Blob(["x"]), "TB_LIS_REPORT_1.csv");
  const consent = {
    ...{ recipients: ["c-county"], categories: ["lab"], purposes: ["TREAT"] },
    period: { start: "2026-01-01", end: "2030-01-01" },
  };
  return [
    { method: "POST", path: "/lookups", token: lookups, json: { resident, categories: ["lab"], visit, purpose: "TREAT" } },
    { method: "GET", path: `/lookups/${known}`, token: lookups },
    { method: "GET", path: `/lookups/${known}/results`, token: lookups },
    { method: "POST", path: "/exports/a-tb", token: await world.signIn.client("a-his", "exports"), form },
    { method: "POST", path: "/consents", token: mine, json: consent },
    { method: "GET", path: "/access-log", token: mine },
    {
      ...{ method: "POST", path: "/recognitions/check", token: await world.signIn.client("c-county", "recognitions") },
      json: { resident, visit, orders: [{ id: "1", item: "creatinine" }] },
    },
    { method: "GET", path: "/identity/reviews", token: await world.signIn.client("steward", "identity-review") },
  ];
}
