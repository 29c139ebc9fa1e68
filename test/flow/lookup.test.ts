import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Bundle, Observation } from "@medplum/fhirtypes";
import { expectStatus } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import type { DoctorsSystem } from "../../scripts/story/doctor.ts";
import { flowWorld, type World } from "../platform.ts";
import { auditOf, readEvents } from "./evidence.ts";
import { aVisit, grant, residentKnownEverywhere, withoutOwnNames } from "./people.ts";

let world: World;
let person: Person;
let doctor: DoctorsSystem;
beforeAll(async () => {
  world = flowWorld();
  doctor = world.doctor("c-town-1");
  person = await residentKnownEverywhere(world);
}, 120_000);
afterAll(() => world.close());

const accepted = async (number: string, visit = aVisit()) => (await expectStatus(doctor.requestLookup(number, visit), 202)).id;
const valuesIn = (bundle: { readonly entry?: readonly { resource: unknown }[] }) =>
  (bundle as Bundle).entry
    ?.flatMap(({ resource }) =>
      resource?.resourceType === "Observation" ? [(resource as Observation).valueQuantity?.value] : [],
    )
    .sort();

describe("a lookup without consent", () => {
  it("waits, and nobody can tell it from one for a number nobody knows", async () => {
    const nobody = freshResident();
    const [one, other] = [
      await doctor.requestLookup(person.number, aVisit()),
      await doctor.requestLookup(nobody.number, aVisit()),
    ];
    expect(one.status).toBe(202);
    expect(withoutOwnNames(one)).toEqual(withoutOwnNames(other));
    const path = (id: string, tail = "") => ({ method: "GET", path: `/lookups/${id}${tail}` }) as const;
    for (const tail of ["", "/results", "/results?source=a-provincial", "/results?source=no-such-source"]) {
      const answers = await Promise.all(
        [one, other].map((answer) => world.as("c-town-1", "lookups", path(answer.body.id, tail))),
      );
      const [known, unknown] = answers.map(withoutOwnNames);
      expect(known).toEqual(unknown);
    }
    expect(await doctor.lookup(one.body.id)).toMatchObject({ status: "waiting", lines: [] });
    expect((await doctor.results(one.body.id)).status).toBe(403);
  });

  it("runs by itself when the resident grants, and holds what A, B and C know", async () => {
    const visit = aVisit();
    const id = await accepted(person.number, visit);
    expect((await doctor.lookup(id)).status).toBe("waiting");
    await expectStatus(grant(world, person, "c-town-1", visit), 201);
    const { status, lines } = await doctor.finishedLookup(id, 30_000);
    expect(status).toBe("completed");
    expect(lines.map(({ source, outcome }) => `${source} ${outcome}`)).toEqual([
      "a-provincial answered",
      "b-central answered",
      "c-county answered",
    ]);
    const bundle = await expectStatus(doctor.results(id), 200);
    expect(valuesIn(bundle)).toEqual([4.85, 5.1, 86]);
    expect(JSON.stringify(bundle)).not.toContain(person.number);
  });

  it("is not set free by a consent for another visit", async () => {
    const other = freshResident();
    const id = await accepted(other.number);
    await expectStatus(grant(world, other, "c-town-1", aVisit()), 201);
    expect((await doctor.lookup(id)).status).toBe("waiting");
    expect((await doctor.results(id)).status).toBe(403);
  });

  it("is not set free by a consent for another institution", async () => {
    const other = freshResident();
    const id = await accepted(other.number);
    await expectStatus(grant(world, other, "c-town-2"), 201);
    expect((await doctor.lookup(id)).status).toBe("waiting");
  });
});

