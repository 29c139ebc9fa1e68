import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DetectedIssue } from "@medplum/fhirtypes";
import { accessLog } from "../../src/audit/access-log.ts";
import { createFullCheck } from "../../src/fhir/profile-check.ts";
import type { CheckAnswer } from "../../src/ordering/check/check.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { readCheck } from "../../src/ordering/check/check-record.ts";
import { factEvent } from "../../src/ordering/outcomes/fact-event.ts";
import { type RecognitionFact, readFacts } from "../../src/ordering/outcomes/facts.ts";
import { listAppeals, listOutcomes, listReportedFaults } from "../../src/ordering/outcomes/list-outcomes.ts";
import { type Objection, objectToAnswers } from "../../src/ordering/outcomes/object-to-answers.ts";
import type { Outcome } from "../../src/ordering/outcomes/outcome.ts";
import { readOutcome } from "../../src/ordering/outcomes/read-outcome.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { type FaultReport, reportFaults, type SourceToTell } from "../../src/ordering/outcomes/report-faults.ts";
import { tellUses, type Use } from "../../src/ordering/outcomes/tell-uses.ts";
import { code, createOrderingWorld, resident } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
let answer: CheckAnswer;
let evidence: string;
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.link(["a-provincial", "b-central", "c-county"]);
  await world.certify();
  await world.result({});
  await world.grant();
  answer = await checkRecognition(world.deps, world.ask());
  evidence = answer.results[0]?.lines[0]?.evidence ?? "";
});

const hourMs = 3_600_000;
const asker = { client: "c-county", institution: code("c-county"), practitioner: { id: "1008" } };
const record = async (outcome: Outcome, check = answer.id) =>
  (await recordOutcomes(world.deps, { asker, check, outcomes: [outcome] }))?.map((one) => one.state);
const adopt = () => record({ order: "o1", outcome: "adopted", evidence });
const decline = () => record({ order: "o1", outcome: "declined", reason: "rapidly-changing", explained: {} });
const object = async (kind: "revoked" | "appealed", ...objections: Objection[]) =>
  (await objectToAnswers(world.deps, { asker, check: answer.id, code: kind, objections }))?.map((one) => one.state);
const use = async (kind: "viewed" | "referenced", ...uses: Use[]) =>
  (await tellUses(world.deps, { asker, check: answer.id, kind, uses }))?.map((one) => one.state);
const caseOf = async () => (await readOutcome(world.deps, { asker, check: answer.id }))?.results[0];
const state = async () => (await caseOf())?.state;
const facts = async (more: object = {}): Promise<RecognitionFact[]> => {
  const period = { from: new Date("2026-11-21T16:00:00Z"), until: new Date("2026-12-31T16:00:00Z") };
  const all: RecognitionFact[] = [];
  for await (const one of readFacts(world.store, { ...period, ...more })) all.push(one);
  return all;
};
const kinds = async () => (await facts()).map((one) => one.kind);
const issues = (institution = "c-county") =>
  world.store.all(code(institution)).filter((one): one is DetectedIssue => one.resourceType === "DetectedIssue");
/** What the chase tells when a result that was shown is changed at its source. */
const amend = async () => {
  const check = await readCheck(world.store, answer.id);
  const reminder = check?.reminders[0];
  const result = reminder?.results[0];
  if (check === undefined || reminder === undefined || result === undefined) throw new Error("the check showed a result");
  const told = { id: "hamended", kind: "recognition-amended", at: world.deps.now(), agent: { client: "hutong" } } as const;
  await world.put("DEFAULT", factEvent({ ...told, check, reminder, result }));
};

