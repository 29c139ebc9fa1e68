import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Observation } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { pause } from "../../src/kernel/clock.ts";
import { digitsOf, exactNumber } from "../../src/kernel/exact-json.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { type AskedPatient, questionOf } from "../../src/sources/answer.ts";
import { askHosted } from "../../src/sources/ask-hosted.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";

const at = (institution: string, categories: AskedPatient["categories"] = ["lab"]): AskedPatient => ({
  institution: institution as InstitutionCode,
  patient: `h-${institution}` as ResourceId,
  categories,
});
const laboratory = [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }];
const result = (institution: string, name: string, more: Partial<Observation> = {}): Observation => ({
  resourceType: "Observation",
  id: `h-${institution}-${name}`,
  status: "final",
  category: laboratory,
  code: { text: "creatinine" },
  subject: { reference: `Patient/h-${institution}` },
  effectiveDateTime: "2026-11-17T12:00:00+08:00",
  ...more,
});

describe("asking the hosted institutions", () => {
  let store: MemoryStore;
  beforeEach(() => {
    store = createMemoryStore();
  });
  const put = (institution: string, ...resources: Observation[]) =>
    store.commit(
      institution as InstitutionCode,
      resources.map((resource) => ({ kind: "put", resource })),
    );
  /** Batches of at most 100, a moment apart, as exports come. */
  const putMany = async (institution: string, count: number) => {
    const all = Array.from({ length: count }, (_, index) => result(institution, String(index)));
    for (let from = 0; from < count; from += 100) {
      await put(institution, ...all.slice(from, from + 100));
      await pause(3);
    }
  };
  const ask = (patients: readonly AskedPatient[], of: Parameters<typeof questionOf>[0] = {}, on = store) =>
    askHosted(on, { patients, question: questionOf(of), now: new Date(), signal: AbortSignal.timeout(2_000) });

  it("is one search per resource type, whatever the number of institutions", async () => {
    await ask([at("a", ["lab", "imaging"]), at("b", ["lab", "imaging"]), at("c", ["lab", "imaging"])]);
    expect(store.requests.sort()).toEqual([
      "search _ALL DiagnosticReport",
      "search _ALL ImagingStudy",
      "search _ALL Observation",
    ]);
  });

  it("asks nothing at all when nobody may be asked", async () => {
    expect(await ask([])).toEqual([]);
    expect(store.requests).toEqual([]);
  });

  it("tells who has nothing from who answered", async () => {
    await put("a", result("a", "1"), result("a", "2"));
    const answers = await ask([at("a"), at("b")]);
    expect(answers.map(({ institution, outcome, resources }) => [institution, outcome, resources.length])).toEqual([
      ["a", "answered", 2],
      ["b", "nothing", 0],
    ]);
  });

  it("asks each institution only for the categories it may be asked for", async () => {
    await put("a", result("a", "1"));
    const [answer] = await ask([at("a", ["imaging"]), at("b", ["lab"])]);
    expect(answer?.outcome).toBe("nothing");
  });

  it("leaves out what was withdrawn or vanished from its sheet", async () => {
    await put("a", result("a", "1", { status: "entered-in-error" }), result("a", "2"));
    const [answer] = await ask([at("a")]);
    expect(answer?.resources.map((one) => one.id)).toEqual(["h-a-2"]);
  });

  it.each`
    said                                      | from                      | to                        | found
    ${"a day is a whole day in China"}        | ${"2026-11-17"}           | ${"2026-11-17"}           | ${1}
    ${"the day before is another one"}        | ${undefined}              | ${"2026-11-16"}           | ${0}
    ${"the day after is another one"}         | ${"2026-11-18"}           | ${undefined}              | ${0}
    ${"an instant is included at either end"} | ${"2026-11-17T04:00:00Z"} | ${"2026-11-17T04:00:00Z"} | ${1}
    ${"no dates ask for everything"}          | ${undefined}              | ${undefined}              | ${1}
  `("$said", async ({ from, to, found }) => {
    await put("a", result("a", "1"));
    const dates = { ...(from && { from }), ...(to && { to }) } as { from?: string; to?: string };
    const [answer] = await ask([at("a")], dates);
    expect(answer?.resources).toHaveLength(Number(found));
  });

  it("goes on past a full page, institution by institution, until everything is there", async () => {
    await putMany("a", 450);
    await put("b", result("b", "1"));
    const [a, b] = await ask([at("a"), at("b")]);
    expect([a?.outcome, a?.resources.length, new Set(a?.resources.map((one) => one.id)).size]).toEqual(["answered", 450, 450]);
    expect([b?.outcome, b?.resources.length]).toEqual(["answered", 1]);
  });

  it("misses nothing when what was stored first was changed last", async () => {
    await putMany("a", 300);
    for (let index = 0; index < 100; index++) await put("a", result("a", String(index), { status: "amended" }));
    const [answer] = await ask([at("a")]);
    expect([answer?.outcome, answer?.resources.length]).toEqual(["answered", 300]);
  });

  it("asks what follows a full page in halves, not again from the start: 450 results of two institutions are four searches", async () => {
    await putMany("a", 225);
    await putMany("b", 225);
    store.requests.length = 0;
    const answers = await ask([at("a"), at("b")]);
    expect(answers.map(({ outcome, resources }) => [outcome, resources.length])).toEqual([
      ["answered", 225],
      ["answered", 225],
    ]);
    expect(store.requests.filter((line) => line.endsWith("Observation"))).toEqual([
      "search _ALL Observation",
      "search a Observation",
      "search b Observation",
      "search b Observation",
    ]);
  });

  it("says more where one institution has too much, and the others answer whole", async () => {
    await putMany("a", 2_100);
    await put("b", result("b", "1"));
    const [a, b] = await ask([at("a"), at("b")]);
    expect([a?.outcome, b?.outcome]).toEqual(["more", "answered"]);
    expect(a?.resources.length).toBeGreaterThan(1_000);
  });

  it("says failed for every institution when the search over all fails, and throws nothing", async () => {
    await put("a", result("a", "1"));
    store.down();
    const answers = await ask([at("a"), at("b")]);
    expect(answers.map((one) => one.outcome)).toEqual(["failed", "failed"]);
  });

  it("fails only the institution whose continued search fails", async () => {
    await putMany("a", 250);
    await put("b", result("b", "1"));
    const broken: MemoryStore = {
      ...store,
      search: (async (tenant, type, params, limit) => {
        if (tenant === "a") throw new Fault("store-down");
        return store.search(tenant, type, params, limit);
      }) as MemoryStore["search"],
    };
    const [a, b] = await ask([at("a"), at("b")], {}, broken);
    expect([a?.outcome, a?.resources.length, b?.outcome]).toEqual(["failed", 0, "answered"]);
  });

  it("quarantines an answer that holds somebody else's result: no line is believed", async () => {
    await put("a", result("a", "1"));
    const mixed: MemoryStore = {
      ...store,
      search: (async () => ({
        resources: [result("a", "1"), result("z", "1")],
        more: false,
      })) as unknown as MemoryStore["search"],
    };
    const answers = await ask([at("a"), at("b")], {}, mixed);
    expect(answers.map(({ outcome, reason, resources }) => [outcome, reason, resources.length])).toEqual([
      ["failed", "wrong-patient", 0],
      ["failed", "wrong-patient", 0],
    ]);
  });

  it("says timed out when the time was over, and never nothing", async () => {
    const slow: MemoryStore = {
      ...store,
      search: ((_tenant, _type, _params, _limit, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => reject(new Fault("store-down")));
        })) as MemoryStore["search"],
    };
    const answers = await askHosted(slow, {
      patients: [at("a")],
      question: {},
      now: new Date(),
      signal: AbortSignal.timeout(30),
    });
    expect(answers.map((one) => one.outcome)).toEqual(["timed-out"]);
  });

  it("keeps the digits of a value as they were printed", async () => {
    await put("a", result("a", "1", { valueQuantity: { value: exactNumber("11.30") } }));
    const [answer] = await ask([at("a")]);
    const found = answer?.resources[0] as Observation | undefined;
    expect(digitsOf(found?.valueQuantity?.value ?? 0)).toBe("11.30");
  });
});
