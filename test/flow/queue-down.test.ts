import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { call, expectStatus } from "../../scripts/client/call.ts";
import { finishedExport, postExport } from "../../scripts/client/deliver-export.ts";
import { sign } from "../../scripts/client/sign-in.ts";
import { startEngine } from "../../scripts/platform/engine.js";
import type { Server } from "../../scripts/platform/server.js";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit, grant } from "./people.ts";

let world: World;
let cutOff: Server;
const person: Person = freshResident();

/** Beside the running engine, a second API that cannot reach Redis: what it accepts is stored, and only the sweeper can find it. */
beforeAll(async () => {
  world = flowWorld();
  cutOff = await startEngine({
    dir: dirname(process.env.PLATFORM_STATE ?? ""),
    role: "api",
    name: "flow-cut-off",
    hapi: { url: process.env.HAPI_URL ?? "" },
    redis: { url: "redis://127.0.0.1:1" },
    publicUrl: world.platform.api,
  });
  await expectStatus(grant(world, person, "c-county"), 201);
}, 120_000);
afterAll(async () => {
  await cutOff.stop();
  await world.close();
});

describe("an API that cannot reach Redis", () => {
  it("says so at /readyz, and is ready all the same: work waits", async () => {
    const { status, body } = await call({ api: cutOff.url }, { method: "GET", path: "/readyz" });
    expect({ status, body }).toMatchObject({ status: 200, body: { status: "degraded", store: "up", queue: "down" } });
  });

  it("accepts a lookup, and the sweeper finds it and has it run", async () => {
    const token = await world.signIn.client("c-county", "lookups");
    const json = { resident: { identityNumber: person.number }, categories: ["lab"], visit: aVisit(), purpose: "TREAT" };
    const answer = await call<{ id: string }>({ api: cutOff.url }, { method: "POST", path: "/lookups", token, json });
    expect(answer.status).toBe(202);
    expect(answer.ms).toBeLessThan(2_000);
    expect((await world.doctor("c-county").finishedLookup(answer.body.id, 20_000)).status).toBe("completed");
  });

  it("accepts an export, and the sweeper finds it and has it worked through", async () => {
    const made = labExportOfA(person, [{ item: "CREA", value: "86" }], later(new Date(), -3 * dayMs));
    const token = () => world.signIn.client("a-his", "exports");
    const { id } = await expectStatus(postExport({ ...world.platform, api: cutOff.url }, await token(), made), 202);
    expect((await finishedExport(world.platform, token, id, 30_000)).status).toBe("completed");
  });

  it("gives no tokens: whether an assertion was used before cannot be known", async () => {
    const response = await fetch(`${cutOff.url}/oidc/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        scope: "lookups",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await sign(world.platform, "c-county", { sub: "c-county" }),
      }),
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 503,
      body: { error: expect.any(String) },
    });
  });
});
