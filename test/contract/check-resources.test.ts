import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { HapiClient } from "../../src/adapters/hapi/client.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { recognitionHistory } from "../../src/ordering/check/recognition-history.ts";
import { transcribeResult } from "../../src/ordering/transcripts/transcribe-result.ts";
import { code, createOrderingWorld, resident } from "../ordering/ordering-world.ts";
import { clientOfHapi } from "../servers.ts";
import { validateOnHapi } from "./validate-on-hapi.ts";

/** What a check writes, made in a world in memory, before HAPI's own validator. */
let client: HapiClient;
let world: Awaited<ReturnType<typeof createOrderingWorld>>;

beforeAll(async () => {
  client = clientOfHapi();
  world = await createOrderingWorld();
  await world.link(["a-provincial", "b-central", "c-county"]);
  await world.certify();
  await world.result({});
  await world.result({ id: "h-own", source: "c-county", mark: null });
  world.servers.set("b-central", async () => ({ kind: "refused" }));
  const { asker } = world.ask();
  const check = world.ask({
    visit: { number: "M1", kind: "inpatient", department: { code: "03", name: "内科" } },
    orders: [
      { id: "ServiceRequest/a b", item: "kidney-function" },
      { id: "o2", item: "moonstone" },
    ],
  });
  await checkRecognition(world.deps, check);
  await world.grant();
  await transcribeResult(world.deps, {
    ...{ asker, resident, visit: { number: "M1" }, result: { item: "urea" }, value: "<5.10", unit: "mmol/L" },
    ...{ specimen: "血清", method: "酶法", referenceRange: "2.6-7.5", mark: "鄂HR", collectedAt: "2026-11-19" },
    ...{ reportedAt: "2026-11-19", printedName: "邻省某医院", reportNumber: "R-1", photoSha256: "0".repeat(64) },
  });
  await checkRecognition(world.deps, check);
  await recognitionHistory(world.deps, { asker, resident });
});
afterAll(() => client.close());

describe("what a check writes is R4, as HAPI's validator sees it", () => {
  it("the events: a refusal, a check that showed something, a history, a transcription", async () => {
    const events = world.events();
    expect(events.map((one) => one.subtype?.map(({ code: kind }) => kind).join("+"))).toEqual([
      "recognition-check",
      "result-transcribed",
      "disclosure+recognition-check",
      "disclosure+recognition-history",
    ]);
    for (const event of events) expect(await validateOnHapi(client, event, undefined)).toEqual([]);
  }, 180_000);
  it("the list of typed-in results", async () => {
    const lists = world.store.all(code("c-county")).filter((one) => one.resourceType === "List");
    expect(lists).toHaveLength(1);
    for (const list of lists) expect(await validateOnHapi(client, list, undefined)).toEqual([]);
  });
});