describe("a lookup with consent", () => {
  let id: string;
  let consent: string;
  const visit = aVisit();
  beforeAll(async () => {
    consent = (await expectStatus(grant(world, person, "c-town-1", visit), 201)).id;
    id = await accepted(person.number, visit);
    await doctor.finishedLookup(id, 30_000);
  }, 60_000);

  it("can be read as server-sent events: a line and a block per source, then done", async () => {
    const events = await readEvents(world, { client: "c-town-1", path: `/lookups/${id}/events` });
    expect(events.map(({ event, data }) => `${event} ${(data as { source?: string }).source ?? ""}`.trim())).toEqual([
      ...["a-provincial", "b-central", "c-county"].flatMap((source) => [`line ${source}`, `block ${source}`]),
      "done",
    ]);
    const bundles = events.filter(({ event }) => event === "block").map(({ data }) => (data as { bundle: Bundle }).bundle);
    expect(bundles.flatMap((bundle) => valuesIn(bundle as never)).sort()).toEqual([4.85, 5.1, 86]);
  });

  it("can be read source by source", async () => {
    const { body } = await world.as<Bundle>("c-town-1", "lookups", {
      method: "GET",
      path: `/lookups/${id}/results?source=b-central`,
    });
    expect(valuesIn(body as never)).toEqual([4.85]);
  });

  it("does not exist for another institution, whose guess looks like an id that never was", async () => {
    const never = `h${"0".repeat(40)}`;
    for (const tail of ["", "/results", "/events"]) {
      const [theirs, nobodys] = await Promise.all(
        [id, never].map((one) => world.as("c-town-2", "lookups", { method: "GET", path: `/lookups/${one}${tail}` })),
      );
      expect(theirs?.status).toBe(404);
      expect(withoutOwnNames(theirs as never)).toEqual(withoutOwnNames(nobodys as never));
    }
  });

  it("names in its audit every report it showed, with its version", async () => {
    await expectStatus(doctor.results(id), 200);
    const [latest] = await auditOf(world, { kind: "disclosure", task: id });
    expect(latest?.type).toMatchObject({ system: "http://dicom.nema.org/resources/ontology/DCM", code: "110106" });
    const shown = latest?.entity?.filter((one) => /DiagnosticReport/.test(one.what?.identifier?.value ?? "")) ?? [];
    expect(shown.map((one) => one.what?.identifier?.value?.split("/")[0]).sort()).toEqual([
      "a-provincial",
      "b-central",
      "c-county",
    ]);
    for (const one of shown) expect(one.detail).toEqual([{ type: "version", valueString: "1" }]);
  });

  it("writes one disclosure for each reading, neither more nor less", async () => {
    const count = async () => (await auditOf(world, { kind: "disclosure", task: id })).length;
    const before = await count();
    await Promise.all([1, 2, 3].map(() => expectStatus(doctor.results(id), 200)));
    expect(await count()).toBe(before + 3);
  });

  it("shows the resident who looked, when, why and at what", async () => {
    const entries = await world.portal(person.number).accessLog();
    const [shown] = entries.filter((entry) => entry.kind === "disclosure");
    expect(shown).toMatchObject({ institution: "c-town-1", practitioner: "c-town-1/doctor-of-c-town-1", purpose: "TREAT" });
    expect(shown?.shown).toEqual([
      { institution: "a-provincial", count: expect.any(Number) },
      { institution: "b-central", count: expect.any(Number) },
      { institution: "c-county", count: expect.any(Number) },
    ]);
  });

  it("is refused, and the refusal audited, once the consent is withdrawn; a new lookup waits", async () => {
    const before = (await auditOf(world, { kind: "refusal", task: id })).length;
    expect(await world.portal(person.number).withdraw(consent)).toBe("withdrawn");
    const refused = await doctor.results(id);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ resourceType: "OperationOutcome" });
    expect((await auditOf(world, { kind: "refusal", task: id })).length).toBe(before + 1);
    expect(await doctor.lookup(id)).toMatchObject({ status: "waiting", lines: [] });
    const again = await accepted(person.number, visit);
    expect(await doctor.lookup(again)).toMatchObject({ status: "waiting", lines: [] });
  });
});

it("the same Idempotency-Key is the same lookup; with another request it is a conflict", async () => {
  const visit = aVisit();
  const ask = (key: string, categories: string[]) =>
    world.as<{ id: string }>("c-town-1", "lookups", {
      method: "POST",
      path: "/lookups",
      headers: { "Idempotency-Key": key },
      json: { resident: { identityNumber: person.number }, categories, visit, purpose: "TREAT" },
    });
  const key = `key-${visit.number}`;
  const [one, same] = [await ask(key, ["lab"]), await ask(key, ["lab"])];
  expect([one.status, same.status]).toEqual([202, 202]);
  expect(same.body.id).toBe(one.body.id);
  expect((await ask(key, ["imaging"])).status).toBe(409);
});

it("a result that comes after the lookup is found by the next one", async () => {
  const someone = freshResident();
  await expectStatus(grant(world, someone, "c-town-1"), 201);
  const before = await doctor.finishedLookup(await accepted(someone.number), 30_000);
  expect(before.lines).toEqual([]);
  await residentKnownEverywhere(world, someone);
  const after = await waitFor(
    "a lookup with lines",
    async () => doctor.finishedLookup(await accepted(someone.number), 30_000),
    ({ lines }) => lines.length === 3,
    { timeoutMs: 20_000 },
  );
  expect(after.status).toBe("completed");
});
