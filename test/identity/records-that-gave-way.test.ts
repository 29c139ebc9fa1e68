import { describe, expect, it } from "@jest/globals";
import type { Patient } from "@medplum/fhirtypes";
import { withIssue } from "../../src/fhir/issue.ts";
import { type Replacement, withReplacement } from "../../src/fhir/replacement.ts";
import { followMove } from "../../src/identity/follow-move.ts";
import { linkPatients, type PersonInBatch } from "../../src/identity/link-patients.ts";
import { listReviews } from "../../src/identity/list-reviews.ts";
import type { IdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { prepareCorrections } from "../../src/identity/prepare-corrections.ts";
import { readResident } from "../../src/identity/resident.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { herNumber, hisNumber, idCard, linkDeps, localPatient, noon, person, suite } from "./people.ts";

const herId = residentIdOf(suite, herNumber as IdentityNumber);
const hisId = residentIdOf(suite, hisNumber as IdentityNumber);
const ofHers = person("c-county", "1", { name: "刘晓梅", ...idCard(herNumber) });
const lent = person("a-provincial", "9", { name: "陈静", ...idCard(herNumber) });
const standing = (facts: Parameters<typeof person>[2]) => person("c-county", "2", facts);
const nobody = standing({});
const unnamed = standing({ name: "无名" });
const his = standing({ name: "张三", ...idCard(hisNumber) });

/** A store that is told what institutions tell: a record, that it was taken back, that the first of C's records gave way to the second. */
function world() {
  const store = createMemoryStore();
  const deps = linkDeps(store);
  const replacement: Replacement = { into: nobody.patientId, by: "merge", order: "1", digest: "" };
  let merged = false;
  const write = (one: PersonInBatch, resource: Patient) => store.commit(one.tenant, [{ kind: "put", resource }]);
  const move = { tenant: ofHers.tenant, from: ofHers.patientId, into: nobody.patientId };
  const gaveWay = (one: PersonInBatch) => merged && one.patientId === ofHers.patientId;
  async function tell(one: PersonInBatch) {
    if (store.versionOf(one.tenant, "Patient", one.patientId) > 0) await prepareCorrections(deps, [one]);
    const patient = localPatient(one);
    await write(one, gaveWay(one) ? withReplacement(patient, replacement) : patient);
    await linkPatients(deps, [gaveWay(one) ? { ...one, into: move.into } : one]);
    if (gaveWay(one)) await followMove(deps, move);
  }
  return {
    tell,
    async retract(one: PersonInBatch) {
      await prepareCorrections(deps, [{ tenant: one.tenant, patientId: one.patientId }]);
      const taken = withIssue(localPatient(one), { order: "2", digest: "d", state: "retracted" });
      await write(one, gaveWay(one) ? withReplacement(taken, replacement) : { ...taken, active: false });
    },
    async merge() {
      merged = true;
      const stored = await store.read(ofHers.tenant, "Patient", ofHers.patientId);
      const other = await store.read(ofHers.tenant, "Patient", nobody.patientId);
      if (other === undefined) await write(nobody, { ...localPatient(nobody), active: true });
      await write(ofHers, withReplacement(stored ?? { resourceType: "Patient", id: ofHers.patientId }, replacement));
      await followMove(deps, move);
    },
    links: async (resident: typeof herId) =>
      (await readResident(store, resident))?.links.map(({ patientId, basis }) => [patientId, basis]) ?? [],
    async waiting() {
      const { reviews } = await listReviews({ store, suite, now: () => noon });
      return reviews.map((one) => [one.person.patient, ...one.linked.map(({ patient }) => patient)]);
    },
    versions: () => store.all("DEFAULT").map((one) => `${one.id} ${one.meta?.versionId}`),
  };
}

type World = ReturnType<typeof world>;
const tellHers = (told: World) => told.tell(ofHers);
const merge = (told: World) => told.merge();

/** Every order of some things. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length === 0) return [[]];
  return things.flatMap((one, at) => orders(things.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

describe("a record that gave way to another of its institution", () => {
  it("keeps nobody waiting whom only its link had spoken against, and a replay writes nothing", async () => {
    const told = world();
    for (const one of [ofHers, lent, his]) await told.tell(one);
    expect(await told.links(herId)).toEqual([[ofHers.patientId, "number"]]);
    await told.merge();
    expect(await told.links(herId)).toEqual([[lent.patientId, "number"]]);
    const before = told.versions();
    for (const one of [ofHers, lent, his]) await told.tell(one);
    expect(told.versions()).toEqual(before);
  });

  it.each(orders([tellHers, (told: World) => told.tell(his), merge]))(
    "is put before the steward when it shows another number, whatever came last (%#)",
    async (...steps) => {
      const told = world();
      for (const step of steps) await step(told);
      expect(await told.links(hisId)).toEqual([[his.patientId, "number"]]);
      expect(await told.links(herId)).toEqual([]);
      expect(await told.waiting()).toEqual([[his.patientId]]);
      await told.retract(ofHers);
      expect(await told.waiting()).toEqual([]);
    },
  );

  it.each(orders([tellHers, (told: World) => told.tell(unnamed), merge]))(
    "gives its person to one without a number, whatever came last (%#), until it is taken back",
    async (...steps) => {
      const told = world();
      for (const step of steps) await step(told);
      expect(await told.links(herId)).toEqual([[unnamed.patientId, "score"]]);
      const before = told.versions();
      for (const one of [ofHers, unnamed]) await told.tell(one);
      expect(told.versions()).toEqual(before);
      await told.retract(ofHers);
      expect(await told.links(herId)).toEqual([]);
    },
  );

  it("leaves its place in the queue to one that tells nothing, which is linked when it can be", async () => {
    const told = world();
    await told.tell(lent);
    await told.tell(ofHers);
    await told.merge();
    expect(await told.waiting()).toEqual([[nobody.patientId, lent.patientId]]);
    await told.tell({ ...lent, facts: { ...lent.facts, ...idCard(hisNumber) } });
    expect(await told.links(herId)).toEqual([[nobody.patientId, "number"]]);
  });
});

describe("a review", () => {
  it("is not shown once its record is of somebody else, or was taken back, and is asked again with its reason", async () => {
    const told = world();
    for (const one of [ofHers, lent]) await told.tell(one);
    const asked = [[lent.patientId, ofHers.patientId]];
    expect(await told.waiting()).toEqual(asked);
    await told.tell({ ...lent, facts: { ...lent.facts, ...idCard(hisNumber) } });
    expect(await told.waiting()).toEqual([]);
    await told.tell(lent);
    expect(await told.waiting()).toEqual(asked);
    await told.retract(lent);
    expect(await told.waiting()).toEqual([]);
  });
});
