import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation, Resource } from "@medplum/fhirtypes";
import { createRemoteSources } from "../../src/adapters/institution/remote-sources.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import type { AskedPatient, SourceAnswer } from "../../src/sources/answer.ts";
import { askSources } from "../../src/sources/ask-sources.ts";
import { createSourceGate } from "../../src/sources/source-gate.ts";
import { connectTestHapi, type TestHapi } from "../servers.ts";

/** A real FHIR server stands for an institution's own: one partition of the tests' HAPI, asked over HTTP as a stranger's server is. */
let hapi: TestHapi;
let remote: ReturnType<typeof createRemoteSources>;
const mrn = { system: "urn:test:mrn", value: randomUUID() };
/** What the institution's server calls the patient, and what we do. */
const theirs = () => hapi.id("their-patient");
const ours = () => hapi.id("our-patient");

beforeAll(async () => {
  hapi = await connectTestHapi();
  remote = createRemoteSources({
    maxBytes: 4 * 2 ** 20,
    tokenOf: () => undefined,
    identifiersOf: async (_, patient) => (patient === ours() ? [mrn] : []),
  });
  await put({ resourceType: "Patient", id: theirs(), identifier: [mrn] }, { resourceType: "Patient", id: hapi.id("somebody") });
  await put(result("old", "2026-01-02", "5.10"), result("new", "2026-11-18", "5.20"), {
    ...result("stray", "2026-11-18", "9.90"),
    subject: { reference: `Patient/${hapi.id("somebody")}` },
  });
});
afterAll(async () => {
  await remote.close();
  await hapi.client.close();
});

const put = (...resources: Resource[]) =>
  hapi.store.commit(
    hapi.one,
    resources.map((resource) => ({ kind: "put", resource })),
  );

function result(name: string, day: string, value: string): Observation {
  return {
    resourceType: "Observation",
    id: hapi.id(name),
    status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
    code: { coding: [{ system: "http://loinc.org", code: "14749-6" }] },
    subject: { reference: `Patient/${theirs()}` },
    effectiveDateTime: `${day}T08:00:00+08:00`,
    valueQuantity: { value: exactNumber(value), unit: "mmol/L" },
  };
}

async function ask(
  patient: AskedPatient["patient"],
  url = `${process.env.HAPI_URL}/${hapi.one}`,
): Promise<SourceAnswer | undefined> {
  const heard: SourceAnswer[] = [];
  const now = () => new Date("2026-11-22T02:00:00Z");
  await askSources(
    {
      store: hapi.store,
      remote,
      gate: createSourceGate({ concurrent: 8, failures: 5, openMs: 30_000 }, now),
      now,
      endpointOf: () => ({ kind: "fhir", url }),
      timeoutMs: 10_000,
    },
    {
      patients: [{ institution: hapi.one, patient, categories: ["lab"] }],
      question: { from: new Date("2026-06-01T00:00:00Z"), until: new Date("2026-12-01T00:00:00Z") },
    },
    async (answer) => void heard.push(answer),
  );
  return heard[0];
}

describe("a lookup or a check asks an institution's own FHIR server", () => {
  it("by the identifier the institution registered: its results of the asked time, whole to the digit, under our Patient", async () => {
    const answer = await ask(ours());
    expect(answer?.outcome).toBe("answered");
    expect(answer?.resources.map((one) => one.id)).toEqual([hapi.id("new")]);
    expect(JSON.stringify(answer?.resources[0])).toContain('"value":5.20');
    expect(answer?.resources[0]).toMatchObject({ subject: { reference: `Patient/${ours()}` } });
  });
  it("by our own id, where its Patients have the ids we computed", async () => {
    expect((await ask(theirs()))?.resources.map((one) => one.id)).toEqual([hapi.id("new")]);
  });
  it("and a server that holds nothing, or does not know the patient, says nothing", async () => {
    expect((await ask(hapi.id("nobody")))?.outcome).toBe("nothing");
    expect((await ask(ours(), `${process.env.HAPI_URL}/${hapi.other}`))?.outcome).toBe("nothing");
  });
  it("and an address at which no FHIR server stands gives no answer, which is not 'nothing'", async () => {
    expect((await ask(ours(), `${process.env.HAPI_URL}/no-such-tenant`))?.outcome).toBe("failed");
    expect((await ask(ours(), "http://127.0.0.1:1/fhir"))?.outcome).toBe("failed");
  });
});
