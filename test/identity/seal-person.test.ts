import { describe, expect, it } from "@jest/globals";
import { identityNumberIndex, openPerson, phoneIndex, sealPerson } from "../../src/identity/seal-person.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { hisNumber, idCard, localPatient, person, suite } from "./people.ts";

const keys = { suite, tenant: "a-provincial" as InstitutionCode };
const facts = { ...idCard(hisNumber), name: "张三", phone: "139 0000 0001" };
const zhang = person("a-provincial", "1", facts);
const bare = { resourceType: "Patient", id: zhang.patientId, identifier: [{ system: "urn:card", value: "77" }] } as const;

describe("a local Patient as it is stored", () => {
  it("shows neither number nor phone, and opens to both", () => {
    const sealed = localPatient(zhang);
    expect(JSON.stringify(sealed)).not.toMatch(/199003070015|13900000001|139 0000/);
    expect(openPerson(sealed, suite)).toEqual({ ...idCard(hisNumber), phone: "139 0000 0001" });
  });

  it("is the same each time, so a replay makes no new version", () => {
    const once = sealPerson({ ...bare, identifier: [...bare.identifier] }, facts, keys);
    expect(sealPerson({ ...bare, identifier: [...bare.identifier] }, facts, keys)).toEqual(once);
    expect(sealPerson(once, facts, keys)).toEqual(once);
    const systemsOf = once.identifier?.map((one) => one.system?.replace("urn:hutong:index:", ""));
    expect(systemsOf).toEqual(["urn:card", "identity-number", "match-numbered"]);
  });

  it("stays as it is when nothing is to be sealed", () => {
    expect(sealPerson({ resourceType: "Patient", id: "h1" }, { phone: " " }, keys)).toEqual({
      resourceType: "Patient",
      id: "h1",
    });
  });

  it("keeps a wrong number and a passport too, sealed the same way", () => {
    for (const identity of [
      { type: "resident-id", number: "12345" },
      { type: "passport", number: "E12345678" },
    ]) {
      const sealed = sealPerson({ resourceType: "Patient", id: "h1" }, { identity }, keys);
      expect(openPerson(sealed, suite).identity).toEqual(identity);
      expect(JSON.stringify(sealed)).not.toContain(identity.number);
    }
  });

  it("cannot lend its ciphertext to another Patient", () => {
    expect(() => openPerson({ ...localPatient(zhang), id: "h2" }, suite)).toThrow("could not be opened");
  });
});

describe("blind indexes", () => {
  it.each([
    ["15 and 18 digits", "990101900307001", hisNumber],
    ["a small x", "99010119850615008x", "99010119850615008X"],
  ])("of a number are equal for %s", (_says, one, other) =>
    expect(identityNumberIndex(suite, { type: "resident-id", number: one })).toBe(
      identityNumberIndex(suite, { type: "resident-id", number: other }),
    ),
  );

  it("of a passport and an identity card with equal characters differ", () =>
    expect(identityNumberIndex(suite, { type: "passport", number: hisNumber })).not.toBe(
      identityNumberIndex(suite, { type: "resident-id", number: hisNumber }),
    ));

  it.each(["139-0000-0001", "+86 13900000001", "0086 139 0000 0001", "１３９０００００００１"])(
    "of the phone %s is one and the same",
    (written) => expect(phoneIndex(suite, written)).toBe(phoneIndex(suite, "13900000001")),
  );
});