describe("a reminder", () => {
  it("waits for its answer, and counts as ignored when its window has passed", async () => {
    expect(await state()).toBe("waiting");
    world.pass(72 * hourMs);
    expect(await state()).toBe("waiting");
    world.pass(1);
    expect(await state()).toBe("ignored");
  });

  it("that was adopted is superseded once its result is changed at its source", async () => {
    await adopt();
    expect(await state()).toBe("adopted");
    await amend();
    expect(await state()).toBe("superseded");
    expect((await caseOf())?.said.map((one) => one.what)).toEqual(["adopted", "amended"]);
  });

  it("that was declined stays declined when its result is changed", async () => {
    await decline();
    await amend();
    expect(await state()).toBe("declined");
  });

  it("that was overridden without a reason is incomplete until it has one", async () => {
    await record({ order: "o1", outcome: "declined" });
    expect(await state()).toBe("incomplete");
    await decline();
    expect(await state()).toBe("declined");
  });

  it("tells who said what when, what was shown, and never a value or who the resident is", async () => {
    await adopt();
    const view = await readOutcome(world.deps, { asker, check: answer.id });
    expect(view).toMatchObject({
      id: answer.id,
      policy: answer.policy,
      answerUntil: answer.answerUntil,
      visit: "M1",
      results: [
        {
          order: "o1",
          item: "creatinine",
          itemName: "肌酐",
          shown: [{ evidence, recognition: "must", daysLeft: 27 }],
          said: [{ what: "adopted", by: "1008", evidence, at: "2026-11-22T02:00:00.000Z" }],
        },
      ],
    });
    expect(JSON.stringify(view)).not.toContain(resident);
    expect(JSON.stringify(view)).not.toContain('"86"');
  });

  it("is nobody else's business", async () => {
    const other = { client: "b-central", institution: code("b-central") };
    expect(await readOutcome(world.deps, { asker: other, check: answer.id })).toBeUndefined();
  });
});

describe("an answer", () => {
  it("is taken back with a reason, once; the order may then be answered anew", async () => {
    await adopt();
    const text = "误点";
    expect(await object("revoked", { order: "o1", text })).toEqual(["recorded"]);
    expect(await state()).toBe("revoked");
    expect(await object("revoked", { order: "o1", text })).toEqual(["same"]);
    expect(await object("revoked", { order: "o1", text: "另一个理由" })).toEqual(["nothing-stands"]);
    expect(await decline()).toEqual(["recorded"]);
    expect(await state()).toBe("declined");
    expect(await adopt()).toEqual(["conflict"]);
    expect(await object("revoked", { order: "o1", text })).toEqual(["recorded"]);
    expect(await adopt()).toEqual(["recorded"]);
    expect(await state()).toBe("adopted");
    expect(new Set(issues().map((one) => one.id)).size).toBe(5);
    expect(issues().every((one) => one.meta?.versionId === "1")).toBe(true);
  });

  it("that two take back at the same moment is taken back once", async () => {
    await adopt();
    const both = await Promise.all([
      object("revoked", { order: "o1", text: "一" }),
      object("revoked", { order: "o1", text: "二" }),
    ]);
    expect(both.flat().sort()).toEqual(["conflict", "recorded"]);
    expect(issues().filter((one) => one.code?.coding?.[0]?.code === "revoked")).toHaveLength(1);
  });

  it("that is not there cannot be taken back, and an order nobody was reminded of has none", async () => {
    expect(await object("revoked", { order: "o1", text: "x" }, { order: "o9", text: "x" })).toEqual([
      "nothing-stands",
      "unknown-order",
    ]);
  });

  it("is appealed against without being changed; the same words again are the same appeal", async () => {
    await decline();
    expect(await object("appealed", { order: "o1", text: "结果稳定，无需复查" })).toEqual(["recorded"]);
    expect(await object("appealed", { order: "o1", text: "结果稳定，无需复查" })).toEqual(["same"]);
    expect(await object("appealed", { order: "o1", text: "患者亦不同意复查" })).toEqual(["recorded"]);
    expect(await state()).toBe("declined");
    expect(await kinds()).toEqual(["reminder", "declined", "appealed", "appealed"]);
  });

  it("puts appeals before the operator, each with the answer it is about, and names no resident", async () => {
    await decline();
    await object("appealed", { order: "o1", text: "结果稳定，无需复查" });
    const list = await listAppeals(world.deps, { operator: "operations" });
    expect(list.total).toBe(1);
    expect(
      list.entry?.map(({ resource, search }) => [search?.mode, (resource as DetectedIssue).code?.coding?.[0]?.code]),
    ).toEqual([
      ["match", "appealed"],
      ["include", "declined"],
    ]);
    expect(JSON.stringify(list)).not.toContain(resident);
  });
});

