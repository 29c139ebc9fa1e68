import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { expectStatus } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { certificateExport, certificateRows } from "../../scripts/sample/certificates.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later, minuteMs } from "../../scripts/sample/time.ts";
import { changesOf } from "../../src/work/result-change.ts";
import { taskKindTokens } from "../../src/work/task.ts";
import { flowWorld, type World } from "../platform.ts";
import { aChase, type Chase, noticesOf } from "./notices.ts";
import { found, grant } from "./people.ts";

let world: World;
beforeAll(async () => {
  world = flowWorld();
  await world.deliver(certificateExport(certificateRows(new Date()), later(new Date(), -30 * dayMs)));
}, 120_000);
afterAll(() => world.close());

/** The Tasks that follow changes of this report. */
async function following(reportNumber: string): Promise<string[]> {
  const tasks = await world.store.searchAll("DEFAULT", "Task", { code: taskKindTokens("result-changed") });
  const identifier = `urn:hutong:a-provincial:lab-report|${reportNumber}`;
  const reports = await world.store.searchAll("a-provincial" as never, "DiagnosticReport", { identifier });
  const heads = new Set(reports.map((one) => `DiagnosticReport/${one.id}`));
  return tasks.flatMap((task) =>
    (changesOf(task) ?? []).some((one) => one.kind === "sheet" && heads.has(one.head)) ? [task.id ?? ""] : [],
  );
}

describe("a result that was adopted at another institution and is amended at its source", () => {
  let chase: Chase;
  let person: Person;
  beforeAll(async () => {
    person = freshResident();
    chase = await aChase(world, person, "c-county");
  }, 60_000);

  it("opens no work while it is only issued again as it was", async () => {
    await chase.issue("86", 60);
    expect(await following(chase.reportNumber)).toEqual([]);
  });

  it("is told to that institution, with visit and order, and its adoption is superseded", async () => {
    expect(await chase.state()).toBe("adopted");
    await chase.issue("186", 120);
    const [notice, ...more] = await waitFor(
      "the notice",
      () => noticesOf(world, "c-county", chase.check),
      (notices) => notices.length > 0,
      { timeoutMs: 20_000 },
    );
    expect(more).toEqual([]);
    expect(notice).toMatchObject({
      kind: "amended",
      about: expect.stringMatching(/^a-provincial\/DiagnosticReport\//),
      places: [{ how: "amended", check: chase.check, visit: chase.visit, orders: [{ order: "o1", adopted: true }] }],
    });
    expect(await chase.state()).toBe("superseded");
  });

  it("stands in the resident's access log", async () => {
    const log = world.asResident<{ entries: { kind: string; told?: unknown }[] }>(person.number, {
      method: "GET",
      path: "/access-log",
    });
    const { entries } = await expectStatus(log, 200);
    expect(entries.filter((one) => one.kind === "notice-opened")).toMatchObject([
      { told: { institution: "c-county", why: "amended" } },
    ]);
  });

  it("is taken note of by that institution alone; the operator sees that it waits, and no place", async () => {
    const [notice] = await noticesOf(world, "c-county", chase.check);
    const path = `/notices/${notice?.id}/acknowledge`;
    expect((await world.as("b-central", "recognitions", { method: "POST", path })).status).toBe(404);
    const { notices } = await expectStatus(
      world.as<{ notices: { id: string; places: unknown[] }[] }>("operator", "operate", { method: "GET", path: "/notices" }),
      200,
    );
    expect(notices.find((one) => one.id === notice?.id)).toMatchObject({ places: [] });
    for (const _ of ["first", "again"])
      expect(await expectStatus(world.as<object>("c-county", "recognitions", { method: "POST", path }), 200)).toMatchObject({
        state: "acknowledged",
      });
    expect(await noticesOf(world, "c-county", chase.check)).toEqual([]);
  });
});

describe("a result that is voided at its source", () => {
  it("is told as voided, also to who read it by a lookup", async () => {
    const person = freshResident();
    const chase = await aChase(world, person, "c-county");
    await expectStatus(grant(world, person, "c-town-2"), 201);
    await found(world, person);
    await chase.issue("86", 60, "retracted");
    const [notice] = await waitFor(
      "the notice",
      () => noticesOf(world, "c-county", chase.check),
      (notices) => notices.length > 0,
      { timeoutMs: 20_000 },
    );
    expect(notice).toMatchObject({ kind: "voided" });
    const all = await world.as<{ notices: { places: { lookup?: string; evidence: string }[] }[] }>("c-town-2", "recognitions", {
      method: "GET",
      path: "/notices",
    });
    const about = (notice?.about ?? "") as string;
    expect(all.body.notices.flatMap((one) => one.places).filter((place) => place.evidence.startsWith(about))).toMatchObject([
      { lookup: expect.any(String) },
    ]);
    expect(await chase.state()).toBe("superseded");
  }, 60_000);
});

describe("an export of results for the first time", () => {
  it("opens no work that follows a change", async () => {
    const reportNumber = String(Math.floor(1e8 * (1 + Math.random())));
    const at = later(new Date(), -2 * dayMs);
    await world.deliver(
      labExportOfA(freshResident(), [{ item: "CREA", value: "80" }], at, { reportNumber, reviewedAt: later(at, 9 * minuteMs) }),
    );
    expect(await following(reportNumber)).toEqual([]);
  });
});
