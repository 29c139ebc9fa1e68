import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Resource } from "@medplum/fhirtypes";
import { pause } from "../../src/kernel/clock.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { recognitionHistory } from "../../src/ordering/check/recognition-history.ts";
import { type CheckEvent, streamCheck } from "../../src/ordering/check/stream-check.ts";
import { code, createOrderingWorld, type Server, stranger } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
/** A is hosted; B runs its own server, on which a creatinine of yesterday stands. */
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.link(["a-provincial", "b-central"]);
  await world.certify();
  await world.result({});
  await world.grant();
  world.servers.set("b-central", holding([bResult()]));
});

const bResult = () => world.resultOf({ id: "h-b", source: "b-central", collected: "2026-11-21 08:00", value: "90" });
const holding =
  (resources: readonly Resource[], afterMs = 0): Server =>
  async (type) => {
    await pause(afterMs);
    return { kind: "found", resources: resources.filter((one) => one.resourceType === type), more: false };
  };
const check = (...more: Parameters<typeof world.ask>) => checkRecognition(world.deps, world.ask(...more));
const lines = (answer: Awaited<ReturnType<typeof check>>) =>
  answer.results[0]?.lines.map((line) => `${line.source} ${line.recognition} ${line.value ?? ""}`.trim());
const settled = () => pause(120);
const reader = () => world.ask().asker;

async function eventsOf(id: string, signal: AbortSignal, heard: (event: CheckEvent) => void = () => {}) {
  const events: CheckEvent[] = [];
  for await (const event of (await streamCheck(world.deps, { id, reader: reader(), signal })) ?? []) {
    events.push(event);
    heard(event);
  }
  return events;
}

