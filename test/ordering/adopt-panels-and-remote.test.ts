import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DetectedIssue, Observation, Resource } from "@medplum/fhirtypes";
import type { CheckAnswer } from "../../src/ordering/check/check.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import type { Outcome } from "../../src/ordering/outcomes/outcome.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { code, createOrderingWorld } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.link(["a-provincial", "b-central"]);
  await world.grant();
});

const asker = { client: "c-county", institution: code("c-county"), practitioner: { id: "1008" } };
const check = (...more: Parameters<typeof world.ask>) => checkRecognition(world.deps, world.ask(...more));
const evidenceOf = (answer: CheckAnswer, item: string) =>
  answer.results.find((one) => one.item === item)?.lines[0]?.evidence ?? "";
const record = async (answer: CheckAnswer, ...outcomes: Outcome[]) =>
  (await recordOutcomes(world.deps, { asker, check: answer.id, outcomes }))?.map((one) => [one.item, one.state]);
const issues = () =>
  world.store.all(code("c-county")).filter((one): one is DetectedIssue => one.resourceType === "DetectedIssue");

describe("an order of a panel", () => {
  let answer: CheckAnswer;
  beforeEach(async () => {
    await world.result({ id: "h-crea" });
    await world.result({ id: "h-urea", item: "urea", value: "5.2", unit: "mmol/L" });
    answer = await check({ orders: [{ id: "o1", item: "kidney-function" }] });
  });

  it("is answered member by member; which member an adopted result is for, its evidence says", async () => {
    const adopt = (item: string): Outcome => ({ order: "o1", outcome: "adopted", evidence: evidenceOf(answer, item) });
    expect(await record(answer, adopt("urea"), adopt("creatinine"))).toEqual([
      ["urea", "recorded"],
      ["creatinine", "recorded"],
    ]);
    const parts = issues().map((one) => one.extension?.[0]?.extension?.find(({ url }) => url === "panel")?.valueString);
    expect(parts).toEqual(["kidney-function", "kidney-function"]);
  });

  it("is declined as a whole with one answer: every member that was reminded of, and no other", async () => {
    const declined: Outcome = { order: "o1", outcome: "declined", reason: "critical-decision", explained: {} };
    expect((await record(answer, declined))?.sort()).toEqual([
      ["creatinine", "recorded"],
      ["urea", "recorded"],
    ]);
  });

  it("adopted in one member and declined as a whole: what was adopted stands", async () => {
    await record(answer, { order: "o1", outcome: "adopted", evidence: evidenceOf(answer, "urea") });
    const declined: Outcome = { order: "o1", outcome: "declined", reason: "rapidly-changing", explained: {} };
    expect((await record(answer, declined))?.sort()).toEqual([
      ["creatinine", "recorded"],
      ["urea", "conflict"],
    ]);
  });

  it("whose evidence is named for another member is refused", async () => {
    const wrong: Outcome = { order: "o1", item: "urate", outcome: "adopted", evidence: evidenceOf(answer, "urea") };
    expect(await record(answer, wrong)).toEqual([["urate", "unknown-order"]]);
    const other: Outcome = { order: "o1", item: "creatinine", outcome: "adopted", evidence: evidenceOf(answer, "urea") };
    expect(await record(answer, other)).toEqual([["creatinine", "wrong"]]);
  });
});

describe("a result of an institution with a server of its own", () => {
  const result = (value: string, versionId: string): Resource => ({
    ...(world.resultOf({ id: "h-b", source: "b-central", value }) as Observation),
    meta: { versionId },
  });
  const holding = (...resources: Resource[]) =>
    world.servers.set("b-central", async (type) => ({
      kind: "found",
      more: false,
      resources: resources.filter((one) => one.resourceType === type),
    }));
  const adopt = async (answer: CheckAnswer) =>
    (await record(answer, { order: "o1", outcome: "adopted", evidence: evidenceOf(answer, "creatinine") }))?.[0]?.[1];
  /** Longer than the sealed copy of an answer stands for asking again. */
  const later = () => world.pass(11 * 60_000);

  it("is asked for again and kept as it was shown", async () => {
    holding(result("90", "7"));
    const answer = await check();
    expect(evidenceOf(answer, "creatinine")).toBe("b-central/Observation/h-b/_history/7");
    later();
    expect(await adopt(answer)).toBe("recorded");
    expect(issues()[0]?.contained?.[0]).toMatchObject({ resourceType: "Observation", id: "result" });
  });

  it("that was changed there meanwhile cannot be adopted", async () => {
    holding(result("90", "7"));
    const answer = await check();
    later();
    holding(result("96", "8"));
    expect(await adopt(answer)).toBe("changed");
  });

  it("that does not answer now is unavailable: nothing is recorded, and it may be tried again", async () => {
    holding(result("90", "7"));
    const answer = await check();
    later();
    world.servers.set("b-central", async () => ({ kind: "refused" }));
    expect(await adopt(answer)).toBe("unavailable");
    expect(issues()).toEqual([]);
    holding(result("90", "7"));
    expect(await adopt(answer)).toBe("recorded");
  });
});