describe("a shown result", () => {
  it("that was opened counts once per check and doctor, quoted once per case, however often it is told", async () => {
    const one = { order: "o1", evidence };
    expect(await use("viewed", one)).toEqual(["recorded"]);
    expect(await use("viewed", one, one)).toEqual(["same", "same"]);
    expect(await use("referenced", one, one)).toEqual(["recorded", "recorded"]);
    expect(await use("referenced", one)).toEqual(["same"]);
    expect(await kinds()).toEqual(["reminder", "viewed", "referenced"]);
  });

  it("is told by what the check showed, and nothing else", async () => {
    const other = `${evidence}9`;
    expect(await use("viewed", { order: "o1", evidence: other }, { order: "o9", evidence })).toEqual([
      "evidence-not-shown",
      "unknown-order",
    ]);
    expect(await kinds()).toEqual(["reminder"]);
  });
});

describe("a fault of a result", () => {
  const told: SourceToTell[] = [];
  const report = async (more: Partial<FaultReport> = {}) => {
    const deps = { ...world.deps, tellSource: async (one: SourceToTell) => void told.push(one) };
    const one = { order: "o1", evidence, fault: "wrong-value", text: "与临床不符，请核对标本", ...more } as const;
    return (await reportFaults(deps, { asker, check: answer.id, reports: [one] }))?.map(({ state }) => state);
  };
  beforeEach(() => void told.splice(0));

  it("reaches its source: the words in its own partition, a notice beside them; neither visit nor order of the reporter", async () => {
    expect(await report()).toEqual(["recorded"]);
    const [issue] = issues("a-provincial");
    expect(issue).toMatchObject({ detail: "与临床不符，请核对标本", code: { coding: [{ code: "fault-reported" }] } });
    expect(JSON.stringify(issue)).not.toContain("M1");
    expect(JSON.stringify(issue)).not.toContain("c-county/o1");
    expect(told).toMatchObject([
      { source: "a-provincial", version: "1", about: { type: "Observation", id: "h-a-provincial" } },
    ]);
    expect(issues()).toEqual([]);
    const atSource = { client: "a-provincial", institution: code("a-provincial") };
    const read = await listReportedFaults(world.deps, { asker: atSource });
    expect(read.entry?.map((one) => (one.resource as DetectedIssue).detail)).toEqual(["与临床不符，请核对标本"]);
    expect(JSON.stringify(read)).not.toContain(resident);
    expect((await listReportedFaults(world.deps, { asker })).total).toBe(0);
  });

  it("is told once however often it is reported, and changes neither the result nor an answer", async () => {
    await adopt();
    expect(await report()).toEqual(["recorded"]);
    expect(await report()).toEqual(["same"]);
    expect(await report({ fault: "wrong-mark" })).toEqual(["recorded"]);
    expect(await state()).toBe("adopted");
    expect(world.store.versionOf(code("a-provincial"), "Observation", "h-a-provincial")).toBe(1);
    expect((await kinds()).filter((one) => one === "fault-reported")).toHaveLength(2);
  });

  it("is not taken about a result the check did not show", async () => {
    expect(await report({ evidence: "b-central/Observation/hx/_history/1" })).toEqual(["evidence-not-shown"]);
    expect(await report({ order: "o9" })).toEqual(["unknown-order"]);
    expect([told, issues("a-provincial"), issues("b-central")]).toEqual([[], [], []]);
  });
});

describe("the institution's own list of a visit", () => {
  it("holds every answer with its evidence, and no id of the resident", async () => {
    await adopt();
    await use("viewed", { order: "o1", evidence });
    const bundle = await listOutcomes(world.deps, { asker, visit: "M1" });
    expect(bundle.entry?.map((one) => one.resource?.resourceType)).toEqual(["DetectedIssue"]);
    expect(JSON.stringify(bundle)).not.toContain(resident);
    expect(JSON.stringify(bundle)).not.toContain(world.patientOf("a-provincial"));
    expect(bundle.entry?.[0]?.resource).toMatchObject({ status: "final", contained: [{ resourceType: "Observation" }] });
  });

  it("says which answers were taken back and which results were changed since", async () => {
    await adopt();
    await amend();
    const statuses = async () =>
      (await listOutcomes(world.deps, { asker, visit: "M1" })).entry?.map((one) => (one.resource as DetectedIssue).status);
    expect(await statuses()).toEqual(["amended"]);
    await object("revoked", { order: "o1", text: "结果已更正" });
    expect(await statuses()).toEqual(["cancelled", "final"]);
  });

  it("is empty for another visit and for another institution's visit of the same number", async () => {
    await adopt();
    expect((await listOutcomes(world.deps, { asker, visit: "M2" })).total).toBe(0);
    const other = { client: "b-central", institution: code("b-central") };
    expect((await listOutcomes(world.deps, { asker: other, visit: "M1" })).total).toBe(0);
  });
});

