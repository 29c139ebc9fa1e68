import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation } from "@medplum/fhirtypes";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { labExportOfB } from "../../scripts/sample/fresh.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { later, minuteMs } from "../../scripts/sample/time.ts";
import type { MappingVersion, MappingWork } from "../../src/http/contract/mapping.ts";
import type { ProblemBody } from "../../src/http/contract/problem.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { flowWorld, type World } from "../platform.ts";

const tenant = "b-central" as Tenant;
const folder = "mappings/b-snake";
const began = new Date().toISOString();
// Another text each run: a version is its content, and servers may be kept from run to run.
const mark = `新版本 ${began}`;
let world: World;
let version: MappingVersion;

/** The shipped mapping of B with its laboratory template changed, as files of an upload. */
function upload(change: (template: string) => string): FormData {
  const form = new FormData();
  const add = (name: string, text: string) => form.append("file", new Blob([text]), name);
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".yaml"))) {
    const text = readFileSync(`${folder}/${name}`, "utf8");
    add(name, name === "lab-report.yaml" ? change(text) : text);
  }
  for (const name of readdirSync(`${folder}/tables`)) add(name, readFileSync(`${folder}/tables/${name}`, "utf8"));
  return form;
}

/** A newer version that also writes where a sample was taken. */
const better = (text: string) =>
  text
    // Above that of every earlier run: another text under a version that counted before is refused.
    .replace(/^version: \d+/m, `version: ${Math.floor(Date.parse(began) / 1000)}`)
    .replace(/^( +)resourceType: Observation$/m, `$1resourceType: Observation\n$1bodySite: { text: ${mark} }`);

const operate = <T>(method: "GET" | "POST", path: string, more: { json?: unknown; form?: FormData } = {}) =>
  world.as<T>("operator", "operate", { method, path, ...more });

async function work(kind: "dry-run" | "replay"): Promise<MappingWork> {
  const { body, status } = await operate<{ id: string }>("POST", `/mapping-versions/${version.id}/${kind}`, {
    json: { from: began },
  });
  expect(status).toBe(202);
  return ended(body.id);
}

const ended = async (id: string): Promise<MappingWork> =>
  waitFor(
    "mapping work",
    async () => (await operate<MappingWork>("GET", `/mapping-work/${id}`)).body,
    ({ status }) => status !== "waiting" && status !== "running",
    { timeoutMs: 120_000, everyMs: 200 },
  );

const person = freshResident();
const at = later(new Date(), -120 * minuteMs);
const delivery = (number: string) =>
  labExportOfB(
    person,
    [
      { item: "CREA", value: "86" },
      { item: "UA", value: "351" },
    ],
    at,
    { reportNumber: number },
  );

/** The results of one report, with their versions. */
async function resultsOf(number: string): Promise<Observation[]> {
  const [report] = await world.store.searchAll(tenant, "DiagnosticReport", {
    identifier: `urn:hutong:b-snake:lab-report|${number}`,
  });
  const ids = (report?.result ?? []).map((one) => one.reference?.split("/")[1] ?? "");
  return world.store.readMany(tenant, "Observation", ids);
}

const versionsOf = async (number: string) =>
  Object.fromEntries((await resultsOf(number)).map((one) => [one.id, one.meta?.versionId]));

beforeAll(async () => {
  world = flowWorld();
  await world.deliver(delivery("MV-1"));
});
afterAll(async () => {
  if (version !== undefined) await operate("POST", `/mapping-versions/${version.id}/retire`);
  await world.close();
});

