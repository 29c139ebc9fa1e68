import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DetectedIssue, Observation, Task } from "@medplum/fhirtypes";
import type { CheckAnswer } from "../../src/ordering/check/check.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import type { Outcome } from "../../src/ordering/outcomes/outcome.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { reconsiderIssues } from "../../src/ordering/outcomes/store-issues.ts";
import { code, createOrderingWorld } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
let answer: CheckAnswer;
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.link(["a-provincial", "b-central", "c-county"]);
  await world.certify();
  await world.result({});
  await world.grant();
  answer = await check();
});

const hourMs = 3_600_000;
const asker = (id = "1008") => ({ client: "c-county", institution: code("c-county"), practitioner: { id } });
const check = (...more: Parameters<typeof world.ask>) => checkRecognition(world.deps, world.ask(...more));
const evidenceIn = (of: CheckAnswer, at = 0) => of.results[at]?.lines[0]?.evidence ?? "";
const adopt = (more: object = {}): Outcome => ({ order: "o1", outcome: "adopted", evidence: evidenceIn(answer), ...more });
const decline = (more: object = {}): Outcome => ({
  order: "o1",
  outcome: "declined",
  reason: "condition-changed",
  explained: {},
  ...more,
});
const record = async (outcomes: readonly Outcome[], of = answer, more: object = {}) =>
  (await recordOutcomes(world.deps, { asker: asker(), check: of.id, outcomes, ...more })) ?? [];
const states = async (...given: Parameters<typeof record>) =>
  (await record(...given)).map((one) => ("why" in one ? one.why : one.state));
const issues = () =>
  world.store.all(code("c-county")).filter((one): one is DetectedIssue => one.resourceType === "DetectedIssue");
const facts = () =>
  world
    .events()
    .filter((event) => event.subtype?.[0]?.code === "recognition-answered")
    .map(detailsOf);
const detailsOf = (event: ReturnType<typeof world.events>[number]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    event.entity
      ?.find((one) => one.what?.identifier?.system === "urn:hutong:recognition-case")
      ?.detail?.map(({ type, valueString }) => [type ?? "", valueString]) ?? [],
  );

