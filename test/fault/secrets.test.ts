import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { expectStatus } from "../../scripts/client/call.ts";
import { dumpDatabase } from "../../scripts/platform/postgres.js";
import type { Person } from "../../scripts/sample/people.ts";
import { makeRegionSample } from "../../scripts/sample/region-sample.ts";
import { aVisit, grant, residentKnownEverywhere } from "../flow/people.ts";
import { type FaultEngine, startFaultEngine } from "./engine.ts";

let engine: FaultEngine;
let canaries: Person[];
const dir = dirname(process.env.PLATFORM_STATE ?? "");
const dumpFile = join(dir, "dump.sql");

/** One feed of each format; the people of the others have the same kinds of documents. */
const delivered: readonly string[] = ["a-tb", "d-tb", "b-snake", "b-cda", "c-poct"];

/** Loads people whose names, numbers and phones nothing else has, and looks them up: whatever is left anywhere of them is a leak. */
beforeAll(async () => {
  engine = await startFaultEngine();
  const { world } = engine;
  const sample = makeRegionSample({ seed: `secrets/${Math.random()}`, residents: 6, days: 30, today: new Date() });
  for (const made of sample.exports.filter((one) => delivered.includes(one.feed))) await world.deliver(made);
  const looked = await residentKnownEverywhere(world);
  await expectStatus(grant(world, looked, "c-county"), 201);
  const doctor = world.doctor("c-county");
  const { id } = await expectStatus(doctor.requestLookup(looked.number, aVisit()), 202);
  await doctor.finishedLookup(id, 30_000);
  await expectStatus(doctor.results(id), 200);
  // What is refused is logged too: a number that is none, one in an address, one in a body that is no JSON.
  await doctor.requestLookup(`${looked.number.slice(0, 17)}#`, aVisit());
  await world.as("c-county", "lookups", { method: "GET", path: `/lookups/${looked.number}?identityNumber=${looked.number}` });
  canaries = [...sample.people, looked].filter((person) => person.number !== "-" && person.phone !== "-");
}, 300_000);
afterAll(async () => {
  rmSync(dumpFile, { force: true });
  await engine.stop();
}, 60_000);

describe("nobody's number or phone stands in clear", () => {
  it("in a dump of the database", () => {
    dumpDatabase({ postgres: engine.servers.postgres, file: dumpFile });
    const dump = readFileSync(dumpFile);
    const text = [dump.toString("utf8"), ...unpacked(dump)].join("\n");
    // The dump is read right: the names that hospitals show are in it.
    expect(canaries.filter(({ name }) => text.includes(name)).length).toBeGreaterThan(canaries.length / 2);
    const [someone] = canaries;
    expect(numbersIn(`${text}\n'${someone?.phone}'`, canaries)).toEqual(["a phone in a run of 11 digits"]);
    expect(numbersIn(text, canaries)).toEqual([]);
  }, 120_000);

  it("in Redis, nor a name", async () => {
    const { redis } = engine;
    const keys = await redis.keys("*");
    expect(keys.length).toBeGreaterThan(0);
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    const text = `${keys.join("\n")}\n${values.map((value) => value?.toString("latin1")).join("\n")}`;
    expect(numbersIn(text, canaries)).toEqual([]);
    for (const { name } of canaries) expect(text.includes(Buffer.from(name).toString("latin1"))).toBe(false);
  });

  it("in any log, nor a name", () => {
    const logs = readdirSync(join(dir, "logs")).map((name) => [name, readFileSync(join(dir, "logs", name), "utf8")] as const);
    expect(logs.map(([name]) => name)).toEqual(
      expect.arrayContaining(["fault-api.log", "fault-worker.log", "hapi.log", "postgres.log"]),
    );
    for (const [name, text] of logs) {
      expect({ name, found: numbersIn(text, canaries) }).toEqual({ name, found: [] });
      for (const person of canaries) expect({ name, found: text.includes(person.name) }).toEqual({ name, found: false });
    }
  });

  it("in the landing folder", () => {
    const files = readdirSync(join(dir, "landing"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(5);
    const text = files.map((file) => readFileSync(join(file.parentPath, file.name)).toString("latin1")).join("\n");
    expect(numbersIn(text, canaries)).toEqual([]);
  });
});

/** Which of these people's numbers (18 or 15 characters) and phones stand in a text. */
function numbersIn(text: string, people: readonly Person[]): string[] {
  const secrets = new Map(
    people.flatMap(({ number, phone }) => [
      [number, "an identity number"],
      [number.slice(0, 6) + number.slice(8, 17), "an identity number of 15 digits"],
      [phone, "a phone"],
    ]),
  );
  const found = new Set<string>();
  for (const [run] of text.matchAll(/\d{11,}[Xx]?/g)) {
    for (const length of [11, 15, 18]) {
      for (let at = 0; at + length <= run.length; at++) {
        const what = secrets.get(run.slice(at, at + length).toUpperCase());
        if (what !== undefined) found.add(`${what} in a run of ${run.length} digits`);
      }
    }
  }
  return [...found];
}

/** The content of compressed columns of a dump (bytea as hex, gzip inside). */
function* unpacked(dump: Buffer): Generator<string> {
  for (const [, hex] of dump.toString("latin1").matchAll(/'\\x(1f8b[0-9a-f]+)'/g)) {
    yield gunzipSync(Buffer.from(hex ?? "", "hex")).toString("utf8");
  }
}
