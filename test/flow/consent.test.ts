import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Bundle, Observation } from "@medplum/fhirtypes";
import { expectStatus } from "../../scripts/client/call.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { flowWorld, type World } from "../platform.ts";
import { auditOf } from "./evidence.ts";
import { aVisit, grant, residentKnownEverywhere } from "./people.ts";
import { rewritten } from "./reshape.ts";

let world: World;
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const doctor = () => world.doctor("c-town-1");
const day = (days: number) =>
  later(new Date(), -days * dayMs)
    .toISOString()
    .slice(0, 10);

async function lookUp(person: Person): Promise<string> {
  const { id } = await expectStatus(doctor().requestLookup(person.number, aVisit()), 202);
  expect((await doctor().finishedLookup(id, 30_000)).status).toBe("completed");
  return id;
}

/** Values of the results that a lookup shows, in order. */
async function shown(id: string): Promise<(number | undefined)[]> {
  const bundle = (await expectStatus(doctor().results(id), 200)) as unknown as Bundle;
  const results = bundle.entry?.flatMap(({ resource }) =>
    resource?.resourceType === "Observation" ? [resource as Observation] : [],
  );
  return (results ?? []).map((one) => one.valueQuantity?.value).sort((a, b) => Number(a) - Number(b));
}

describe("a consent", () => {
  const cases: [said: string, more: object, values: number[], sources: string[]][] = [
    ["names whose data may be looked at", { sources: ["b-central"] }, [4.85], ["b-central"]],
    ["names the dates of the data", { dataPeriod: { start: day(4) } }, [5.1, 86], ["a-provincial", "c-county"]],
    ["names the categories", { categories: ["imaging"] }, [], []],
  ];
  it.each(cases)("%s, and nothing else is shown", async (_, more, values, sources) => {
    const person = await residentKnownEverywhere(world);
    await expectStatus(grant(world, person, "c-town-1", undefined, more), 201);
    const id = await lookUp(person);
    expect(await shown(id)).toEqual(values);
    const { lines } = await doctor().lookup(id);
    expect(lines.filter((line) => line.count > 0).map((line) => line.source)).toEqual(sources);
  });

  it("does not open what its source marked sensitive, whoever it names: no consent names labels yet", async () => {
    const person = freshResident();
    const plain = labExportOfA(person, [{ item: "CREA", value: "86" }], later(new Date(), -3 * dayMs));
    const secret = labExportOfA(person, [{ item: "UA", value: "351" }], later(new Date(), -2 * dayMs));
    await world.deliver(plain);
    await world.deliver(rewritten(secret, "TB_LIS_REPORT", (row) => ({ ...row, MJ: "1" })));
    await expectStatus(grant(world, person, "c-town-1"), 201);
    expect(await shown(await lookUp(person))).toEqual([86]);
    await expectStatus(grant(world, person, "c-town-1", undefined, { sources: ["a-provincial"] }), 201);
    expect(await shown(await lookUp(person))).toEqual([86]);
  });

  it("is listed for its resident, with what was granted", async () => {
    const person = freshResident();
    const { id } = await expectStatus(grant(world, person, "c-town-1", aVisit("V77")), 201);
    const { body } = await world.asResident<{ consents: object[] }>(person.number, { method: "GET", path: "/consents" });
    expect(body.consents).toEqual([
      expect.objectContaining({
        id,
        status: "active",
        recipients: ["c-town-1"],
        visit: { institution: "c-town-1", number: "V77" },
      }),
    ]);
  });
});

describe("what leaves the hub", () => {
  it("holds no number, no phone, no index, no ciphertext, no golden id and nothing of the hub's own", async () => {
    const person = await residentKnownEverywhere(world);
    await expectStatus(grant(world, person, "c-town-1"), 201);
    const text = JSON.stringify(await expectStatus(doctor().results(await lookUp(person)), 200));
    const token = await world.signIn.resident(person.number);
    const golden = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sub as string;
    expect(golden).toMatch(/^h[0-9a-f]{40}$/);
    for (const secret of [person.number, person.phone, golden, "urn:hutong:index", "/ciphertext", "/issue", "/link-basis"])
      expect(text.includes(secret)).toBe(false);
  });
});

describe("a withdrawal", () => {
  it("is in effect at once: no reading that begins after its answer shows anything, however many are under way", async () => {
    const person = await residentKnownEverywhere(world);
    const consent = await expectStatus(grant(world, person, "c-town-1"), 201);
    const id = await lookUp(person);
    let acknowledged = Number.POSITIVE_INFINITY;
    const readings: { began: number; status: number }[] = [];
    const reader = async () => {
      while (Date.now() < acknowledged + 1_500) {
        const began = Date.now();
        // A reading that was being sent when consent ended is cut: that too is no disclosure.
        const status = await doctor()
          .results(id)
          .then(
            (answer) => answer.status,
            () => 0,
          );
        readings.push({ began, status });
      }
    };
    const reading = Promise.all([reader(), reader(), reader(), reader()]);
    await pause(500);
    await world.portal(person.number).withdraw(consent.id);
    acknowledged = Date.now();
    await reading;
    expect(readings.some(({ status }) => status === 200)).toBe(true);
    const late = readings.filter(({ began }) => began > acknowledged);
    expect(late.length).toBeGreaterThan(0);
    expect(late.filter(({ status }) => status !== 403)).toEqual([]);
    const disclosures = await auditOf(world, { kind: "disclosure", task: id });
    for (const event of disclosures) expect(Date.parse(event.recorded)).toBeLessThanOrEqual(acknowledged + 1_000);
    expect(disclosures.length).toBeGreaterThanOrEqual(readings.filter(({ status }) => status === 200).length);
  });
});
