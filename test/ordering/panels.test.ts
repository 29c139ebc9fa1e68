import { beforeEach, describe, expect, it } from "@jest/globals";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { readCheck } from "../../src/ordering/check/check-record.ts";
import { createOrderingWorld } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
/** 肾功能 is creatinine, urea and urate; A's certified creatinine stands, the others have no earlier result. */
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.link(["a-provincial"]);
  await world.certify();
  await world.result({});
  await world.grant();
});
const order = (id: string, item: string) => ({ orders: [{ id, item }] });
const check = (...more: Parameters<typeof world.ask>) => checkRecognition(world.deps, world.ask(...more));

describe("an order of a panel", () => {
  it("is decided member by member under the one order, and the advice is to order what remains", async () => {
    const answer = await check(order("o1", "kidney-function"));
    expect(answer.results.map((one) => [one.order, one.panel, one.item, one.lines[0]?.recognition])).toEqual([
      ["o1", "kidney-function", "creatinine", "must"],
      ["o1", "kidney-function", "urea", undefined],
      ["o1", "kidney-function", "urate", undefined],
    ]);
    expect(answer.panels).toEqual([
      {
        order: "o1",
        panel: "kidney-function",
        name: "肾功能",
        advice: "remaining",
        recognised: ["creatinine"],
        remaining: [
          { item: "urea", name: "尿素" },
          { item: "urate", name: "尿酸" },
        ],
      },
    ]);
  });
  it("is recorded as the order of a panel, with a reminder for each member something stands against", async () => {
    const { id } = await check(order("o1", "kidney-function"));
    const record = await readCheck(world.store, id);
    expect(record?.orders).toEqual([{ id: "o1", panel: "kidney-function" }]);
    expect(record?.reminders.map((one) => [one.order, one.panel, one.item])).toEqual([["o1", "kidney-function", "creatinine"]]);
  });
  it("without consent advises nothing and looks as for a resident nobody knows", async () => {
    await world.withdraw();
    const answer = await check(order("o1", "kidney-function"));
    expect(answer.panels.map((one) => [one.advice, one.recognised])).toEqual([["none", []]]);
    expect(answer.results.map((one) => one.lines)).toEqual([[], [], []]);
  });
  it("searches the codes of its members at once", async () => {
    await check();
    world.store.requests.length = 0;
    await check(order("o1", "kidney-function"));
    expect(world.store.requests.filter((one) => one.startsWith("search _ALL"))).toEqual(["search _ALL Observation"]);
  });
});

describe("an order with several codes", () => {
  it("means the first one the catalogue knows", async () => {
    const codes = [
      { system: "urn:x", code: "y" },
      { system: "http://loinc.org", code: "14682-9" },
    ];
    const answer = await check({ orders: [{ id: "o1", code: codes }] });
    expect(answer.results.map((one) => one.item)).toEqual(["creatinine"]);
  });
});

describe("a check without a visit", () => {
  const withoutVisit = () => {
    const { visit: _, ...rest } = world.ask();
    return checkRecognition(world.deps, rest);
  };
  it("is decided as for an outpatient and asks for no typed-in results", async () => {
    await check();
    world.store.requests.length = 0;
    const answer = await withoutVisit();
    expect(answer.results[0]?.lines[0]?.recognition).toBe("must");
    expect(world.store.requests).not.toContain("read c-county List");
    expect(await readCheck(world.store, answer.id)).toMatchObject({ setting: "outpatient" });
    expect(await readCheck(world.store, answer.id)).not.toHaveProperty("visit");
  });
  it("does not match a consent bound to a visit", async () => {
    await world.withdraw();
    await world.grant({ visit: { institution: world.ask().asker.institution, number: "M1" } }, "hbound");
    expect((await check()).asked).toBe("all");
    expect((await withoutVisit()).asked).toBe("none");
  });
});

describe("a mark without a certificate", () => {
  it("is handed on with the result that carries it, after the answer, and the answer does not wait for it", async () => {
    await world.result({ id: "h-ldl", item: "ldl-c", value: "2.8", unit: "mmol/L" });
    const answer = await check(order("o1", "ldl-c"));
    expect(answer.results[0]?.lines[0]?.recognition).toBe("may");
    expect(world.flagged).toEqual([
      {
        laboratory: "a-provincial",
        item: "ldl-c",
        state: "missing",
        about: { tenant: "a-provincial", type: "Observation", id: "h-ldl" },
        version: "1",
        check: answer.id,
      },
    ]);
  });
  it("that cannot be handed on costs nobody the answer", async () => {
    await world.result({ id: "h-ldl", item: "ldl-c", value: "2.8", unit: "mmol/L" });
    const deps = { ...world.deps, flagged: () => Promise.reject(new Error("down")) };
    expect((await checkRecognition(deps, world.ask(order("o1", "ldl-c")))).asked).toBe("all");
  });
});