describe("a doctor who recognises a result", () => {
  it("leaves a DetectedIssue in the ordering institution with the result as it was shown, digit for digit", async () => {
    await world.result({ id: "h-exact", value: "11.30", collected: "2026-11-20 10:00", reported: "2026-11-20 11:00" });
    answer = await check();
    expect(await states([adopt()])).toEqual(["recorded"]);
    const [issue, ...more] = issues();
    expect(more).toEqual([]);
    const [copy] = (issue?.contained ?? []) as Observation[];
    expect(JSON.stringify(copy)).toContain('"value":11.30');
    expect(copy).toMatchObject({ resourceType: "Observation", id: "result", status: "final" });
    expect(copy).not.toHaveProperty("subject");
    expect(issue?.evidence?.[0]?.detail).toEqual([
      { reference: "#result" },
      { type: "Observation", identifier: { system: "urn:hutong:resource", value: "a-provincial/Observation/h-exact" } },
    ]);
  });

  it("keeps version, certificate, basis, policy and the price of the day", async () => {
    await record([adopt()]);
    const parts = Object.fromEntries(
      (issues()[0]?.extension?.[0]?.extension ?? []).map(({ url, ...value }) => [url, Object.values(value)[0]]),
    );
    expect(parts).toMatchObject({
      version: "1",
      recognition: "must",
      basis: "mark-and-certificate",
      certificate: expect.stringContaining("a-provincial-14682-9"),
      policy: answer.policy,
      ordinal: 0,
      check: answer.id,
    });
    const fen = world.catalogue.priceOf("creatinine", world.deps.institutionOf("c-county")?.level.ji ?? 0);
    expect(JSON.stringify(parts.price ?? {})).toBe(
      fen === undefined ? "{}" : `{"value":${(fen / 100).toFixed(2)},"currency":"CNY"}`,
    );
  });

  it("tells one fact that names the result with its version, its source and the case", async () => {
    await record([adopt()]);
    expect(facts()).toMatchObject([
      { outcome: "adopted", check: answer.id, item: "creatinine", order: "o1", setting: "outpatient" },
    ]);
    const event = world.events().find((one) => one.subtype?.[0]?.code === "recognition-answered");
    const named = event?.entity?.map((one) => one.what?.identifier?.value);
    expect(named).toContain("a-provincial/Observation/h-a-provincial");
    expect(named).toContain("a-provincial");
    expect(named).toContain(answer.results[0]?.case);
    expect(event?.agent[1]?.who?.identifier?.value).toBe("c-county/1008");
  });

  it("makes no result, no order and no charge", async () => {
    const before = new Map(["a-provincial", "b-central", "c-county"].map((one) => [one, world.store.all(code(one)).length]));
    await record([adopt()]);
    expect(world.store.all(code("c-county")).length).toBe((before.get("c-county") ?? 0) + 1);
    expect(world.store.all(code("a-provincial")).length).toBe(before.get("a-provincial"));
    const kinds = ["a-provincial", "c-county", "DEFAULT"].flatMap((one) =>
      world.store.all(code(one)).map((r) => r.resourceType),
    );
    for (const kind of ["ChargeItem", "Claim", "Invoice", "ServiceRequest"]) expect(kinds).not.toContain(kind);
  });

  it("never makes it newer: the same days are left at the next check, and its copy is found by nobody", async () => {
    await record([adopt()]);
    const again = await check({ orders: [{ id: "o2", item: "creatinine" }] });
    expect(again.results[0]?.lines).toEqual(answer.results[0]?.lines);
    expect(again.results[0]?.own).toEqual([]);
    expect(await states([adopt({ order: "o2" })], again)).toEqual(["recorded"]);
    world.pass(24 * hourMs);
    const nextDay = await check();
    expect(nextDay.results[0]?.lines).toHaveLength(1);
    expect(nextDay.results[0]?.lines[0]?.daysLeft).toBe((answer.results[0]?.lines[0]?.daysLeft ?? 0) - 1);
    expect(nextDay.results[0]?.own).toEqual([]);
  });

  it("cannot adopt a result that was changed since it was shown", async () => {
    await world.result({ value: "96" });
    expect(await states([adopt()])).toEqual(["changed"]);
    expect(issues()).toEqual([]);
    const again = await check();
    answer = again;
    expect(await states([adopt()])).toEqual(["recorded"]);
  });

  it("cannot adopt a result that was withdrawn since, nor one that consent no longer lets C read", async () => {
    await world.withdraw();
    expect(await states([adopt()])).toEqual(["not-permitted"]);
    await world.grant({}, "hanew");
    await world.result({ status: "entered-in-error" });
    expect(await states([adopt()])).toEqual(["changed"]);
    expect(issues()).toEqual([]);
  });

  it.each([
    ["another version", "a-provincial/Observation/h-a-provincial/_history/9"],
    ["another result", "a-provincial/Observation/h-other/_history/1"],
    ["no address at all", "creatinine of last week"],
  ])("cannot adopt what the check did not show: %s", async (_, evidence) => {
    expect(await states([adopt({ evidence })])).toEqual(["evidence-not-shown"]);
  });

  it("cannot adopt what is not eligible", async () => {
    await world.result({ id: "h-old", source: "b-central", collected: "2026-08-01 10:00", reported: "2026-08-01 11:00" });
    answer = await check();
    const line = answer.results[0]?.lines.find((one) => one.recognition === "ineligible");
    expect(await states([adopt({ evidence: line?.evidence })])).toEqual(["evidence-not-recognisable"]);
  });

  it("adopts an examination with its images and its report, without the diagnosis", async () => {
    await world.certify("a-provincial", "29252-4");
    await world.examination({ examination: "chest-ct" });
    answer = await check({ orders: [{ id: "o1", item: "chest-ct" }] });
    expect(await states([adopt()])).toEqual(["recorded"]);
    const contained = issues()[0]?.contained ?? [];
    expect(contained.map((one) => one.resourceType).sort()).toEqual(["DiagnosticReport", "ImagingStudy"]);
    expect(JSON.stringify(contained)).not.toContain("conclusion");
    expect(JSON.stringify(contained)).not.toContain("Patient/");
  });
});