describe("a new version of a mapping", () => {
  it("that does not compile is refused with file and line, and is not kept", async () => {
    const wrong = upload((text) => better(text).replace("version: ", "unheard_of: 1\nversion: "));
    const { status, body } = await operate<ProblemBody>("POST", "/mappings/b-snake", { form: wrong });
    expect(status).toBe(422);
    expect(body.problems?.[0]?.field).toMatch(/^lab-report\.yaml:\d+$/);
  });

  it("that compiles is kept as a draft, once, and changes nothing yet", async () => {
    const [once, twice] = [
      await operate<MappingVersion>("POST", "/mappings/b-snake", { form: upload(better) }),
      await operate<MappingVersion>("POST", "/mappings/b-snake", { form: upload(better) }),
    ];
    expect([once.status, twice.status]).toEqual([201, 201]);
    version = once.body;
    expect(twice.body.id).toBe(version.id);
    expect(version.status).toBe("draft");
    const { body } = await operate<{ current: { version: string } }>("GET", "/mappings/b-snake");
    expect(body.current.version).toBe("shipped");
  });

  it("is not activated before it was tried", async () => {
    const { status, body } = await operate<ProblemBody>("POST", `/mapping-versions/${version.id}/activate`, { json: {} });
    expect([status, body.problems?.[0]?.field]).toEqual([422, "id"]);
  });

  it("is tried on what was delivered: the difference names the element and counts the resources, and nothing is written", async () => {
    const before = await versionsOf("MV-1");
    const tried = await work("dry-run");
    expect(tried.status).toBe("completed");
    expect(tried.progress).toEqual({ done: 1, total: 1, failed: 0 });
    expect(tried.difference?.elements).toEqual({ "Observation.bodySite": { added: 2, changed: 0, lost: 0 } });
    expect(tried.difference?.resources.Observation).toEqual({ same: 0, changed: 2, added: 0, lost: 0 });
    expect(tried.difference?.resources.DiagnosticReport).toEqual({ same: 1, changed: 0, added: 0, lost: 0 });
    expect(await versionsOf("MV-1")).toEqual(before);
  });

  it("cannot be replayed through before it counts", async () => {
    const { status } = await operate("POST", `/mapping-versions/${version.id}/replay`, { json: { from: began } });
    expect(status).toBe(422);
  });

  it("once activated counts for the next export, without a restart of any worker", async () => {
    const { status, body } = await operate<MappingVersion>("POST", `/mapping-versions/${version.id}/activate`, { json: {} });
    expect([status, body.status]).toEqual([200, "active"]);
    await world.deliver(delivery("MV-2"));
    expect((await resultsOf("MV-2")).map((one) => one.bodySite?.text)).toEqual([mark, mark]);
    expect((await resultsOf("MV-1")).map((one) => one.bodySite?.text)).toEqual([undefined, undefined]);
  });

  it("reaches what was stored before by a replay", async () => {
    const before = await versionsOf("MV-2");
    const replayed = await work("replay");
    expect(replayed).toMatchObject({ status: "completed", progress: { done: 2, total: 2, failed: 0 } });
    expect((await resultsOf("MV-1")).map((one) => one.bodySite?.text)).toEqual([mark, mark]);
    expect(await versionsOf("MV-2")).toEqual(before);
  });

  it("a second replay changes nothing", async () => {
    const before = [await versionsOf("MV-1"), await versionsOf("MV-2")];
    expect((await work("replay")).status).toBe("completed");
    expect([await versionsOf("MV-1"), await versionsOf("MV-2")]).toEqual(before);
  });

  it("a replay can be stopped, and stays stopped", async () => {
    for (let at = 3; at < 9; at++) await world.deliver(delivery(`MV-${at}`));
    const { body } = await operate<{ id: string }>("POST", `/mapping-versions/${version.id}/replay`, { json: { from: began } });
    const stopped = await operate<MappingWork>("POST", `/mapping-work/${body.id}/stop`);
    expect([stopped.status, stopped.body.status]).toEqual([200, "stopped"]);
    await pause(3_000);
    const { body: after } = await operate<MappingWork>("GET", `/mapping-work/${body.id}`);
    expect(after.status).toBe("stopped");
    expect(after.progress?.done ?? 0).toBeLessThan(8);
  });

  it("taken back, the shipped mapping counts again", async () => {
    expect((await operate("POST", `/mapping-versions/${version.id}/retire`)).status).toBe(200);
    await world.deliver(delivery("MV-20"));
    expect((await resultsOf("MV-20")).map((one) => one.bodySite?.text)).toEqual([undefined, undefined]);
  });

  it("is for operators only", async () => {
    const { status } = await world.as("a-his", "exports", { method: "GET", path: "/mappings/b-snake" });
    expect(status).toBe(403);
  });
});
