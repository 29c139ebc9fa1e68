import { describe, expect, it } from "@jest/globals";
import { systems } from "../../src/fhir/systems.ts";
import { followMove } from "../../src/identity/follow-move.ts";
import { linkPatients, type PersonInBatch } from "../../src/identity/link-patients.ts";
import { listReviews } from "../../src/identity/list-reviews.ts";
import type { IdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { prepareCorrections } from "../../src/identity/prepare-corrections.ts";
import { readResident } from "../../src/identity/resident.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";
import { herNumber, hisNumber, idCard, linkDeps, localPatient, noon, person, suite } from "./people.ts";

const herId = residentIdOf(suite, herNumber as IdentityNumber);
const hisId = residentIdOf(suite, hisNumber as IdentityNumber);
const she = { name: "刘晓梅", birthDate: "1985-06-15", sex: "female", phone: "10012345678" } as const;
const passport = { identity: { type: "passport", number: "E1234567" }, name: "Anna Smith", birthDate: "1985-06-15" } as const;

/** A store into which people are delivered as ingest does it: corrections prepared, Patients written, then linked. */
function world() {
  const store: MemoryStore = createMemoryStore();
  const deps = linkDeps(store);
  return {
    store,
    deps,
    async deliver(...people: readonly PersonInBatch[]) {
      const stored = people.filter((one) => store.versionOf(one.tenant, "Patient", one.patientId) > 0);
      if (stored.length > 0) await prepareCorrections(deps, stored);
      for (const one of people) await store.commit(one.tenant, [{ kind: "put", resource: localPatient(one) }]);
      return (await linkPatients(deps, people)).map((outcome) => outcome.kind);
    },
    links: async (resident: typeof herId) =>
      (await readResident(store, resident))?.links.map((link) => `${link.tenant} ${link.basis}`).sort(),
    reviews: async () => (await listReviews({ store, suite, now: () => noon })).reviews,
    corrections: () =>
      store.all("DEFAULT").filter((one) => one.resourceType === "Task" && one.code?.coding?.[0]?.code === "link-correction")
        .length,
  };
}

const withNumber = person("a-provincial", "1", { ...she, ...idCard(herNumber) });
const without = person("b-central", "2", she);

describe("a record without a number", () => {
  it.each([
    ["after", [withNumber, without]],
    ["before", [without, withNumber]],
  ] as const)("joins the person of the number that came %s it, by score", async (_said, [first, second]) => {
    const { deliver, links, reviews, store } = world();
    await deliver(first);
    await deliver(second);
    expect(await links(herId)).toEqual(["a-provincial number", "b-central score"]);
    expect(await reviews()).toEqual([]);
    const before = store.all("DEFAULT").map((one) => `${one.id} ${one.meta?.versionId}`);
    await deliver(first, second);
    expect(store.all("DEFAULT").map((one) => `${one.id} ${one.meta?.versionId}`)).toEqual(before);
  });

  it("joins in one batch with the number, and with others that have none", async () => {
    const { deliver, links } = world();
    await deliver(without, person("c-county", "3", she), withNumber);
    expect(await links(herId)).toEqual(["a-provincial number", "b-central score", "c-county score"]);
  });

  it("with a passport joins the other record with that passport, whatever the order of the names", async () => {
    const { deliver, store } = world();
    await deliver(person("a-provincial", "1", passport));
    expect(await deliver(person("b-central", "2", { ...passport, name: "SMITH, Anna" }))).toEqual(["matched"]);
    const standing = store.all("DEFAULT").filter((one) => one.resourceType === "Patient" && one.active);
    expect(standing).toHaveLength(1);
  });

  it("that could be of somebody known waits for the steward with its score, and is its own person meanwhile", async () => {
    const { deliver, links, reviews } = world();
    await deliver(withNumber);
    expect(await deliver(person("b-central", "2", { ...she, birthDate: "1985-06-25" }))).toEqual(["provisional"]);
    const [review, ...more] = await reviews();
    expect(more).toEqual([]);
    expect(review).toMatchObject({
      reasons: ["possible-match"],
      person: { institution: "b-central" },
      linked: [{ institution: "a-provincial", comparison: { outcome: "maybe" } }],
    });
    expect(await links(herId)).toEqual(["a-provincial number"]);
    // Later the birth date is corrected: the review resolves itself.
    await deliver(person("b-central", "2", she));
    expect(await links(herId)).toEqual(["a-provincial number", "b-central score"]);
    expect(await reviews()).toEqual([]);
  });

  it("finds its candidates in a few requests for a whole batch", async () => {
    const { deliver, store } = world();
    await deliver(withNumber);
    const from = store.requests.length;
    await deliver(
      ...Array.from({ length: 30 }, (_, at) =>
        person("b-central", `n${at}`, { ...she, name: `王${at}伟`, phone: `1001111${1000 + at}` }),
      ),
    );
    const asked = store.requests.slice(from).filter((request) => request.startsWith("search"));
    expect(asked.length).toBeLessThan(10);
  });

  it("leaves nothing in clear in its keys", async () => {
    const { deliver, store } = world();
    await deliver(without);
    const keys = store.all(without.tenant).flatMap((one) => (one.resourceType === "Patient" ? (one.identifier ?? []) : []));
    expect(keys.filter((one) => one.system === systems.matchOpen).length).toBeGreaterThan(2);
    for (const one of keys) expect(one.value).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a number that arrives or is corrected", () => {
  it("replaces the provisional golden, which every reader follows", async () => {
    const { deliver, links, store, corrections } = world();
    await deliver(person("b-central", "2", { ...she, phone: "10000000001" }));
    const provisional = store.all("DEFAULT").find((one) => one.resourceType === "Patient")?.id as typeof herId;
    await deliver(person("b-central", "2", { ...she, phone: "10000000001", ...idCard(herNumber) }));
    expect(await links(herId)).toEqual(["b-central number"]);
    expect(await readResident(store, provisional)).toMatchObject({ resident: herId, all: [herId, provisional] });
    expect(corrections()).toBe(0);
  });

  it("moves the link in one transaction with the Task that follows", async () => {
    const { deliver, links, corrections, store } = world();
    const wrong = { name: "张三", phone: "10000000002" };
    await deliver(person("a-provincial", "1", { ...wrong, ...idCard(herNumber) }));
    const from = store.requests.length;
    await deliver(person("a-provincial", "1", { ...wrong, ...idCard(hisNumber) }));
    expect([await links(herId), await links(hisId)]).toEqual([[], ["a-provincial number"]]);
    expect(corrections()).toBe(1);
    const commits = store.requests.slice(from).filter((request) => request.startsWith("commit"));
    // Both goldens and the Task at once, and before the local write.
    expect(commits).toEqual(["commit DEFAULT 3", "commit a-provincial 1"]);
  });

  it("that disagrees with its new person only closes the old link", async () => {
    const { deliver, links, reviews, corrections } = world();
    await deliver(person("a-provincial", "1", { name: "张三", ...idCard(herNumber) }));
    await deliver(person("a-provincial", "1", { name: "张三", birthDate: "1985-06-15", ...idCard(hisNumber) }));
    expect([await links(herId), await links(hisId)]).toEqual([[], []]);
    expect(await reviews()).toHaveLength(1);
    expect(corrections()).toBe(1);
  });

  it("that is taken away leaves a person of its own", async () => {
    const { deliver, links, corrections } = world();
    await deliver(withNumber);
    expect(await deliver(person("a-provincial", "1", { name: "刘晓梅" }))).toEqual(["provisional"]);
    expect(await links(herId)).toEqual([]);
    expect(corrections()).toBe(1);
  });

  it("a retracted Patient loses its link", async () => {
    const { deliver, deps, links } = world();
    await deliver(withNumber);
    await prepareCorrections(deps, [{ tenant: withNumber.tenant, patientId: withNumber.patientId }]);
    expect(await links(herId)).toEqual([]);
  });
});

describe("an institution that says two of its records are one", () => {
  const card = person("a-provincial", "card", { ...she, ...idCard(herNumber) });
  const file = person("a-provincial", "file", { name: "刘晓梅", phone: "10000000009" });
  const move = { tenant: card.tenant, from: file.patientId, into: card.patientId };

  it("makes one person of them", async () => {
    const { deliver, deps, links, store } = world();
    await deliver(card, file);
    await followMove(deps, move);
    await followMove(deps, move);
    expect(await links(herId)).toEqual(["a-provincial number"]);
    const goldens = store.all("DEFAULT").filter((one) => one.resourceType === "Patient" && one.active !== false);
    expect(goldens.map((one) => one.id)).toEqual([herId]);
  });

  it("hands the person over when the record that stands has none yet", async () => {
    const { deliver, deps, links } = world();
    await deliver(card);
    await followMove(deps, { tenant: card.tenant, from: card.patientId, into: file.patientId });
    expect(await links(herId)).toEqual(["a-provincial number"]);
  });

  it("is not believed by a machine when both have numbers", async () => {
    const { deliver, deps, links, reviews } = world();
    const him = person("a-provincial", "file", { name: "张三", ...idCard(hisNumber) });
    await deliver(card, him);
    await followMove(deps, move);
    expect([await links(herId), await links(hisId)]).toEqual([["a-provincial number"], []]);
    expect((await reviews()).map((one) => one.reasons)).toEqual([["merge-disagrees"]]);
  });
});
