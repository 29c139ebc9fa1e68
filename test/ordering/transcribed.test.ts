import { beforeEach, describe, expect, it } from "@jest/globals";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { readCheck } from "../../src/ordering/check/check-record.ts";
import { recognitionHistory } from "../../src/ordering/check/recognition-history.ts";
import { transcribeResult } from "../../src/ordering/transcripts/transcribe-result.ts";
import { code, createOrderingWorld, resident } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.certify();
});
const check = (...more: Parameters<typeof world.ask>) => checkRecognition(world.deps, world.ask(...more));
const paper = {
  result: { item: "creatinine" },
  value: "86.0",
  unit: "umol/L",
  specimen: "血清",
  mark: "临湖省HR",
  collectedAt: "2026-11-19T10:00:00+08:00",
  reportedAt: "2026-11-19",
  printedName: "临湖省人民医院",
  institution: code("a-provincial"),
  reportNumber: "R-1",
};
const type = (more: object = {}) =>
  transcribeResult(world.deps, { asker: world.ask().asker, resident, visit: { number: "M1" }, ...paper, ...more });
const lists = () => world.store.all(code("c-county")).filter((one) => one.resourceType === "List");

describe("a paper result that was typed in", () => {
  it("is shown apart in the checks of its visit, with its digits, and never as a must", async () => {
    expect(await type()).toEqual({ kind: "kept" });
    const [result] = (await check()).results;
    expect([result?.lines, result?.own]).toEqual([[], []]);
    expect(result?.transcribed).toEqual([
      expect.objectContaining({
        recognition: "may",
        source: "c-county",
        sourceName: "临湖省人民医院",
        laboratory: "a-provincial",
        value: "86.0",
        unit: "umol/L",
        mark: "临湖省HR",
      }),
    ]);
    expect(result?.transcribed[0]?.reasons.at(-1)).toMatchObject({
      code: "transcribed",
      text: "由本院按患者提供的纸质报告录入，以原件为准",
    });
    expect(result?.transcribed[0]?.evidence).toBeUndefined();
    expect(result?.reminder).toBeUndefined();
  });
  it("needs no consent: the patient brought it, and the answer tells nothing else", async () => {
    await type();
    const answer = await check();
    expect([answer.asked, answer.results[0]?.transcribed.length]).toEqual(["none", 1]);
  });
  it("exists in no other visit, for no other institution, in no history, and in no record of a reminder", async () => {
    await world.link(["c-county"]);
    await world.grant({ recipients: [code("c-county"), code("a-provincial")] });
    await type();
    const elsewhere = await check({ visit: { number: "M2", kind: "outpatient" } });
    expect(elsewhere.results[0]?.transcribed).toEqual([]);
    const other = { client: "a-provincial", institution: code("a-provincial") };
    const theirs = (await check({ asker: other })).results[0];
    expect([theirs?.lines, theirs?.transcribed]).toEqual([[], []]);
    expect((await recognitionHistory(world.deps, { asker: other, resident })).results).toEqual([]);
    expect((await readCheck(world.store, (await check()).id))?.reminders).toEqual([]);
  });
  it("typed twice changes nothing; another value for the same paper takes its place", async () => {
    await type();
    await type();
    expect(lists().map((one) => one.meta?.versionId)).toEqual(["1"]);
    await type({ value: "88.5" });
    await type({ result: { item: "urate" }, value: "351" });
    const answer = await check({ orders: ["creatinine", "urate"].map((item) => ({ id: item, item })) });
    expect(answer.results.map((one) => one.transcribed.map((line) => line.value))).toEqual([["88.5"], ["351"]]);
    expect(lists()[0]?.contained?.map((one) => one.id)).toEqual(["creatinine-0", "urate-1"]);
  });
  it("is told with who typed it before it is kept", async () => {
    world.store.beforeCommit((tenant) => {
      if (tenant === "c-county") expect(world.events().map((one) => one.subtype?.[0]?.code)).toEqual(["result-transcribed"]);
    });
    await type();
    expect(world.events()[0]?.agent[1]?.who?.identifier?.value).toBe("c-county/1008");
    expect(lists()[0]?.entry?.[0]?.flag?.coding?.[0]?.code).toBe("1008");
  });
  it("names the original where it was found at its source", async () => {
    await world.link(["a-provincial"]);
    await world.grant();
    await world.result({ value: "86.0" });
    await type();
    const [result] = (await check()).results;
    expect(result?.transcribed[0]?.original).toBe("a-provincial/Observation/h-a-provincial/_history/1");
  });
  it("of an institution nobody registered has no laboratory to believe", async () => {
    const { institution: _, ...rest } = paper;
    await transcribeResult(world.deps, {
      asker: world.ask().asker,
      resident,
      visit: { number: "M1" },
      ...rest,
      printedName: "邻省某医院",
    });
    const line = (await check()).results[0]?.transcribed[0];
    expect([line?.recognition, line?.sourceName, line?.laboratory]).toEqual(["may", "邻省某医院", undefined]);
  });
  it.each([
    ["an item no catalogue has", { result: { item: "moonstone" } }],
    ["a panel", { result: { item: "kidney-function" } }],
    ["an examination: its images are not on the paper", { result: { item: "chest-ct" } }],
  ])("is refused for %s", async (_, more) => {
    expect(await type(more)).toEqual({ kind: "unknown-item" });
    expect(lists()).toEqual([]);
  });
  it("is refused when a visit has as many as are kept", async () => {
    for (let n = 0; n < 50; n++) await type({ reportNumber: `R-${n}` });
    expect(await type({ reportNumber: "R-50" })).toEqual({ kind: "too-many" });
  });
});
