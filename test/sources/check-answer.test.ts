import { describe, expect, it } from "@jest/globals";
import type { Resource } from "@medplum/fhirtypes";
import { extensions } from "../../src/fhir/systems.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { categoryOf, checkAnswer, dateOf, takePermitted } from "../../src/sources/check-answer.ts";
import { locate } from "../../src/sources/locate.ts";

const a = "a" as InstitutionCode;
const permitted = [{ institution: a, patient: "h1" as ResourceId }];
const visit = (more: object): Resource =>
  ({ resourceType: "Encounter", id: "h9", status: "finished", subject: { reference: "Patient/h1" }, ...more }) as Resource;

describe("a checked answer", () => {
  it.each<[string, object, "kept" | "dropped" | "stranger"]>([
    ["of the permitted Patient is kept", {}, "kept"],
    ["of another Patient is a stranger's", { subject: { reference: "Patient/h2" } }, "stranger"],
    ["of nobody is a stranger's", { subject: undefined }, "stranger"],
    ["that was withdrawn is dropped", { status: "entered-in-error" }, "dropped"],
    ["that is only a key is dropped", { extension: [{ url: extensions.stub, valueBoolean: true }] }, "dropped"],
  ])("%s", (_said, more, fate) => {
    const { belonging, strangers } = checkAnswer([visit(more)], permitted);
    expect([belonging.get(a)?.length ?? 0, strangers]).toEqual([fate === "kept" ? 1 : 0, fate === "stranger" ? 1 : 0]);
  });
});

describe("what consent leaves of an answer", () => {
  const answer = {
    institution: a,
    outcome: "answered",
    resources: [visit({ period: { start: "2026-01-05" } })],
    askedAt: "",
  } as const;

  it("is asked of every resource with its institution, category and date", () => {
    const asked: unknown[] = [];
    takePermitted(answer, (data) => asked.push(data) > 0);
    expect(asked).toEqual([{ institution: "a", category: "record", date: "2026-01-05" }]);
  });

  it.each(["R", "V"])("leaves out what its source labelled %s, whatever else is permitted", (code) => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code }];
    const labelled = { ...answer, resources: [...answer.resources, visit({ meta: { security } })] };
    expect(takePermitted(labelled, () => true).resources).toEqual(answer.resources);
  });

  it("is nothing when no resource is permitted, but a missing answer stays missing", () => {
    expect(takePermitted(answer, () => false)).toMatchObject({ outcome: "nothing", resources: [] });
    expect(takePermitted({ ...answer, outcome: "timed-out", resources: [] }, () => false).outcome).toBe("timed-out");
  });
});

describe("a resource", () => {
  const section = (code: string) => [{ coding: [{ code }] }];
  it.each<[string, object, string, string | undefined]>([
    [
      "laboratory result",
      { resourceType: "Observation", category: section("laboratory"), effectiveDateTime: "2026-01-01" },
      "lab",
      "2026-01-01",
    ],
    [
      "result without collection time",
      { resourceType: "Observation", category: section("laboratory"), issued: "2026-01-02T00:00:00Z" },
      "lab",
      "2026-01-02T00:00:00Z",
    ],
    ["vital sign", { resourceType: "Observation", category: section("vital-signs") }, "record", undefined],
    [
      "laboratory report",
      { resourceType: "DiagnosticReport", category: section("LAB"), effectivePeriod: { start: "2026-01-03" } },
      "lab",
      "2026-01-03",
    ],
    [
      "imaging report",
      { resourceType: "DiagnosticReport", category: section("RAD"), effectiveDateTime: "2026-01-04" },
      "imaging",
      "2026-01-04",
    ],
    ["report of no known section", { resourceType: "DiagnosticReport" }, "record", undefined],
    ["imaging study", { resourceType: "ImagingStudy", started: "2026-01-05" }, "imaging", "2026-01-05"],
    ["visit", { resourceType: "Encounter", period: { start: "2026-01-06" } }, "record", "2026-01-06"],
    ["diagnosis", { resourceType: "Condition", recordedDate: "2026-01-07" }, "record", "2026-01-07"],
  ])("%s", (_said, resource, category, date) => {
    expect([categoryOf(resource as Resource), dateOf(resource as Resource)]).toEqual([category, date]);
  });
});

describe("locating", () => {
  const [old, current] = ["h-old" as ResidentId, "h-current" as ResidentId];

  it("names every golden id of the person, so that the consents of all of them count", async () => {
    const links = [{ tenant: a, patientId: "h1" as ResourceId, basis: "number" }];
    expect(await locate(async () => ({ all: [current, old], links }), old)).toEqual({
      residents: [current, old],
      links: [{ institution: "a", patient: "h1", basis: "number" }],
    });
  });

  it("finds a resident nobody knows nowhere", async () => {
    expect(await locate(async () => undefined, old)).toEqual({ residents: [old], links: [] });
  });
});
