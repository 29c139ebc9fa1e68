import { beforeEach, describe, expect, it } from "@jest/globals";
import { systems } from "../../src/fhir/systems.ts";
import { createHookWorld, session } from "./hook-world.ts";

let world: Awaited<ReturnType<typeof createHookWorld>>;

beforeEach(async () => {
  world = await createHookWorld();
});

async function opened() {
  const answers = await world.client.fire("patient-view", session());
  expect(answers.map((one) => `${one.service} ${one.status}`)).toEqual(["recognition-history 200"]);
  return answers[0]?.cards ?? [];
}

describe("when a patient's record is opened", () => {
  it("the doctor reads on one card what other institutions have, critical first, and is asked nothing", async () => {
    await world.link(["a-provincial", "c-county"]);
    await world.grant();
    await world.certify();
    await world.result({ id: "h-1" });
    await world.result({ id: "h-2", item: "potassium", value: "7.1", mark: null, flag: "HH" });
    const cards = await opened();
    expect(cards).toHaveLength(1);
    expect(cards[0]?.summary).toBe("【含危急值】近180天外院已有2项结果，其中应互认1项：钾、肌酐");
    expect(cards[0]?.detail).toMatch(/\| 钾 \| 【危急值】可参考[\s\S]*\| 肌酐 \| 应互认/);
    for (const field of ["uuid", "suggestions", "overrideReasons"]) expect(cards[0]).not.toHaveProperty(field);
  });

  it("it is audited as a disclosure, and is no reminder", async () => {
    await world.link(["a-provincial", "c-county"]);
    await world.grant();
    await world.result({});
    await opened();
    const kinds = world.events().map((event) => event.subtype?.map((one) => one.code));
    expect(kinds).toEqual([["disclosure", "recognition-history"]]);
    expect(JSON.stringify(world.events())).not.toContain(systems.reminder);
  });

  it("without consent the card is the same for everybody, and names what to do", async () => {
    await world.link(["a-provincial", "c-county"]);
    await world.result({});
    expect((await opened()).map((card) => card.summary)).toEqual(["未授权，请患者扫码授权后再查询外院检查检验结果"]);
  });

  it("a source that did not answer is named: nothing is known of what it has", async () => {
    await world.link(["b-central", "c-county"]);
    await world.grant();
    world.servers.set("b-central", () => Promise.reject(new Error("down")));
    expect((await opened()).map((card) => card.summary)).toEqual(["未全部答复，不能视为无结果：临湖市中心医院"]);
  });

  it("there is no card when there is nothing to say", async () => {
    await world.link(["a-provincial", "c-county"]);
    await world.grant();
    expect(await opened()).toEqual([]);
  });
});
