import { describe, expect, it } from "@jest/globals";
import { answerReview } from "../../src/identity/answer-review.ts";
import type { Decision } from "../../src/identity/decision-task.ts";
import { decisionsOn, explainRecord } from "../../src/identity/explain-record.ts";
import { joinRecord, type Word } from "../../src/identity/join-record.ts";
import { linkPatients, type PersonInBatch } from "../../src/identity/link-patients.ts";
import { listReviews } from "../../src/identity/list-reviews.ts";
import type { IdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { partRecord } from "../../src/identity/part-record.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { readResident } from "../../src/identity/resident.ts";
import { undoDecision } from "../../src/identity/undo-decision.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { herNumber, idCard, linkDeps, localPatient, noon, person, suite } from "./people.ts";

const herId = residentIdOf(suite, herNumber as IdentityNumber);
const by = { client: "steward", practitioner: "s1" };
const she = { ...idCard(herNumber), name: "刘梅", birthDate: "1985-06-15" } as const;
const known = person("a-provincial", "1", she);
const borrower = person("c-county", "2", { ...she, name: "陈静", birthDate: "1991-02-03" });
const mei = { name: "刘晓梅", birthDate: "1985-06-15", sex: "female", phone: "10012345678" } as const;
const alike = person("b-central", "3", { ...mei, birthDate: "1985-06-25" });
const herself = person("a-provincial", "4", { ...mei, ...idCard(herNumber) });

async function world(...people: readonly PersonInBatch[]) {
  const store = createMemoryStore();
  const deps = linkDeps(store);
  let count = 0;
  const told: Decision[] = [];
  const audit = (decision: Decision) => {
    told.push(decision);
    return [];
  };
  const world = {
    store,
    deps,
    /** Tonight's export: the same records again. */
    async nightly() {
      for (const one of people) await store.commit(one.tenant, [{ kind: "put", resource: localPatient(one) }]);
      return (await linkPatients(deps, people)).map((outcome) => outcome.kind);
    },
    reviews: async () => (await listReviews({ store, suite, now: () => noon })).reviews,
    links: async (resident: typeof herId) =>
      (await readResident(store, resident))?.links.map((link) => `${link.tenant} ${link.basis}`).sort(),
    async answer(answer: "same" | "different") {
      const [review] = await world.reviews();
      return answerReview(deps, { id: review?.id ?? "", answer, by, audit });
    },
    word: (one: PersonInBatch, resident: typeof herId): Word => ({
      local: { tenant: one.tenant, patientId: one.patientId },
      resident,
      by,
      id: suite.computeId("decision", String(++count)),
      audit,
    }),
    undo: (id: string) => undoDecision(deps, { id, by, audit }),
    told,
  };
  await world.nightly();
  return world;
}

const decisionOf = (outcome: { readonly kind: string }) => (outcome as unknown as { decision: Decision }).decision;

describe("a steward's answer to a review", () => {
  it("'of that person' links the record, and the next export leaves it so", async () => {
    const { answer, links, reviews, nightly, told } = await world(known, borrower);
    expect((await answer("same")).kind).toBe("decided");
    expect(await links(herId)).toEqual(["a-provincial number", "c-county steward"]);
    expect(await reviews()).toEqual([]);
    await nightly();
    expect(await links(herId)).toEqual(["a-provincial number", "c-county steward"]);
    expect(told).toMatchObject([{ action: "link", resident: herId, by }]);
  });

  it("'of somebody else' makes it a person of its own for good, whatever the next exports bring", async () => {
    const { answer, links, reviews, nightly } = await world(known, borrower);
    await answer("different");
    expect(await links(herId)).toEqual(["a-provincial number"]);
    expect(await nightly()).toEqual(["kept", "kept"]);
    expect(await nightly()).toEqual(["kept", "kept"]);
    expect(await links(herId)).toEqual(["a-provincial number"]);
    expect(await reviews()).toEqual([]);
  });

  it("can be given once", async () => {
    const { answer, reviews, deps } = await world(known, borrower);
    const [review] = await reviews();
    await answer("same");
    expect(await answerReview(deps, { id: review?.id ?? "", answer: "different", by, audit: () => [] })).toEqual({
      kind: "closed",
    });
  });

  it("about two records that may be one makes one person of two, and an undo two of one, for good", async () => {
    const { answer, links, reviews, undo, nightly, store } = await world(herself, alike);
    const merge = decisionOf(await answer("same"));
    expect(merge.action).toBe("merge");
    expect(await links(herId)).toEqual(["a-provincial number", "b-central steward"]);
    await undo(merge.id);
    expect(await links(herId)).toEqual(["a-provincial number"]);
    expect(await links(merge.loser as typeof herId)).toEqual(["b-central provisional"]);
    await nightly();
    await nightly();
    expect(await links(herId)).toEqual(["a-provincial number"]);
    expect(await reviews()).toEqual([]);
    const corrections = store
      .all("DEFAULT")
      .filter((one) => one.resourceType === "Task" && one.code?.coding?.[0]?.code === "link-correction");
    expect(corrections).toHaveLength(1);
  });
});

describe("a steward who finds a wrong link", () => {
  it("takes it away; what follows is opened with it; the next export does not bring it back; an undo does", async () => {
    const { links, deps, word, nightly, undo, store } = await world(known);
    const decision = await partRecord(deps, word(known, herId));
    expect(await links(herId)).toEqual([]);
    const task = store
      .all("DEFAULT")
      .find((one) => one.resourceType === "Task" && one.code?.coding?.[0]?.code === "link-correction");
    expect(task).toMatchObject({ status: "requested", for: { identifier: { value: herId } } });
    expect(JSON.stringify(task)).not.toMatch(/刘梅|9901/);
    await nightly();
    expect(await links(herId)).toEqual([]);
    const undone = await undo(decision?.id ?? "");
    expect(await links(herId)).toEqual(["a-provincial steward"]);
    expect(await undo(decision?.id ?? "")).toEqual({ kind: "undone" });
    // The undo is a decision like any other.
    await undo(decisionOf(undone).id);
    expect(await links(herId)).toEqual([]);
  });

  it("links a record elsewhere, and both residents' history tells it", async () => {
    const other = person("b-central", "9", { name: "陈静", phone: "10000000003" });
    const { links, deps, word, store } = await world(known, other);
    await joinRecord(deps, word(other, herId));
    expect(await links(herId)).toEqual(["a-provincial number", "b-central steward"]);
    expect(await decisionsOn(store, { tenant: other.tenant, patientId: other.patientId })).toMatchObject([
      { action: "merge", by },
    ]);
  });

  it("sees why: every record of the person with its evidence, and what was decided", async () => {
    const { answer, deps } = await world(known, borrower);
    await answer("same");
    const explained = await explainRecord(deps, { tenant: borrower.tenant, patientId: borrower.patientId });
    expect(explained).toMatchObject({
      person: { name: "陈静", identity: { masked: "99**************8X" } },
      link: { basis: "steward" },
      others: [{ name: "刘梅", basis: "number", comparison: { outcome: "different" } }],
      decisions: [{ action: "link" }],
    });
    expect(JSON.stringify(explained)).not.toContain(herNumber);
  });
});
