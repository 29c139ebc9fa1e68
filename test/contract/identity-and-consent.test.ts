import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { AuditEvent } from "@medplum/fhirtypes";
import { consentsOf } from "../../src/consent/consents-of.ts";
import { decide } from "../../src/consent/decide.ts";
import { grantConsent } from "../../src/consent/grant-consent.ts";
import type { Grant } from "../../src/consent/model.ts";
import { withdrawConsent } from "../../src/consent/withdraw-consent.ts";
import { linkPatients, type OpenReviews, type PersonInBatch } from "../../src/identity/link-patients.ts";
import { listReviews } from "../../src/identity/list-reviews.ts";
import type { IdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { prepareCorrections } from "../../src/identity/prepare-corrections.ts";
import { ensureResident, readResident } from "../../src/identity/resident.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { idCard, localPatient, sampleNumber } from "../identity/people.ts";
import { connectTestHapi, type TestHapi } from "../servers.ts";

// Keys of this run alone: the goldens of its numbers are nobody else's.
const suite = createCryptoSuite({ ids: randomBytes(32), index: randomBytes(32), data: randomBytes(32) });
const now = () => new Date();
let hapi: TestHapi;

beforeAll(async () => {
  hapi = await connectTestHapi();
}, 120_000);
afterAll(() => hapi.client.close());

function person(
  tenant: InstitutionCode,
  key: string,
  facts: { number: string; name: string; birthDate?: string },
): PersonInBatch {
  const patientId = suite.computeId(tenant, "Patient", "patient", key) as ResourceId;
  const { number, ...others } = facts;
  return { tenant, patientId, facts: { patientId, ...idCard(number), ...others } };
}

describe("links on the real store", () => {
  const openReviews: OpenReviews = async (tasks) => void (await hapi.store.createMissing("DEFAULT", tasks));
  const link = (people: readonly PersonInBatch[]) =>
    linkPatients({ store: hapi.store, suite, now, allowTestRegions: true, openReviews }, people);

  it("of six feeds that come at once are all kept, and coming again changes nothing", async () => {
    const numbers = Array.from({ length: 15 }, (_, index) => sampleNumber(index));
    const feeds = Array.from({ length: 6 }, (_, feed) => {
      const tenant = feed % 2 === 0 ? hapi.one : hapi.other;
      const people = numbers.map((number, at) => person(tenant, `${feed}-${at}`, { number, name: `甲${at}` }));
      return feed % 3 === 0 ? people.toReversed() : people;
    });
    await Promise.all(feeds.map(link));
    const ids = numbers.map((number) => residentIdOf(suite, number as IdentityNumber));
    const counts = async () => Promise.all(ids.map(async (id) => (await readResident(hapi.store, id))?.links.length));
    expect(await counts()).toEqual(numbers.map(() => feeds.length));
    const versions = async () =>
      (await hapi.store.readMany("DEFAULT", "Patient", ids)).map((golden) => `${golden.id} ${golden.meta?.versionId}`).sort();
    const before = await versions();
    await Promise.all(feeds.map(link));
    expect(await versions()).toEqual(before);
  }, 120_000);

  it("of feeds with and without the number, at once, end in one person with every link", async () => {
    const number = sampleNumber(79);
    const she = { name: `刘晓${randomBytes(2).toString("hex")}`, birthDate: "1972-01-24", phone: "10012345678" };
    const facts = (more: object) => ({ ...she, ...more });
    const people = Array.from({ length: 6 }, (_, at) => {
      const tenant = at % 2 === 0 ? hapi.one : hapi.other;
      const patientId = suite.computeId(tenant, "Patient", "patient", `mixed-${at}`) as ResourceId;
      return { tenant, patientId, facts: { patientId, ...facts(at < 3 ? idCard(number) : {}) } };
    });
    const deliver = async (one: PersonInBatch) => {
      await hapi.store.commit(one.tenant, [{ kind: "put", resource: localPatient(one, suite) }]);
      await link([one]);
    };
    const born = { birthDate: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}` };
    const born79 = people.map((one) => ({ ...one, facts: { ...one.facts, ...born } }));
    await Promise.all(born79.map(deliver));
    // What two feeds could not see of each other in the same moment, the next export does.
    for (const one of born79) await deliver(one);
    const resident = await readResident(hapi.store, residentIdOf(suite, number as IdentityNumber));
    expect(resident?.links.map((one) => one.basis).sort()).toEqual(["number", "number", "number", "score", "score", "score"]);
  }, 120_000);

  it("that lose a race for a corrected number never stand under two residents", async () => {
    const [before, after] = [sampleNumber(80), sampleNumber(81)];
    const first = person(hapi.one, "corrected", { number: before, name: "王更正" });
    const second = person(hapi.one, "corrected", { number: after, name: "王更正" });
    await hapi.store.commit(first.tenant, [{ kind: "put", resource: localPatient(first, suite) }]);
    await link([first]);
    const deps = { store: hapi.store, suite, now, allowTestRegions: true, openReviews: async () => undefined };
    await Promise.all([prepareCorrections(deps, [second]), prepareCorrections(deps, [second]), link([second])]);
    const linksOf = async (number: string) =>
      (await readResident(hapi.store, residentIdOf(suite, number as IdentityNumber)))?.links.length;
    expect([await linksOf(before), await linksOf(after)]).toEqual([0, 1]);
  }, 120_000);

  it("that disagree wait for the steward, who sees both people and no number", async () => {
    const number = sampleNumber(77);
    const mother = person(hapi.one, "mother", { number, name: "刘梅" });
    const newborn = person(hapi.other, "newborn", { number, name: "刘梅之女", birthDate: "2026-11-17" });
    for (const one of [mother, newborn])
      await hapi.store.commit(one.tenant, [{ kind: "put", resource: localPatient(one, suite) }]);
    await link([newborn, mother]);
    const reviews = (await listReviews({ store: hapi.store, suite, now })).reviews.filter(
      (one) => one.person.patient === newborn.patientId,
    );
    expect(reviews).toMatchObject([{ person: { name: "刘梅之女" }, linked: [{ name: "刘梅", basis: "number" }] }]);
    expect(JSON.stringify(reviews)).not.toContain(number);
  });
});

describe("consents on the real store", () => {
  const grant: Grant = {
    recipients: ["c-county" as InstitutionCode],
    sources: ["a-provincial" as InstitutionCode],
    categories: ["lab"],
    purposes: ["TREAT"],
    period: { end: "2099-01-01" },
    dataPeriod: { start: "2020-01-01" },
    visit: { institution: "c-county" as InstitutionCode, number: "V1" },
  };
  const request = {
    recipient: "c-county" as InstitutionCode,
    purpose: "TREAT",
    categories: ["lab"],
    visit: { institution: "c-county" as InstitutionCode, number: "V1" },
  } as const;
  const audit = (): AuditEvent[] => [
    {
      resourceType: "AuditEvent",
      id: `h${randomUUID()}`,
      type: { system: "http://dicom.nema.org/resources/ontology/DCM", code: "110113" },
      recorded: now().toISOString(),
      agent: [{ requestor: true }],
      source: { observer: { display: "test" } },
    },
  ];
  const decided = async (resident: ReturnType<typeof residentIdOf>) =>
    decide(await consentsOf(hapi.store, [resident]), request, now());

  it("are granted once however often they are sent at once, permit, and never again after their withdrawal", async () => {
    const resident = residentIdOf(suite, sampleNumber(78) as IdentityNumber);
    const deps = { store: hapi.store, suite, now, ensureResident: (id: typeof resident) => ensureResident(hapi.store, id) };
    const again = () => grantConsent(deps, { resident, grant, key: "k", audit });
    const granted = await Promise.all(Array.from({ length: 8 }, again));
    expect(granted.map((one) => one.kind).sort()).toEqual([...Array(7).fill("existed"), "granted"]);
    expect((await decided(resident)).kind).toBe("permit");

    const [{ consent } = { consent: undefined }] = granted.filter((one) => "consent" in one);
    const withdraw = () => withdrawConsent(hapi.store, { residents: [resident], id: consent?.id ?? "", audit });
    const race = await Promise.all([withdraw(), again(), withdraw(), again()]);
    expect(race.filter((one) => one.kind === "withdrawn")).toHaveLength(1);
    expect((await again()).kind).toBe("existed");
    expect(await decided(resident)).toEqual({ kind: "deny", reason: "none-given" });
    expect((await hapi.store.read("DEFAULT", "Consent", consent?.id ?? ""))?.meta?.versionId).toBe("2");
  });
});