describe("an institution with a server of its own", () => {
  it("is asked within the check and decided like any other", async () => {
    const answer = await check();
    expect(answer.asked).toBe("all");
    expect(lines(answer)).toEqual(["b-central may 90", "a-provincial must 86"]);
  });
  it("that is late never delays the check, and its line says so", async () => {
    world.servers.set("b-central", holding([bResult()], 900));
    const answer = await check({ deadlineMs: 150 });
    expect(answer.asked).toBe("some");
    expect(lines(answer)).toEqual(["a-provincial must 86", "b-central unknown"]);
    expect(answer.results[0]?.lines[1]?.reasons.map((one) => one.code)).toEqual(["source-not-asked"]);
  });
  it("that never answers costs the check no more than its budget", async () => {
    world.servers.set("b-central", () => new Promise(() => {}));
    const patient = { ...world.deps, timeoutMs: 30_000 };
    const begun = performance.now();
    expect((await checkRecognition(patient, world.ask())).asked).toBe("some");
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
  it.each([
    ["refuses", async () => ({ kind: "refused" as const })],
    ["fails", () => Promise.reject(new Error("broken"))],
    ["tells of somebody else", async () => ({ kind: "found" as const, more: false, resources: [stray()] })],
  ])("that %s is unknown, never 'no earlier result'", async (_, server) => {
    world.servers.set("b-central", server as Server);
    expect(lines(await check())).toEqual(["a-provincial must 86", "b-central unknown"]);
  });
  it("with more than it tells at once is unknown beside what it told", async () => {
    world.servers.set(
      "b-central",
      async (type) => ({ ...(await holding([bResult()])(type, AbortSignal.abort())), more: true }) as never,
    );
    expect(lines(await check())).toEqual(["b-central may 90", "a-provincial must 86", "b-central unknown"]);
  });
  it("cannot speak for another institution", async () => {
    const forged = { ...bResult(), subject: { reference: `Patient/${world.patientOf("a-provincial")}` } } as Resource;
    world.servers.set("b-central", holding([forged]));
    expect(lines(await check())).toEqual(["a-provincial must 86", "b-central unknown"]);
  });
  it("is not asked without consent", async () => {
    await world.withdraw();
    await check();
    expect(world.asked).toEqual([]);
  });
});

const stray = () => ({ ...bResult(), subject: { reference: "Patient/h-somebody" } });

describe("a late answer", () => {
  const late = async () => {
    world.servers.set("b-central", holding([bResult()], 60));
    const answer = await check({ deadlineMs: 120 });
    expect(answer.asked).toBe("some");
    return answer;
  };
  it("is there at the next check of the order, without asking again", async () => {
    const first = await late();
    await settled();
    const asked = world.asked.length;
    const second = await check();
    expect([second.asked, lines(second)]).toEqual(["all", ["b-central may 90", "a-provincial must 86"]]);
    expect(world.asked).toHaveLength(asked);
    expect(second.results[0]?.case).toBe(first.results[0]?.case);
  });
  it("is asked for again when it has lain for more than ten minutes", async () => {
    await late();
    await settled();
    world.pass(600_001);
    const asked = world.asked.length;
    await check();
    expect(world.asked.length).toBeGreaterThan(asked);
  });
  it("is not shown when consent was withdrawn meanwhile, nor under another consent without asking anew", async () => {
    await late();
    await settled();
    await world.withdraw();
    expect(lines(await check())).toEqual([]);
    await world.grant({ dataPeriod: { start: "2026-11-22", end: "2026-12-31" } }, "hnarrow");
    expect(lines(await check())).toEqual([]);
  });
  it("is told to the ordering institution's callback by id alone", async () => {
    const { id } = await late();
    await settled();
    expect(world.late).toEqual([{ check: id, institution: "c-county" }]);
  });
  it("whose announcement fails harms nobody: the next check has it", async () => {
    const failures: unknown[] = [];
    const failed = (error: unknown) => void failures.push(error);
    process.on("unhandledRejection", failed);
    world.servers.set("b-central", holding([bResult()], 60));
    const deps = { ...world.deps, arrivedLate: () => Promise.reject(new Error("down")) };
    expect((await checkRecognition(deps, world.ask({ deadlineMs: 120 }))).asked).toBe("some");
    await settled();
    process.off("unhandledRejection", failed);
    expect([failures, (await check()).asked]).toEqual([[], "all"]);
  });
  it("comes down the check's event stream as a check of its own, audited, of the same case", async () => {
    const first = await late();
    const events = await eventsOf(first.id, AbortSignal.timeout(3_000));
    expect(events.map((one) => one.event)).toEqual(["answer", "done"]);
    const answer = events[0]?.event === "answer" ? events[0].data : undefined;
    expect(answer?.results[0]?.case).toBe(first.results[0]?.case);
    expect(answer && lines(answer)).toEqual(["b-central may 90", "a-provincial must 86"]);
    const event = world.events().find((one) => one.id === answer?.id);
    expect(JSON.stringify(event?.entity)).toContain("b-central/Observation/h-b");
  });
  it("does not come down the stream after a withdrawal: the answer is that of an unknown resident", async () => {
    const first = await late();
    await world.withdraw();
    const events = await eventsOf(first.id, AbortSignal.timeout(3_000));
    const answer = events[0]?.event === "answer" ? events[0].data : undefined;
    expect([answer?.asked, answer?.results[0]?.lines]).toEqual(["none", []]);
  });
  it("that is none ends the stream without an answer", async () => {
    world.servers.set("b-central", async () => {
      await pause(60);
      throw new Error("broken");
    });
    const first = await check({ deadlineMs: 120 });
    expect((await eventsOf(first.id, AbortSignal.timeout(3_000))).map((one) => one.event)).toEqual(["done"]);
  });
});

describe("the event stream of a check", () => {
  it("ends at once when every source answered", async () => {
    const { id } = await check();
    expect(await eventsOf(id, AbortSignal.timeout(3_000))).toEqual([{ event: "done", data: { check: id } }]);
  });
  it("is nobody else's: another institution's check is as absent as none", async () => {
    const { id } = await check();
    const other = { client: "a-provincial", institution: code("a-provincial") };
    const signal = AbortSignal.timeout(1_000);
    expect(await streamCheck(world.deps, { id, reader: other, signal })).toBeUndefined();
    expect(await streamCheck(world.deps, { id: `h${"0".repeat(40)}`, reader: reader(), signal })).toBeUndefined();
  });
  it("of a check without consent is silent, as for an unknown resident, and answers when the resident grants", async () => {
    await world.withdraw();
    const [known, unknown] = [await check(), await check({ resident: stranger })];
    const quiet = await eventsOf(unknown.id, AbortSignal.timeout(300));
    expect(quiet.map((one) => one.event)).toEqual(["done"]);
    expect((await eventsOf(known.id, AbortSignal.timeout(300))).map((one) => one.event)).toEqual(["done"]);
    await world.grant({}, "hagain");
    const events = await eventsOf(known.id, AbortSignal.timeout(3_000));
    expect(events[0]?.event === "answer" && lines(events[0].data)).toEqual(["b-central may 90", "a-provincial must 86"]);
  });
});

describe("when the patient is identified", () => {
  const history = (more: object = {}) => {
    const { asker, resident } = world.ask();
    return recognitionHistory(world.deps, { asker, resident, ...more });
  };
  it("what exists within the horizon is told item by item, audited as a disclosure and no reminder", async () => {
    const answer = await history();
    expect(answer.asked).toBe("all");
    expect(answer.results.map((one) => [one.order, one.itemName, one.lines.length, one.reminder])).toEqual([
      ["creatinine", "肌酐", 2, undefined],
    ]);
    const [event] = world.events();
    expect(event?.subtype?.map((one) => one.code)).toEqual(["disclosure", "recognition-history"]);
    expect(event?.entity?.filter((one) => one.what?.identifier?.value?.includes("/Observation/"))).toHaveLength(2);
  });
  it("a slow source is asked ahead: at the order its answer is there", async () => {
    world.servers.set("b-central", holding([bResult()], 60));
    const answer = await history({ deadlineMs: 120 });
    expect(answer.silent.map((one) => one.source)).toEqual(["b-central"]);
    await settled();
    expect((await check({ deadlineMs: 120 })).asked).toBe("all");
  });
  it("without consent it is the answer for a resident nobody knows", async () => {
    await world.withdraw();
    const [{ id: _, ...refused }, { id: __, ...unknown }] = [await history(), await history({ resident: stranger })];
    expect(refused).toEqual(unknown);
    expect(refused).toMatchObject({ asked: "none", results: [], silent: [] });
  });
});