describe("a doctor who examines again", () => {
  it("gives one of the lawful reasons, and the patient was told why, by whom and when", async () => {
    expect(await states([decline()])).toEqual(["recorded"]);
    const [issue] = issues();
    expect(issue?.mitigation).toEqual([
      {
        action: { coding: [expect.objectContaining({ code: "explained" })] },
        date: "2026-11-22T02:00:00.000Z",
        author: { type: "Practitioner", identifier: { system: "urn:hutong:practitioner", value: "c-county/1008" } },
      },
    ]);
    expect(facts()).toMatchObject([{ outcome: "declined", reason: "condition-changed", counts: "true", explained: "true" }]);
  });

  it.each`
    said                                  | more                                                            | state
    ${"a reason nobody knows"}            | ${{ reason: "no-time" }}                                        | ${"reason-unknown"}
    ${"其他 without words"}               | ${{ reason: "other-necessary" }}                                | ${"text-missing"}
    ${"其他 with blanks for words"}       | ${{ reason: "other-necessary", text: "  \n " }}                 | ${"text-missing"}
    ${"其他 with 600 characters"}         | ${{ reason: "other-necessary", text: "查".repeat(600) }}        | ${"recorded"}
    ${"其他 with 601 characters"}         | ${{ reason: "other-necessary", text: "查".repeat(601) }}        | ${"text-too-long"}
    ${"no explanation to the patient"}    | ${{ explained: undefined }}                                     | ${"explanation-missing"}
    ${"an explanation of tomorrow"}       | ${{ explained: { at: new Date("2026-11-23T10:00:00+08:00") } }} | ${"explanation-too-early-or-late"}
    ${"an explanation of last week"}      | ${{ explained: { at: new Date("2026-11-15T10:00:00+08:00") } }} | ${"explanation-too-early-or-late"}
    ${"no reason at all"}                 | ${{ reason: undefined, explained: undefined }}                  | ${"incomplete"}
    ${"an order nobody was reminded of"}  | ${{ order: "o9" }}                                              | ${"unknown-order"}
    ${"an item that is not of the order"} | ${{ item: "potassium" }}                                        | ${"unknown-order"}
  `("$said: $state", async ({ more, state }) => {
    expect(await states([decline(more as object)])).toEqual([state]);
    expect(issues()).toHaveLength(state === "recorded" ? 1 : 0);
  });

  it.each(["images-not-received", "continuous-monitoring"])(
    "for %s, which is neither recognition nor refusal (98, 99), need not explain, and it is told apart",
    async (reason) => {
      expect(await record([decline({ reason, explained: undefined })])).toMatchObject([{ state: "recorded", counts: false }]);
      expect(facts()).toMatchObject([{ outcome: "declined", reason, counts: "false" }]);
    },
  );

  it("without a reason is asked again, also after the window, and the reason completes it", async () => {
    expect(await states([decline({ reason: undefined })])).toEqual(["incomplete"]);
    expect(await states([decline({ reason: undefined })])).toEqual(["incomplete"]);
    expect(facts()).toHaveLength(1);
    world.pass(100 * hourMs);
    expect(await states([adopt()])).toEqual(["too-late"]);
    expect(await states([decline()])).toEqual(["recorded"]);
    expect(facts().map((one) => one.outcome)).toEqual(expect.arrayContaining(["incomplete", "declined"]));
  });

  it("through a hook, which has no room for it, may explain later: the refusal stands, the explanation is told beside it", async () => {
    expect(await states([decline({ explained: undefined })], answer, { explanationMayFollow: true })).toEqual(["recorded"]);
    expect(issues()[0]?.mitigation).toBeUndefined();
    expect(await states([decline()])).toEqual(["same"]);
    expect(issues()).toHaveLength(2);
    expect(await states([decline()])).toEqual(["same"]);
    expect(issues()).toHaveLength(2);
    expect(
      facts()
        .map((one) => one.outcome)
        .sort(),
    ).toEqual(["declined", "explained"]);
  });
});

describe("the first answer", () => {
  it("stands: an identical repeat is the same, another is a conflict, and nothing is written twice", async () => {
    expect(await states([adopt()])).toEqual(["recorded"]);
    const before = JSON.stringify(issues());
    expect(await states([adopt()])).toEqual(["same"]);
    expect(await states([decline()])).toEqual(["conflict"]);
    expect(JSON.stringify(issues())).toBe(before);
    expect(facts().filter((one) => one.outcome === "adopted")).toHaveLength(1);
  });

  it("stands for every check of the same order on that day: order-select, order-sign", async () => {
    const signed = await check();
    expect(signed.id).not.toBe(answer.id);
    expect(signed.results[0]?.case).toBe(answer.results[0]?.case);
    await record([adopt()]);
    expect(await states([adopt()], signed)).toEqual(["same"]);
    expect(await states([decline()], signed)).toEqual(["conflict"]);
  });

  it("is one of two that come at the same moment, and both callers learn which", async () => {
    const [one, other] = await Promise.all([states([adopt()]), states([decline()])]);
    expect([one[0], other[0]].sort()).toEqual(["conflict", "recorded"]);
    expect(issues()).toHaveLength(1);
    expect(facts().filter(({ outcome }) => outcome === "adopted" || outcome === "declined")).toHaveLength(1);
  });

  it("of two equal ones at the same moment is recorded once", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => states([adopt()])));
    expect(all.flat().sort()).toEqual(["recorded", "same", "same", "same", "same"]);
    expect(facts()).toHaveLength(1);
  });

  it("comes within the answer window, to the end of its last second; later the check must be made anew", async () => {
    world.pass(72 * hourMs);
    expect(await states([adopt()])).toEqual(["recorded"]);
    const next = await check({ orders: [{ id: "o2", item: "creatinine" }] });
    world.pass(72 * hourMs + 1);
    expect(await states([{ order: "o2", outcome: "adopted", evidence: evidenceIn(next) }], next)).toEqual(["too-late"]);
    expect(await states([decline({ order: "o2" })], next)).toEqual(["too-late"]);
  });

  it("comes from the institution that made the check: to any other the check does not exist", async () => {
    const stranger = { client: "b-central", institution: code("b-central"), practitioner: { id: "1" } };
    expect(await recordOutcomes(world.deps, { asker: stranger, check: answer.id, outcomes: [adopt()] })).toBeUndefined();
    expect(await recordOutcomes(world.deps, { asker: asker(), check: "hnothing", outcomes: [adopt()] })).toBeUndefined();
    expect(issues()).toEqual([]);
  });
});

