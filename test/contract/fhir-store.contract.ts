import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation, Patient, Resource, Task } from "@medplum/fhirtypes";
import { resourceReference } from "../../src/fhir/reference.ts";
import type { FhirStore } from "../../src/fhir/store.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { digitsOf, exactNumber } from "../../src/kernel/exact-json.ts";

/** What a contract run needs: the store, two partitions of its own, and ids nobody else uses. */
export interface StoreUnderTest {
  readonly store: FhirStore;
  readonly one: InstitutionCode;
  readonly other: InstitutionCode;
  readonly id: (name: string) => ResourceId;
}

/** The promises of the storage port; the real adapter and the in-memory twin both keep them. */
export function describeFhirStore(name: string, prepare: () => Promise<StoreUnderTest>): void {
  describe(`the FHIR store: ${name}`, () => {
    let at: StoreUnderTest;
    beforeAll(async () => {
      at = await prepare();
    }, 120_000);

    const patient = (id: string, family = "测试"): Patient => ({ resourceType: "Patient", id: at.id(id), name: [{ family }] });
    const put = (resource: Resource) => ({ kind: "put", resource }) as const;
    const observation = (id: string, patientId: string, date: string): Observation => ({
      resourceType: "Observation",
      id: at.id(id),
      status: "final",
      code: { coding: [{ system: "http://loinc.org", code: "14682-9" }] },
      subject: { reference: `Patient/${at.id(patientId)}` },
      effectiveDateTime: date,
      valueQuantity: { value: exactNumber("11.30"), unit: "umol/L" },
    });

    it("reads back what was committed, with its version", async () => {
      await at.store.commit(at.one, [put(patient("read"))]);
      const read = await at.store.read(at.one, "Patient", at.id("read"));
      expect(read).toMatchObject({ name: [{ family: "测试" }], meta: { versionId: "1" } });
    });

    it("answers undefined for what does not exist, and for what stands in another partition", async () => {
      await at.store.commit(at.one, [put(patient("mine"))]);
      expect(await at.store.read(at.one, "Patient", at.id("nobody"))).toBeUndefined();
      expect(await at.store.read(at.other, "Patient", at.id("mine"))).toBeUndefined();
    });

    it("makes no new version when nothing changes", async () => {
      await at.store.commit(at.one, [put(patient("same"))]);
      await at.store.commit(at.one, [put(patient("same"))]);
      expect((await at.store.read(at.one, "Patient", at.id("same")))?.meta?.versionId).toBe("1");
    });

    it("stores nothing of a create-only commit when one of its resources exists", async () => {
      await at.store.commit(at.one, [put(patient("there"))], { createOnly: true });
      const outcome = await at.store.commit(at.one, [put(patient("there", "别人")), put(patient("new"))], { createOnly: true });
      expect(outcome.kind).toBe("conflict");
      expect(await at.store.read(at.one, "Patient", at.id("new"))).toBeUndefined();
      expect(await at.store.read(at.one, "Patient", at.id("there"))).toMatchObject({ name: [{ family: "测试" }] });
    });

    it("refuses an update whose version is stale, alone and inside a transaction", async () => {
      await at.store.commit(at.one, [put(patient("fenced"))]);
      const update = (family: string, ifMatch: string) =>
        ({ kind: "update", resource: patient("fenced", family), ifMatch }) as const;
      expect(await at.store.commit(at.one, [update("二", "1")])).toEqual({ kind: "committed", versions: ["2"] });
      expect((await at.store.commit(at.one, [update("三", "1")])).kind).toBe("conflict");
      expect((await at.store.commit(at.one, [update("四", "1"), put(patient("beside"))])).kind).toBe("conflict");
      expect(await at.store.read(at.one, "Patient", at.id("beside"))).toBeUndefined();
      expect(await at.store.commit(at.one, [update("五", "2"), put(patient("beside"))])).toEqual({
        kind: "committed",
        versions: ["3", "1"],
      });
    });

    it("creates what is missing and leaves what exists untouched", async () => {
      await at.store.commit(at.one, [put(patient("stubbed", "真"))]);
      expect(await at.store.createMissing(at.one, [patient("stubbed", "桩"), patient("fresh", "桩")])).toEqual([
        "existed",
        "created",
      ]);
      expect(await at.store.read(at.one, "Patient", at.id("stubbed"))).toMatchObject({ name: [{ family: "真" }] });
    });

    it("refuses the id of one partition in another", async () => {
      await at.store.commit(at.one, [put(patient("taken"))]);
      expect((await at.store.commit(at.other, [put(patient("taken"))])).kind).toBe("conflict");
    });

    it("finds the results of permitted patients in all partitions with one search, and says when there are more", async () => {
      await at.store.commit(at.one, [put(patient("p1")), put(observation("o1", "p1", "2026-11-01"))]);
      await at.store.commit(at.other, [
        put(patient("p2")),
        put(observation("o2", "p2", "2026-11-02")),
        put(observation("o3", "p2", "2026-10-01")),
      ]);
      const params = {
        patient: `Patient/${at.id("p1")},Patient/${at.id("p2")}`,
        code: "http://loinc.org|14682-9",
        date: "ge2026-10-15",
      };
      const found = await at.store.search("_ALL", "Observation", params, 199);
      expect(found.resources.map((one) => one.id).sort()).toEqual([at.id("o1"), at.id("o2")].sort());
      expect(found.more).toBe(false);
      expect(await at.store.search("_ALL", "Observation", params, 1)).toMatchObject({
        resources: [expect.anything()],
        more: true,
      });
      expect(
        (await at.store.search("_ALL", "Observation", { ...params, patient: `Patient/${at.id("p1")}` }, 199)).resources,
      ).toHaveLength(1);
    });

    it("keeps the digits of decimals when asked to", async () => {
      await at.store.commit(at.one, [put(patient("exact")), put(observation("decimal", "exact", "2026-11-01"))]);
      const read = await at.store.read(at.one, "Observation", at.id("decimal"), { exactDecimals: true });
      expect(digitsOf(read?.valueQuantity?.value ?? 0)).toBe("11.30");
    });

    it("finds hub resources by the identifier of a logical reference", async () => {
      const task: Task = {
        resourceType: "Task",
        id: at.id("task"),
        status: "on-hold",
        intent: "order",
        for: { identifier: { system: "urn:hutong:resident", value: at.id("somebody") } },
        focus: resourceReference({ tenant: at.one, type: "Patient", id: at.id("p1") }),
      };
      await at.store.commit("DEFAULT", [put(task)]);
      const byResident = await at.store.searchAll("DEFAULT", "Task", {
        "hutong-for": `urn:hutong:resident|${at.id("somebody")}`,
        status: "on-hold",
      });
      expect(byResident.map((one) => one.id)).toEqual([at.id("task")]);
      const byFocus = await at.store.searchAll("DEFAULT", "Task", {
        "hutong-focus": `urn:hutong:resource|${at.one}/Patient/${at.id("p1")}`,
      });
      expect(byFocus.map((one) => one.id)).toContain(at.id("task"));
    });

    it("reads many by id and narrows what it returns", async () => {
      await at.store.commit(at.one, [put(patient("m1")), put(patient("m2"))]);
      const found = await at.store.readMany(at.one, "Patient", [at.id("m1"), at.id("m2"), at.id("m3")], ["id", "meta"]);
      expect(found.map((one) => one.id).sort()).toEqual([at.id("m1"), at.id("m2")].sort());
    });
  });
}