describe("the facts", () => {
  it("tell a case once, however often it was checked, with the most that was shown", async () => {
    await world.result({
      id: "h-b",
      source: "b-central",
      mark: null,
      collected: "2026-11-18 10:00",
      reported: "2026-11-18 11:00",
    });
    await checkRecognition(world.deps, world.ask());
    await checkRecognition(world.deps, world.ask());
    const [reminder, ...more] = await facts();
    expect(more).toEqual([]);
    expect(reminder).toMatchObject({
      kind: "reminder",
      id: answer.results[0]?.case,
      check: answer.id,
      item: "creatinine",
      institution: "c-county",
      setting: "outpatient",
      shown: { must: 1, may: 1, ineligible: 0, own: 0, unknown: 0 },
    });
    expect(reminder?.shown?.sources.map((one) => one.source).sort()).toEqual(["a-provincial", "b-central"]);
  });

  it("tell of an answer who gave it, on whose result, for which reason, and whether it counts", async () => {
    await decline();
    const declined = (await facts()).find((one) => one.kind === "declined");
    expect(declined).toMatchObject({
      case: answer.results[0]?.case,
      institution: "c-county",
      practitioner: "1008",
      source: "a-provincial",
      laboratory: "a-provincial",
      recognition: "must",
      reason: "rapidly-changing",
      counts: true,
      explained: true,
    });
  });

  it("tell what was taken back", async () => {
    await adopt();
    await object("revoked", { order: "o1", text: "误点" });
    expect((await facts()).at(-1)).toMatchObject({ kind: "revoked", revokes: "adopted" });
  });

  it("are those of one institution when asked so, amendments included, and the same when read again", async () => {
    await adopt();
    await amend();
    expect((await facts({ institution: code("c-county") })).map((one) => one.kind)).toEqual(["reminder", "adopted", "amended"]);
    expect(await facts({ institution: code("b-central") })).toEqual([]);
    expect(await facts()).toEqual(await facts());
  });

  it("are not told by what was refused", async () => {
    await record({ order: "o1", outcome: "adopted", evidence: "x" });
    expect(await kinds()).toEqual(["reminder"]);
  });
});

describe("every DetectedIssue", () => {
  it("passes our profile: adopted, declined, taken back, appealed, explained, a fault reported", async () => {
    await adopt();
    await object("appealed", { order: "o1", text: "不同意" });
    await object("revoked", { order: "o1", text: "误点" });
    const unexplained: Outcome = { order: "o1", outcome: "declined", reason: "rapidly-changing" };
    await recordOutcomes(world.deps, { asker, check: answer.id, outcomes: [unexplained], explanationMayFollow: true });
    await decline();
    const fault = { order: "o1", evidence, fault: "other", text: "打印模糊" } as const;
    const deps = { ...world.deps, tellSource: async () => {} };
    await reportFaults(deps, { asker, check: answer.id, reports: [fault] });
    const all = [...issues(), ...issues("a-provincial")];
    const check = await createFullCheck("profiles");
    expect(all.map((one) => one.code?.coding?.[0]?.code).sort()).toEqual([
      "adopted",
      "appealed",
      "declined",
      "explained",
      "fault-reported",
      "revoked",
    ]);
    expect(all.flatMap((one) => check(one))).toEqual([]);
  });
});

describe("the resident's access log", () => {
  it("shows that a result of theirs was recognised, by whom, and whose it was", async () => {
    await adopt();
    const { entries } = await accessLog(world.store, [resident], 50);
    expect(entries.find((one) => one.kind === "recognition-answered")).toMatchObject({
      outcome: "success",
      institution: "c-county",
      practitioner: "c-county/1008",
      answer: "adopted",
      shown: [{ institution: "a-provincial", count: 1 }],
    });
  });
});
