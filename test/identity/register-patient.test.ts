import { describe, expect, it } from "@jest/globals";
import type { Patient } from "@medplum/fhirtypes";
import { crossReference, matchOwn } from "../../src/identity/cross-reference.ts";
import { linkPatients } from "../../src/identity/link-patients.ts";
import type { IdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { registerPatient } from "../../src/identity/register-patient.ts";
import { readResident } from "../../src/identity/resident.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { herNumber, idCard, linkDeps, localPatient, person, suite } from "./people.ts";

const tenant = "c-county" as InstitutionCode;
const herId = residentIdOf(suite, herNumber as IdentityNumber);
const file = (value: string) => ({ system: "urn:county:file", value });
const her: Patient = {
  resourceType: "Patient",
  identifier: [{ system: "urn:oid:2.16.156.10011.1.3", value: herNumber }],
  name: [{ family: "刘", given: ["晓梅"] }],
  birthDate: "1985-06-15",
  gender: "female",
  telecom: [{ system: "phone", value: "10012345678" }],
};

function world() {
  const store = createMemoryStore();
  const deps = linkDeps(store);
  const register = async (value: string, patient: Patient) =>
    (await registerPatient(deps, { tenant, key: file(value), patient })).kind;
  const links = async () => (await readResident(store, herId))?.links.map((link) => `${link.tenant} ${link.basis}`).sort();
  return { store, deps, register, links };
}

describe("an institution with a FHIR server of its own", () => {
  it("registers a patient, who is the same resident as elsewhere, and a repeat changes nothing", async () => {
    const { store, deps, register, links } = world();
    const elsewhere = person("a-provincial", "1", { ...idCard(herNumber), name: "刘晓梅" });
    await store.commit(elsewhere.tenant, [{ kind: "put", resource: localPatient(elsewhere) }]);
    await linkPatients(deps, [elsewhere]);
    expect(await register("a17", her)).toBe("created");
    expect(await links()).toEqual(["a-provincial number", "c-county number"]);
    expect(await register("a17", her)).toBe("unchanged");
    expect(JSON.stringify(store.all(tenant))).not.toMatch(/a17|008X|10012345678/);
  });

  it("asks which of its own records are one person, and learns nothing of others", async () => {
    const { store, deps, register } = world();
    const elsewhere = person("a-provincial", "1", { ...idCard(herNumber), name: "刘晓梅" });
    await store.commit(elsewhere.tenant, [{ kind: "put", resource: localPatient(elsewhere) }]);
    await linkPatients(deps, [elsewhere]);
    await register("a17", her);
    await register("b 99", her);
    const found = await crossReference(deps, tenant, file("a17"));
    expect(found).toMatchObject([{ identifiers: [file("b 99")] }]);
    expect(JSON.stringify(found)).not.toMatch(/h[0-9a-f]{40}|[0-9a-f]{64}|provincial/);
    expect(await crossReference(deps, tenant, file("unknown"))).toBeUndefined();
    expect(await crossReference(deps, "b-central" as InstitutionCode, file("a17"))).toBeUndefined();
  });

  it("finds its own patients by what it knows of them, the likeliest first", async () => {
    const { deps, register } = world();
    await register("a17", her);
    await register("z1", {
      resourceType: "Patient",
      name: [{ text: "刘晓梅" }],
      birthDate: "1985-06-25",
      gender: "female",
      telecom: her.telecom ?? [],
    });
    const { identifier: _identifier, ...asked } = her;
    const found = await matchOwn(deps, tenant, asked);
    expect(found.map((one) => [one.outcome, one.identifiers.map((identifier) => identifier.value).join()])).toEqual([
      ["same", "a17"],
      ["maybe", "z1"],
    ]);
    expect(await matchOwn(deps, "b-central" as InstitutionCode, her)).toEqual([]);
  });

  it("corrects a number, which moves the link; takes a patient back, who loses it; replaces one by another", async () => {
    const { register, links } = world();
    await register("a17", { ...her, name: [{ text: "张三" }] });
    expect(await links()).toEqual(["c-county number"]);
    const { identifier: _identifier, ...nobody } = her;
    expect(await register("a17", { ...nobody, name: [{ text: "张三" }] })).toBe("updated");
    expect(await links()).toEqual([]);
    await register("b2", her);
    expect(await links()).toEqual(["c-county number"]);
    await register("b3", her);
    await register("b3", { ...her, active: false, link: [{ type: "replaced-by", other: { identifier: file("b2") } }] });
    expect(await links()).toEqual(["c-county number"]);
    await register("b2", { ...her, active: false });
    expect(await links()).toEqual([]);
  });
});
