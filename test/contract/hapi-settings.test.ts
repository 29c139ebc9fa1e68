import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { readState } from "../../scripts/platform/state.js";

// What hapi/application.yaml and StorageTuning promise, seen from outside. The engine rests on each of these.
const base = process.env.HAPI_URL ?? "";
const unique = Date.now().toString(16);
const [alpha, beta] = [`settings-a-${unique}`, `settings-b-${unique}`];
const id = (letter: string) => `p${letter}${unique}`;
const createOnly = { "X-Upsert-Extistence-Check": "disabled" }; // spelled so by HAPI

// biome-ignore lint/suspicious/noExplicitAny: resources of all kinds, looked into freely
type Answer = { status: number; body: any };

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${base}/${path}`, {
    method,
    headers: { "content-type": "application/fhir+json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

function patient(letter: string, more: object = {}) {
  return { resourceType: "Patient", id: id(letter), ...more };
}

function observationOf(letter: string) {
  const subject = { reference: `Patient/${id(letter)}` };
  return { resourceType: "Observation", id: `o${letter}${unique}`, status: "final", code: { text: "x" }, subject };
}

beforeAll(async () => {
  for (const [index, name] of [alpha, beta].entries()) {
    const parameter = [
      { name: "id", valueInteger: 1_000_000 + (Date.now() % 1_000_000) * 2 + index },
      { name: "name", valueCode: name },
    ];
    const made = await ask("POST", "DEFAULT/$partition-management-create-partition", { resourceType: "Parameters", parameter });
    expect(made.status).toBe(200);
  }
  expect((await ask("PUT", `${alpha}/Patient/${id("a")}`, patient("a"), createOnly)).status).toBe(201);
  expect((await ask("PUT", `${beta}/Patient/${id("b")}`, patient("b"), createOnly)).status).toBe(201);
});

describe("HAPI as the engine relies on it", () => {
  it("is 8.8.0, as in the image", async () => {
    expect((await ask("GET", "DEFAULT/metadata")).body.software.version).toBe("8.8.0");
  });

  it("a create-only write of what exists is refused and changes nothing", async () => {
    const again = await ask("PUT", `${alpha}/Patient/${id("a")}`, patient("a", { active: true }), createOnly);
    expect(again.status).toBe(409);
    expect((await ask("GET", `${alpha}/Patient/${id("a")}`)).body.meta.versionId).toBe("1");
  });

  it("a transaction under a stale version stores nothing of itself", async () => {
    const task = { resourceType: "Task", id: `t${unique}`, status: "requested", intent: "order" };
    await ask("PUT", `DEFAULT/Task/${task.id}`, task, createOnly);
    const claim = (status: string) => ({
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        { resource: { ...task, status }, request: { method: "PUT", url: `Task/${task.id}`, ifMatch: 'W/"1"' } },
        {
          resource: { resourceType: "Basic", id: `${status}-${unique}`, code: { text: "x" } },
          request: { method: "PUT", url: `Basic/${status}-${unique}` },
        },
      ],
    });
    expect((await ask("POST", "DEFAULT", claim("in-progress"))).status).toBe(200);
    expect((await ask("POST", "DEFAULT", claim("completed"))).status).toBe(409);
    expect((await ask("GET", `DEFAULT/Basic/completed-${unique}`)).status).toBe(404);
  });

  it("a reference into another institution's partition is refused, into DEFAULT too", async () => {
    const hub = { ...patient("h") };
    await ask("PUT", `DEFAULT/Patient/${hub.id}`, hub, createOnly);
    for (const letter of ["b", "h"]) {
      const refused = await ask("PUT", `${alpha}/Observation/o${letter}${unique}`, observationOf(letter));
      expect(refused.status).toBe(400);
      expect(refused.body.issue[0].diagnostics).toContain("HAPI-1094");
    }
  });

  it("one partition cannot be read through another", async () => {
    expect((await ask("GET", `${beta}/Patient/${id("a")}`)).status).toBe(404);
    expect((await ask("GET", `${beta}/Patient?_id=${id("a")}`)).body.entry).toBeUndefined();
  });

  it("one search over the permitted Patients of several institutions answers at once, and fresh", async () => {
    await ask("PUT", `${alpha}/Observation/oa${unique}`, observationOf("a"), createOnly);
    const search = () => ask("GET", `_ALL/Observation?patient=Patient/${id("a")},Patient/${id("b")}`);
    expect((await search()).body.entry).toHaveLength(1);
    await ask("PUT", `${beta}/Observation/ob${unique}`, observationOf("b"), createOnly);
    expect((await search()).body.entry).toHaveLength(2);
  });

  it("audit events and provenances keep the version they speak of", async () => {
    const entity = [{ role: "source", what: { reference: `Patient/${id("a")}/_history/1` } }];
    const recorded = "2026-01-01T00:00:00Z";
    const provenance = { target: [{ reference: `Patient/${id("a")}` }], agent: [{ who: { display: "x" } }], recorded, entity };
    const kept = await ask("PUT", `${alpha}/Provenance/v${unique}`, {
      resourceType: "Provenance",
      id: `v${unique}`,
      ...provenance,
    });
    expect(kept.body.entity[0].what.reference).toBe(`Patient/${id("a")}/_history/1`);
    const stored = await ask("GET", `${alpha}/Provenance/v${unique}`);
    expect(stored.body.entity[0].what.reference).toBe(`Patient/${id("a")}/_history/1`);
  });

  it("nothing can be destroyed", async () => {
    expect((await ask("POST", `${alpha}/Patient/${id("a")}/$expunge`, { resourceType: "Parameters" })).status).toBe(405);
    const all = await ask("DELETE", "_ALL/Observation?status=final");
    expect(all.status).toBeGreaterThanOrEqual(400);
  });
});

describe("hapi/application.yaml", () => {
  const settings = readFileSync("hapi/application.yaml", "utf8");
  it.each([
    ["an unknown key", settings.replace("    max_page_size:", "    max_pages: 3\n    max_page_size:"), "hapi.fhir.maxpages"],
    ["a missing key", settings.replace(/ {4}max_page_size: .*\n/, ""), "maxPageSize is missing"],
  ])("%s fails the start, and is named", (_, changed, named) => {
    const hapi = readState(process.env.PLATFORM_STATE ?? "")?.servers.hapi;
    if (hapi === undefined) throw new Error("PLATFORM_STATE names no HAPI");
    const folder = mkdtempSync(join(tmpdir(), "hutong-settings-"));
    writeFileSync(join(folder, "application.yaml"), changed);
    const args = hapi.args.map((arg) =>
      arg.replace(/^--spring\.config\.location=.*/, `--spring.config.location=file:${folder}/`),
    );
    const failed = spawnSync(hapi.command, args, { env: { ...process.env, ...hapi.env, HAPI_PORT: "0" }, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect(failed.status).not.toBe(0);
    expect(failed.stdout + failed.stderr).toContain(named);
  });
});
