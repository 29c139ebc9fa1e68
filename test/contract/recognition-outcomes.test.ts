import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { DetectedIssue, Resource } from "@medplum/fhirtypes";
import { installProfiles } from "../../src/adapters/hapi/install-conformance.ts";
import { recordAudit } from "../../src/audit/record-audit.ts";
import { buildConsent } from "../../src/consent/build-consent.ts";
import { consentsOf } from "../../src/consent/consents-of.ts";
import { newGolden, withLink } from "../../src/identity/golden-patient.ts";
import { readResident } from "../../src/identity/resident.ts";
import type { InstitutionCode, ResidentId, ResourceId, Tenant } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { type RecognitionFact, readFacts } from "../../src/ordering/outcomes/facts.ts";
import { listOutcomes } from "../../src/ordering/outcomes/list-outcomes.ts";
import { objectToAnswers } from "../../src/ordering/outcomes/object-to-answers.ts";
import type { Outcome } from "../../src/ordering/outcomes/outcome.ts";
import { readOutcome } from "../../src/ordering/outcomes/read-outcome.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { code, createOrderingWorld } from "../ordering/ordering-world.ts";
import { connectTestHapi, type TestHapi } from "../servers.ts";
import { validateOnHapi } from "./validate-on-hapi.ts";

// C of the ordering world stands at partition t-one, A at t-other; keys of this run alone, so that its ids are nobody else's.
const suite = createCryptoSuite({ ids: randomBytes(32), index: randomBytes(32), data: randomBytes(32) });
const resident = suite.computeId("resident") as ResidentId;
const patient = suite.computeId("patient") as ResourceId;
const observation = suite.computeId("observation") as ResourceId;
let hapi: TestHapi;
let deps: Awaited<ReturnType<typeof createOrderingWorld>>["deps"];
let day = 0;

beforeAll(async () => {
  hapi = await connectTestHapi();
  await installProfiles(hapi.store, "profiles");
  const world = await createOrderingWorld();
  const stands: Record<string, string> = { [hapi.one]: "c-county", [hapi.other]: "a-provincial" };
  deps = {
    ...world.deps,
    store: hapi.store,
    suite,
    record: (event) => recordAudit(hapi.store, [event]),
    now: () => new Date(Date.parse("2026-11-22T02:00:00Z") + day * 86_400_000),
    unique: () => randomBytes(12).toString("hex"),
    readGolden: (id) => readResident(hapi.store, id),
    consentsOf: (residents) => consentsOf(hapi.store, residents),
    institutionOf(name) {
      const party = world.deps.institutionOf(stands[name] ?? name);
      return party && { ...party, code: code(name), endpoint: { kind: "hosted" } };
    },
  };
  const link = { tenant: hapi.other, patientId: patient, basis: "number", at: "2026-01-01T00:00:00Z" } as const;
  await put("DEFAULT", withLink(newGolden(resident), link));
  const period = { start: "2026-11-01T00:00:00+08:00", end: "2027-01-01T00:00:00+08:00" };
  const grant = { recipients: [hapi.one], categories: ["lab"], purposes: ["TREAT"], period } as const;
  await put(
    "DEFAULT",
    buildConsent(suite.computeId("consent") as ResourceId, resident, grant, new Date("2026-11-01T00:00:00Z")),
  );
  await put(hapi.other, { resourceType: "Patient", id: patient });
  const result = world.resultOf({ id: observation, value: "11.30" });
  await put(hapi.other, { ...result, subject: { reference: `Patient/${patient}` } } as Resource);
}, 180_000);
afterAll(() => hapi.client.close());

async function put(tenant: Tenant, ...resources: Resource[]) {
  const outcome = await hapi.store.commit(
    tenant,
    resources.map((resource) => ({ kind: "put", resource })),
  );
  expect(outcome.kind).toBe("committed");
}

const asker = () => ({ client: "his", institution: hapi.one as InstitutionCode, practitioner: { id: "1008" } });
const visit = { number: `V-${randomBytes(4).toString("hex")}`, kind: "outpatient" } as const;
let orders = 0;