describe("a batch", () => {
  const orders = [
    { id: "o1", item: "creatinine" },
    { id: "o2", item: "potassium" },
    { id: "o3", item: "glucose" },
  ];
  beforeEach(async () => {
    await world.result({ id: "h-k", item: "potassium", value: "4.2", unit: "mmol/L" } as never);
    await world.result({ id: "h-glu", item: "glucose", value: "5.3", unit: "mmol/L" } as never);
    answer = await check({ orders });
  });

  it("takes each answer by itself: a bad one never loses the others", async () => {
    const outcomes = [
      adopt({ evidence: "a-provincial/Observation/h-nothing/_history/1" }),
      adopt({ order: "o2", evidence: evidenceIn(answer, 1) }),
      decline({ order: "o9" }),
      decline({ order: "o3" }),
    ];
    expect(await states(outcomes)).toEqual(["evidence-not-shown", "recorded", "unknown-order", "recorded"]);
    expect(issues()).toHaveLength(2);
  });

  it("with two answers to one order takes the first", async () => {
    expect(await states([adopt(), decline(), adopt()])).toEqual(["recorded", "conflict", "same"]);
    expect(issues()).toHaveLength(1);
  });

  it("tells in one refusal event what was refused and why, without a value", async () => {
    await record([adopt({ evidence: "x" }), decline({ order: "o2", reason: "no-such" })]);
    const refused = world.events().filter((one) => one.subtype?.[0]?.code === "recognition-answered" && one.outcome === "4");
    expect(refused).toHaveLength(1);
    expect(refused[0]?.entity?.slice(1).map((one) => one.detail?.find(({ type }) => type === "state")?.valueString)).toEqual([
      "evidence-not-shown",
      "reason-unknown",
    ]);
  });
});

describe("when the engine dies in the middle", () => {
  const tasks = () => world.store.all("DEFAULT").filter((one): one is Task => one.resourceType === "Task");
  const sweep = async () => {
    for (const task of tasks()) if (task.status === "on-hold") await reconsiderIssues(world.deps, task);
  };
  /** The n-th commit to DEFAULT never happens: 1 = the Task, 2 = the facts with the Task's end. */
  const dieAt = (nth: number) => {
    let commits = 0;
    world.store.beforeCommit((tenant) => {
      if (tenant === "DEFAULT" && ++commits === nth) throw new Error("killed");
    });
  };

  it("before anything is written, nothing is, and a repeat records it", async () => {
    dieAt(1);
    await expect(record([adopt()])).rejects.toThrow("killed");
    world.store.beforeCommit(undefined);
    expect([issues(), facts()]).toEqual([[], []]);
    expect(await states([adopt()])).toEqual(["recorded"]);
  });

  it("after the Task, before the answer: the Task ends and nothing was answered", async () => {
    world.store.createMissing = () => Promise.reject(new Error("killed"));
    await expect(record([adopt()])).rejects.toThrow("killed");
    world.pass(121_000);
    await sweep();
    expect([issues(), facts(), tasks().map((one) => one.status)]).toEqual([[], [], ["completed"]]);
  });

  it("between the answer and its fact: the answer stands, and the sweeper tells the fact, once", async () => {
    dieAt(2);
    await expect(record([adopt()])).rejects.toThrow("killed");
    world.store.beforeCommit(undefined);
    expect([issues().length, facts().length]).toEqual([1, 0]);
    expect(await states([adopt()])).toEqual(["same"]);
    expect(await states([decline()])).toEqual(["conflict"]);
    await sweep();
    expect(facts().filter((one) => one.outcome === "adopted")).toEqual([]);
    world.pass(121_000);
    await sweep();
    await sweep();
    expect(facts().filter((one) => one.outcome === "adopted")).toHaveLength(1);
    expect(tasks().map((one) => one.status)).toEqual(["completed"]);
  });
});
