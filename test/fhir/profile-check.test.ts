import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation, Patient, Resource, StructureDefinition } from "@medplum/fhirtypes";
import { createProfileCheck, type ProfileCheck } from "../../src/fhir/profile-check.ts";
import { profileOf } from "../../src/fhir/profile-of.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { broken, brokenCopy, examples } from "./broken-copies.ts";

const profilesDir = fileURLToPath(new URL("../../profiles/", import.meta.url));
const result = examples.get("lab-observation") as Observation;
const r4 = JSON.parse(readFileSync(new URL("../../src/fhir/r4-structures.json", import.meta.url), "utf8")) as {
  types: Record<string, StructureDefinition>;
};
let check: ProfileCheck;

beforeAll(async () => {
  check = await createProfileCheck(profilesDir);
});

describe("each profile", () => {
  const profiles = readdirSync(`${profilesDir}structures`).map((file) => file.replace(".json", ""));

  it("has an example and a broken copy", () => {
    expect([...examples.keys()].sort()).toEqual(profiles.sort());
    expect(Object.keys(broken).sort()).toEqual(profiles.sort());
  });

  it.each(profiles)("%s says in two languages what it is, under its own address", (name) => {
    const profile = JSON.parse(readFileSync(`${profilesDir}structures/${name}.json`, "utf8")) as StructureDefinition;
    expect(profile.url).toBe(`https://hutong.example/fhir/StructureDefinition/${name}`);
    expect(profile.title).toMatch(/^[\x20-\x7e]+ · [^\x20-\x7e]+/u);
    expect(profile.description).toMatch(/^[\x20-\x7e]+[\s\S]*\p{Script=Han}/u);
  });

  it.each(profiles)("%s changes elements in R4's own order: HAPI forgets those that come too late", (name) => {
    const profile = JSON.parse(readFileSync(`${profilesDir}structures/${name}.json`, "utf8")) as StructureDefinition;
    const base = r4.types[profile.type ?? ""]?.snapshot?.element.map((element) => element.path) ?? [];
    const places = (profile.differential?.element ?? []).map(({ path = "" }) => {
      let known = path;
      while (!base.includes(known)) known = known.slice(0, known.lastIndexOf("."));
      return base.indexOf(known);
    });
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  it.each(profiles)("%s takes its example", (name) => {
    expect(check(examples.get(name) as Resource, name)).toEqual([]);
  });

  it.each(Object.entries(broken))("%s refuses a copy with $said", (name) => {
    expect(check(brokenCopy(name), name).length).toBeGreaterThan(0);
  });

  it.each(profiles.filter((name) => name !== "golden-patient"))("%s is found by type and kind", (name) => {
    expect(profileOf(examples.get(name) as Resource)).toBe(name);
  });
});

describe("a resource is refused for", () => {
  it.each([
    ["two values of one choice", { valueString: "86" }, "Observation.valueString"],
    ["a status R4 does not know", { status: "nonsense" }, "Observation.status"],
    ["a reference to a type that cannot stand there", { subject: { reference: "Observation/x" } }, "Observation.subject"],
    ["an element R4 does not know", { colour: "red" }, "Observation.colour"],
    ["a date that is none", { effectiveDateTime: "2026-02-30" }, "Observation.effective"],
    ["one value where R4 wants a list", { interpretation: { text: "高" } }, "Observation.interpretation"],
    [
      "an extension of Hutong that is not defined",
      { extension: [{ url: "https://hutong.example/fhir/StructureDefinition/colour", valueString: "red" }] },
      "Observation.extension[0]",
    ],
    [
      "a mark that is no text",
      { extension: [{ url: "https://hutong.example/fhir/StructureDefinition/recognition-mark", valueBoolean: true }] },
      "Observation.extension[0]",
    ],
  ])("%s", (_said, change, element) => {
    const problems = check({ ...result, ...change } as unknown as Observation);
    expect(problems.map((one) => one.element).join(" ")).toContain(element);
  });

  it("an identity number in clear, and the reason does not tell it", () => {
    const patient = examples.get("patient") as Patient;
    const identifier = [{ system: "urn:oid:2.16.156.10011.1.3", value: "990101199003070015" }];
    const problems = check({ ...patient, identifier });
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain("9901011990");
  });

  it("a certificate result outside our value set, where the extension stands", () => {
    const certificate = JSON.parse(JSON.stringify(examples.get("quality-certificate-record")).replace('"passed"', '"perhaps"'));
    expect(check(certificate)).toEqual([
      {
        element: expect.stringMatching(/^Basic\.extension\[0\]\.extension\[\d\]\.value/),
        reason: "a code outside the required value set",
      },
    ]);
  });
});

it("exact decimals pass", () => {
  expect(check({ ...result, valueQuantity: { ...result.valueQuantity, value: exactNumber("86.00") } })).toEqual([]);
});

it("a stub of another type is held against R4 alone", () => {
  const stub: Resource = {
    resourceType: "DiagnosticReport",
    extension: [{ url: "https://hutong.example/fhir/StructureDefinition/stub", valueBoolean: true }],
    status: "unknown",
    code: { text: "-" },
  };
  expect(check(stub)).toEqual([]);
});