/** A check of a new order, and what may be said to it. */
async function freshCheck() {
  const order = `o${++orders}`;
  const answer = await checkRecognition(deps, { asker: asker(), resident, visit, orders: [{ id: order, item: "creatinine" }] });
  const evidence = answer.results[0]?.lines[0]?.evidence ?? "";
  const record = async (outcome: Outcome) =>
    (await recordOutcomes(deps, { asker: asker(), check: answer.id, outcomes: [outcome] }))?.[0]?.state;
  return {
    answer,
    order,
    adopt: () => record({ order, outcome: "adopted", evidence }),
    decline: (reason = "condition-changed") => record({ order, outcome: "declined", reason, explained: {} }),
    revoke: async (text: string) =>
      (await objectToAnswers(deps, { asker: asker(), check: answer.id, code: "revoked", objections: [{ order, text }] }))?.[0]
        ?.state,
    issues: async () => {
      const params = { identifier: `urn:hutong:recognition-case|${answer.results[0]?.case}` };
      return await hapi.store.searchAll(hapi.one, "DetectedIssue", params);
    },
  };
}

describe("answers on the real store", () => {
  it("that come at the same moment: exactly one stands, the others learn so, one fact is told", async () => {
    for (let round = 0; round < 6; round++) {
      const check = await freshCheck();
      expect(check.answer.results[0]?.lines).toHaveLength(1);
      const states = await Promise.all([
        ...[check.adopt(), check.decline(), check.decline("rapidly-changing")],
        ...[check.adopt(), check.decline(), check.decline("rapidly-changing")],
      ]);
      const count = (...some: string[]) => states.filter((one) => some.includes(one ?? "")).length;
      expect([count("recorded", "same"), count("conflict")]).toEqual([2, 4]);
      expect(count("recorded")).toBeLessThanOrEqual(1);
      expect(await check.issues()).toHaveLength(1);
      const told = await hapi.store.searchAll("DEFAULT", "AuditEvent", {
        "hutong-what": `urn:hutong:recognition-case|${check.answer.results[0]?.case}`,
      });
      expect(told).toHaveLength(1);
    }
  }, 120_000);

  it("taken back at the same moment by two are taken back once, and answered anew once", async () => {
    const check = await freshCheck();
    await check.adopt();
    expect((await Promise.all([check.revoke("一"), check.revoke("二")])).sort()).toEqual(["conflict", "recorded"]);
    const again = await Promise.all([check.adopt(), check.decline()]);
    expect(again.sort()).toEqual(["conflict", "recorded"]);
    expect(await check.issues()).toHaveLength(3);
  }, 60_000);

  it("keep the digits of the source, pass our profile in HAPI's validator, and are listed for the visit without the resident", async () => {
    const check = await freshCheck();
    await check.adopt();
    await check.revoke("误点");
    await check.decline();
    const { entry = [] } = await listOutcomes(deps, { asker: asker(), visit: visit.number });
    expect(JSON.stringify(entry)).toContain('"value":11.30');
    expect(JSON.stringify(entry)).not.toContain(resident);
    for (const issue of await check.issues()) {
      const { meta: _, ...content } = issue as DetectedIssue;
      expect(await validateOnHapi(hapi.client, content as DetectedIssue, "recognition-outcome")).toEqual([]);
    }
  }, 60_000);

  it("are never found as a result: the copy in a DetectedIssue answers no search, and the next check shows the source's alone", async () => {
    const check = await freshCheck();
    await check.adopt();
    expect(await hapi.store.searchAll(hapi.one, "Observation", {})).toEqual([]);
    const found = await hapi.store.search(
      "_ALL",
      "Observation",
      { code: "http://loinc.org|14682-9", patient: `Patient/${patient}` },
      10,
    );
    expect(found.resources.map((one) => one.id)).toEqual([observation]);
    day = 1;
    const next = await freshCheck();
    day = 0;
    expect(next.answer.results[0]?.lines).toHaveLength(1);
    expect(next.answer.results[0]?.own).toEqual([]);
    expect(next.answer.results[0]?.lines[0]?.daysLeft).toBe((check.answer.results[0]?.lines[0]?.daysLeft ?? 0) - 1);
  }, 60_000);

  it("give the same state and the same facts from the events of the store", async () => {
    const check = await freshCheck();
    await check.adopt();
    const view = await readOutcome(deps, { asker: asker(), check: check.answer.id });
    expect(view?.results.map((one) => one.state)).toEqual(["adopted"]);
    const facts: RecognitionFact[] = [];
    const period = { from: new Date("2026-11-21T16:00:00Z"), until: new Date("2026-11-22T16:00:00Z") };
    for await (const one of readFacts(hapi.store, { ...period, institution: hapi.one })) facts.push(one);
    const own = facts.filter((one) => one.case === check.answer.results[0]?.case);
    expect(own.map((one) => [one.kind, one.source ?? one.shown?.sources[0]?.source])).toEqual([
      ["reminder", hapi.other],
      ["adopted", hapi.other],
    ]);
  }, 60_000);
});
