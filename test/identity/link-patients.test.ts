import { describe, expect, it } from "@jest/globals";
import type { Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { resourceReference } from "../../src/fhir/reference.ts";
import type { FhirStore } from "../../src/fhir/store.ts";
import { linksOf, newGolden } from "../../src/identity/golden-patient.ts";
import { linkPatients, type PersonInBatch } from "../../src/identity/link-patients.ts";
import { listReviews } from "../../src/identity/list-reviews.ts";
import { type IdentityNumber, parseIdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { ensureResident, readResident } from "../../src/identity/resident.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { herNumber, hisNumber, idCard, linkDeps, localPatient, noon, person, sampleNumber, suite } from "./people.ts";

const he = { ...idCard(hisNumber), name: "张三", birthDate: "1990-03-07", sex: "male" } as const;
const hisId = residentIdOf(suite, hisNumber as IdentityNumber);
const herId = residentIdOf(suite, herNumber as IdentityNumber);
const openReviews = async (store: FhirStore) => (await listReviews({ store, suite, now: () => noon })).reviews;
const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map((outcome) => outcome.kind);

describe("linking a batch", () => {
  it("finds the same person in two institutions by number and name", async () => {
    const store = createMemoryStore();
    const outcomes = await linkPatients(linkDeps(store), [
      person("a-provincial", "1", he),
      person("b-central", "9", { ...he, name: "张 三", ...idCard("990101900307001") }),
    ]);
    expect(kinds(outcomes)).toEqual(["linked", "linked"]);
    const known = await readResident(store, hisId);
    expect(known?.links.map((link) => [link.tenant, link.basis])).toEqual([
      ["a-provincial", "number"],
      ["b-central", "number"],
    ]);
    expect(store.requests.filter((request) => request.startsWith("commit"))).toEqual(["commit DEFAULT 1"]);
  });

  it("writes a golden that tells nobody who it is", async () => {
    const store = createMemoryStore();
    await linkPatients(linkDeps(store), [person("a-provincial", "1", he)]);
    const golden = await store.read("DEFAULT", "Patient", hisId);
    expect(golden).toMatchObject({ active: true, birthDate: "1990-03-07", gender: "male" });
    expect(JSON.stringify(golden)).not.toMatch(/张三|990101|name":\[/);
  });

  it("changes nothing when it comes again", async () => {
    const store = createMemoryStore();
    const people = [person("a-provincial", "1", he), person("a-provincial", "2", { name: "王五" })];
    await linkPatients(linkDeps(store), people);
    const outcomes = await linkPatients({ ...linkDeps(store), now: () => new Date("2027-01-01T00:00:00Z") }, people);
    expect(kinds(outcomes)).toEqual(["kept", "kept"]);
    for (const golden of store.all("DEFAULT")) expect(golden.meta?.versionId).toBe("1");
  });

  it("gives a person without a usable number a golden of their own", async () => {
    const store = createMemoryStore();
    const outcomes = await linkPatients(linkDeps(store), [
      person("a-provincial", "1", { name: "张三", birthDate: "1990-03-07" }),
      person("a-provincial", "2", { name: "张三", birthDate: "1990-03-07", ...idCard("990101199003070014") }),
      person("a-provincial", "3", { name: "张三", identity: { type: "passport", number: "E1234567" } }),
      person("b-central", "1", { name: "张三", birthDate: "1990-03-07" }),
    ]);
    expect(kinds(outcomes)).toEqual(Array(4).fill("provisional"));
    expect(new Set(outcomes.map((one) => ("resident" in one ? one.resident : one.kind))).size).toBe(4);
  });

  it.each([
    ["a newborn on its mother's number", { ...idCard(herNumber), name: "刘梅之女", birthDate: "2026-11-17", sex: "female" }],
    ["somebody who borrowed the card", { ...idCard(herNumber), name: "陈静", sex: "female" }],
    ["a typing error in the birth date", { ...idCard(herNumber), name: "刘梅", birthDate: "1985-06-16" }],
    ["a record without a name", { ...idCard(herNumber), birthDate: "1985-06-15" }],
  ] as const)("leaves %s unlinked for the steward, who sees both people", async (_says, facts) => {
    const store = createMemoryStore();
    const mother = person("a-provincial", "m", { ...idCard(herNumber), name: "刘梅", birthDate: "1985-06-15", sex: "female" });
    const other = person("c-county", "n", facts);
    for (const one of [mother, other]) await store.commit(one.tenant, [{ kind: "put", resource: localPatient(one) }]);
    const outcomes = await linkPatients(linkDeps(store), [mother, other]);
    expect(kinds(outcomes)).toEqual(["linked", "review"]);
    expect((await readResident(store, herId))?.links).toHaveLength(1);
    const [review, ...more] = await openReviews(store);
    expect(more).toEqual([]);
    expect(review).toMatchObject({
      person: { institution: "c-county", patient: other.patientId, identity: { masked: "99**************8X" } },
      linked: [{ institution: "a-provincial", name: "刘梅", birthDate: "1985-06-15", basis: "number" }],
    });
    expect(JSON.stringify(review)).not.toContain(herNumber);
  });

  it("shows the steward both people when neither could be linked", async () => {
    const store = createMemoryStore();
    const people = [person("a-provincial", "1", { ...he, sex: "female" }), person("b-central", "2", { ...he, name: "不详" })];
    await linkPatients(linkDeps(store), people);
    const reviews = await openReviews(store);
    expect(reviews.map((review) => [review.reasons, review.waiting.map((one) => one.institution)])).toEqual([
      [["sex-differs"], ["b-central"]],
      [["name-unknown"], ["a-provincial"]],
    ]);
  });

  it("shows the rest of the list when one record's sealed number was moved from another", async () => {
    const store = createMemoryStore();
    const waiting = ["1", "2"].map((key) => person("b-central", key, { ...he, birthDate: "1990-07-03" }));
    const [first, second] = waiting.map((one) => localPatient(one)) as [Patient, Patient];
    await store.createMissing("b-central" as InstitutionCode, [{ ...second, id: first.id ?? "" }, second]);
    await linkPatients(linkDeps(store), waiting);
    const shown = (await openReviews(store)).map(({ person: one }) => [one.name, one.identity?.masked, one.unreadable]);
    expect(shown).toEqual([
      ["张三", undefined, true],
      ["张三", "99**************15", undefined],
    ]);
  });

  it("opens one review however often the record comes, and drops it from the list once the record agrees", async () => {
    const store = createMemoryStore();
    const wrong = person("b-central", "2", { ...he, birthDate: "1990-07-03" });
    for (let time = 0; time < 3; time++) await linkPatients(linkDeps(store), [wrong]);
    expect(await openReviews(store)).toHaveLength(1);
    expect(kinds(await linkPatients(linkDeps(store), [person("b-central", "2", he)]))).toEqual(["linked"]);
    expect(await openReviews(store)).toEqual([]);
  });

  it("takes a link back when the record is corrected to somebody else, and never a steward's", async () => {
    const store = createMemoryStore();
    const own = person("b-central", "2", he);
    await linkPatients(linkDeps(store), [person("a-provincial", "1", he), own]);
    const other = { ...own, facts: { ...own.facts, name: "李四" } };
    expect(kinds(await linkPatients(linkDeps(store), [other]))).toEqual(["review"]);
    expect((await readResident(store, hisId))?.links.map((link) => link.tenant)).toEqual(["a-provincial"]);

    const golden = (await store.read("DEFAULT", "Patient", hisId)) as Patient;
    const bySteward = JSON.parse(JSON.stringify(golden).replace('"number"', '"steward"')) as Patient;
    await store.commit("DEFAULT", [{ kind: "update", resource: bySteward, ifMatch: golden.meta?.versionId ?? "" }]);
    expect(kinds(await linkPatients(linkDeps(store), [person("a-provincial", "1", { ...he, name: "李四" })]))).toEqual([
      "kept",
    ]);
  });

  it("keeps the only record of a person linked when its name is corrected, and knows them by the new name", async () => {
    const store = createMemoryStore();
    await linkPatients(linkDeps(store), [person("a-provincial", "1", { ...he, name: "张叁" })]);
    expect(kinds(await linkPatients(linkDeps(store), [person("a-provincial", "1", he)]))).toEqual(["linked"]);
    expect(kinds(await linkPatients(linkDeps(store), [person("b-central", "2", he)]))).toEqual(["linked"]);
    expect((await readResident(store, hisId))?.links).toHaveLength(2);
  });

  it("completes a golden that a consent made before any record came", async () => {
    const store = createMemoryStore();
    await ensureResident(store, hisId);
    await ensureResident(store, hisId);
    expect(await readResident(store, hisId)).toEqual({ resident: hisId, all: [hisId], links: [] });
    await linkPatients(linkDeps(store), [person("a-provincial", "1", he)]);
    expect(await store.read("DEFAULT", "Patient", hisId)).toMatchObject({ birthDate: "1990-03-07", meta: { versionId: "2" } });
  });

  it("follows a golden that was replaced", async () => {
    const store = createMemoryStore();
    const other = (id: ResidentId) =>
      resourceReference<Patient>({ tenant: "DEFAULT", type: "Patient", id: id as string as ResourceId });
    const hers = parseIdentityNumber(herNumber, { allowTestRegions: true, today: noon });
    if (hers.kind !== "valid") throw new Error(hers.reason);
    const ofHers = newGolden(herId, { facts: hers, suite });
    await store.createMissing("DEFAULT", [
      { resourceType: "Patient", id: hisId, link: [{ type: "replaced-by", other: other(herId) }] },
      { ...ofHers, link: [{ type: "replaces", other: other(hisId) }] },
    ]);
    const [outcome] = await linkPatients(linkDeps(store), [person("a-provincial", "1", he)]);
    expect(outcome).toMatchObject({ kind: "linked", resident: herId });
    // What the standing golden's own number implies stays.
    const { identifier, birthDate } = (await store.read("DEFAULT", "Patient", herId)) as Patient;
    expect({ identifier, birthDate }).toEqual({ identifier: ofHers.identifier, birthDate: "1985-06-15" });
    for (const asked of [hisId, herId])
      expect(await readResident(store, asked)).toMatchObject({
        resident: herId,
        all: [herId, hisId],
        links: [{ tenant: "a-provincial" }],
      });
  });

  it("knows nobody in a ring of replacements", async () => {
    const store = createMemoryStore();
    const link = (id: ResidentId): Patient["link"] => [
      { type: "replaced-by", other: resourceReference({ tenant: "DEFAULT", type: "Patient", id: id as string as ResourceId }) },
    ];
    await store.createMissing("DEFAULT", [
      { resourceType: "Patient", id: hisId, link: link(herId) ?? [] },
      { resourceType: "Patient", id: herId, link: link(hisId) ?? [] },
    ]);
    expect(await readResident(store, hisId)).toBeUndefined();
  });
});

describe("parallel feeds", () => {
  const numbers = Array.from({ length: 12 }, (_, index) => sampleNumber(index));

  it("never lose each other's link", async () => {
    const store = createMemoryStore();
    store.beforeCommit(() => new Promise((resolve) => setImmediate(resolve)));
    const tenants = ["a-provincial", "b-central", "c-county", "c-town-1", "c-town-2"];
    const feeds = tenants.flatMap((tenant) => [
      numbers.map((number, index) => person(tenant, `x${index}`, { ...idCard(number), name: `甲${index}` })),
      numbers.toReversed().map((number, index) => person(tenant, `y${index}`, { ...idCard(number), name: `甲${11 - index}` })),
    ]);
    await Promise.all(feeds.map((people) => linkPatients(linkDeps(store), people)));
    for (const number of numbers) {
      const known = await readResident(store, residentIdOf(suite, number as IdentityNumber));
      expect(known?.links.map((link) => link.tenant).sort()).toEqual(tenants.flatMap((tenant) => [tenant, tenant]).sort());
    }
  });

  it("give up with a fault to try again, rather than lose a link or go on for ever", async () => {
    const store = createMemoryStore();
    await ensureResident(store, hisId);
    let version = 0;
    store.beforeCommit(async (_tenant, writes) => {
      if (writes.some((write) => write.kind === "put")) return;
      const current = await store.read("DEFAULT", "Patient", hisId);
      await store.commit("DEFAULT", [
        { kind: "put", resource: { ...current, id: hisId, language: `zh-${version++}` } as Patient },
      ]);
    });
    const deps = { ...linkDeps(store), random: () => 0 };
    await expect(linkPatients(deps, [person("a-provincial", "1", he)])).rejects.toMatchObject({ code: "store-down" });
  });
});

describe("however deliveries are shuffled and split", () => {
  const names = ["张三", "李四", "不详"];
  const record = fc.record({
    tenant: fc.constantFrom("a-provincial", "b-central", "c-county"),
    number: fc.constantFrom(hisNumber, herNumber),
    name: fc.constantFrom(...names),
    birthDate: fc.constantFrom("1990-03-07", "1985-06-15", undefined),
  });

  it("everybody is linked or waits, and a steward sees every two people who disagree on one number", async () => {
    const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batches, async (batchesOfRecords) => {
        const store = createMemoryStore();
        let key = 0;
        const deliveries = batchesOfRecords.map((records) =>
          records.map(({ tenant, number, name, birthDate }) =>
            person(tenant, String(key++), { ...idCard(number), name, ...(birthDate === undefined ? {} : { birthDate }) }),
          ),
        );
        await Promise.all(deliveries.map((people) => linkPatients(linkDeps(store), people)));
        await everybodyIsSeen(store, deliveries.flat());
      }),
      { numRuns: 60 },
    );
  });
});

async function everybodyIsSeen(store: ReturnType<typeof createMemoryStore>, people: readonly PersonInBatch[]) {
  const reviews = await openReviews(store);
  const linked = store.all("DEFAULT").flatMap((one) => (one.resourceType === "Patient" ? linksOf(one) : []));
  for (const one of people) {
    const isLinked = linked.some((link) => link.patientId === one.patientId);
    expect(reviews.some((review) => review.person.patient === one.patientId)).toBe(!isLinked);
  }
  for (const review of reviews) {
    const number = people.find((one) => one.patientId === review.person.patient)?.facts.identity?.number;
    const sameNumber = people.filter((one) => one.facts.identity?.number === number).map((one) => one.patientId);
    const seen = [review.person, ...review.linked, ...review.waiting].map((one) => one.patient as ResourceId);
    expect(seen.sort()).toEqual(sameNumber.sort());
  }
}
