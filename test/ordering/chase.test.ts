import { beforeEach, describe, expect, it } from "@jest/globals";
import { accessLog } from "../../src/audit/access-log.ts";
import { acknowledgeNotice } from "../../src/ordering/notices/acknowledge-notice.ts";
import { readFacts } from "../../src/ordering/outcomes/facts.ts";
import { createChaseWorld, hourMs, type Issued } from "./chase-world.ts";
import { code, resident } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createChaseWorld>>;
beforeEach(async () => {
  world = await createChaseWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.grant({ recipients: [code("c-county"), code("b-central")] });
  await world.publish({ order: "1", result: "passed" });
  await world.deliver({ order: "1", value: "86" });
});

const changed = () => world.tasks("result-changed").map((task) => task.status);
const facts = async () => {
  const all = [];
  const period = { from: new Date("2026-11-01T00:00:00Z"), until: new Date("2026-12-31T00:00:00Z") };
  for await (const fact of readFacts(world.store, period)) all.push(fact);
  return all.filter((fact) => fact.kind === "amended");
};

describe("results that come for the first time", () => {
  it("open no work that follows", () => {
    expect(changed()).toEqual([]);
  });
  it.each([
    { said: "delivered again as they are", again: { order: "1", value: "86" } },
    { said: "issued again with another report time alone", again: { order: "2", value: "86", reported: "2026-11-20 12:00" } },
  ])("open none when they are $said", async ({ again }) => {
    await world.deliver(again);
    expect(changed()).toEqual([]);
  });
});

describe("a result that was shown and adopted, and then amended", () => {
  it("is told to the institution, which sees visit, order and that it was adopted, and no value", async () => {
    const check = await world.check();
    expect(await world.adopt(check)).toBe("recorded");
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    const [notice, ...more] = await world.notices();
    expect(more).toEqual([]);
    expect(notice).toMatchObject({
      kind: "amended",
      state: "open",
      about: { tenant: "a-provincial", type: "DiagnosticReport", id: "h-report" },
      places: [
        {
          evidence: "a-provincial/Observation/h-creatinine/_history/1",
          how: "amended",
          check: check.id,
          visit: "M1",
          practitioner: "1008",
          orders: [{ order: "o1", item: "creatinine", adopted: true }],
        },
      ],
    });
    expect(JSON.stringify(notice)).not.toContain("86");
  });
  it("has its adoption superseded, and counts as one fact", async () => {
    const check = await world.check();
    await world.adopt(check);
    expect(await world.stateOf(check)).toBe("adopted");
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    expect(await world.stateOf(check)).toBe("superseded");
    expect(await facts()).toMatchObject([
      { kind: "amended", item: "creatinine", institution: "c-county", source: "a-provincial" },
    ]);
  });
  it("is called out once at the institution's address, signed by nobody's name", async () => {
    await world.check();
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    await world.work();
    expect(world.calls).toHaveLength(1);
    const [notice] = await world.notices();
    expect(JSON.parse(world.calls[0]?.body ?? "")).toMatchObject({
      type: "recognition.notice",
      data: { id: notice?.id, path: `/notices/${notice?.id}` },
    });
  });
  it("stands in the resident's access log: who was told, and why", async () => {
    await world.check();
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    const { entries } = await accessLog(world.store, [resident], 20);
    expect(entries.filter((one) => one.kind === "notice-opened")).toMatchObject([
      { told: { institution: "c-county", why: "amended" }, shown: [{ institution: "a-provincial", count: 1 }] },
    ]);
  });
  it("is told to everybody it was shown to, to each once, and not to who changed it", async () => {
    await world.check("c-county");
    await world.check("c-county");
    await world.check("b-central");
    await world.check("a-provincial");
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    expect((await world.notices("c-county")).map((one) => one.places.length)).toEqual([2]);
    expect(await world.notices("b-central")).toHaveLength(1);
    expect(await world.notices("a-provincial")).toEqual([]);
    expect(await facts()).toHaveLength(2);
  });
  it("is told again when it is changed again, and who was shown the new value only then", async () => {
    await world.check("c-county");
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    await world.check("b-central");
    await world.work();
    expect(await world.notices("b-central")).toEqual([]);
    await world.deliver({ order: "3", value: "88" });
    await world.work();
    expect(await world.notices("c-county")).toHaveLength(2);
    expect(await world.notices("b-central")).toHaveLength(1);
  });
  it("is told to nobody before it is stored, however long its export takes", async () => {
    await world.check();
    for (let at = 1; changed().length === 0; at++) {
      world.wire.cut(at, true);
      await world.redeliver({ order: "2", value: "186" }).catch(() => undefined);
      world.wire.mend();
    }
    world.pass(48 * hourMs);
    await world.work();
    expect([changed(), await world.notices()]).toEqual([["on-hold"], []]);
    await world.redeliver({ order: "2", value: "186" });
    await world.work();
    expect(await world.notices()).toHaveLength(1);
  });
});

describe("a result that is", () => {
  it.each<{ said: string; issued: Issued; kind: string }>([
    { said: "voided", issued: { order: "1", state: "retracted", value: "86" }, kind: "voided" },
    { said: "left out by a later issue", issued: { order: "2", row: false }, kind: "voided" },
    { said: "corrected in its unit only", issued: { order: "2", value: "86", unit: "mg/dL" }, kind: "amended" },
    { said: "said to be another laboratory's", issued: { order: "2", value: "86", laboratory: "c-thirdlab" }, kind: "amended" },
  ])("$said is told", async ({ issued, kind }) => {
    await world.check();
    await world.deliver(issued);
    await world.work();
    const notices = await world.notices();
    expect(notices.map((one) => one.kind)).toEqual([kind]);
  });
  it("preliminary and becomes final with the same value takes nothing back; with another it does", async () => {
    world = await createChaseWorld();
    await world.link(["a-provincial", "c-county"]);
    await world.grant();
    await world.deliver({ order: "1", value: "86", status: "preliminary" });
    await world.check();
    await world.deliver({ order: "2", value: "86", status: "final" });
    expect(changed()).toEqual([]);
    await world.check();
    await world.deliver({ order: "3", value: "87", status: "final" });
    expect(changed()).toHaveLength(1);
  });
});

describe("a copy that was sealed before the change and opened after it", () => {
  it("is found by the second search, once no such copy can live", async () => {
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    expect([changed(), await world.notices()]).toEqual([["on-hold"], []]);
    await world.check();
    const [shown] = world.events().filter((one) => one.subtype?.some((kind) => kind.code === "recognition-check"));
    // The reading of a copy: it tells the version it was made from.
    const old = JSON.parse(JSON.stringify(shown).replaceAll('"valueString":"2"', '"valueString":"1"'));
    await world.put("DEFAULT", { ...old, id: "h-late-reading" });
    world.pass(30 * 60_000);
    await world.work();
    expect(await world.notices()).toEqual([]);
    world.pass(hourMs);
    await world.work();
    expect(await world.notices()).toMatchObject([
      { kind: "amended", places: [{ evidence: expect.stringContaining("_history/1") }] },
    ]);
    expect(changed()).toEqual(["completed"]);
  });
});

describe("a certificate", () => {
  it("withdrawn from a day before the test is told to whoever was shown the result as backed, and supersedes what was adopted", async () => {
    const check = await world.check();
    expect(check.results[0]?.lines[0]).toMatchObject({ recognition: "must" });
    await world.adopt(check);
    await world.publish({ order: "2", result: "withdrawn", withdrawnFrom: "2026-11-01" });
    await world.work();
    expect(await world.notices()).toMatchObject([
      {
        kind: "certificate-withdrawn",
        about: { tenant: "quality-centre", type: "Basic" },
        places: [{ how: "certificate-withdrawn" }],
      },
    ]);
    expect(await world.stateOf(check)).toBe("superseded");
  });
  it("withdrawn from a later day than the test takes nothing from it", async () => {
    await world.check();
    await world.publish({ order: "2", result: "withdrawn", withdrawnFrom: "2026-11-22" });
    await world.work();
    expect(await world.notices()).toEqual([]);
  });
  it("that comes anew and says that the laboratory failed is told; one that says it passed opens no work", async () => {
    await world.check();
    await world.publish({ order: "1", id: "h-passed-too", result: "passed" });
    expect(changed()).toEqual([]);
    await world.publish({ order: "1", id: "h-failed", result: "failed", from: "2026-06-01" });
    await world.work();
    expect((await world.notices()).map((one) => one.kind)).toEqual(["certificate-withdrawn"]);
  });
  it("taken back by one export while another says that the laboratory failed: the loss is told all the same", async () => {
    await world.check();
    await world.publish({ order: "2", result: "withdrawn" });
    await world.publish({ order: "1", id: "h-failed", result: "failed", from: "2026-06-01" });
    await world.work();
    expect((await world.notices()).length).toBeGreaterThan(0);
  });
});

describe("a notice", () => {
  beforeEach(async () => {
    await world.check();
    await world.deliver({ order: "2", value: "186" });
    await world.work();
  });
  const acknowledge = async (institution: string) => {
    const [notice] = await world.notices();
    const by = { client: institution, institution, practitioner: { id: "2001" } };
    return await acknowledgeNotice(world.deps, { id: notice?.id ?? "", institution: code(institution), by });
  };

  it("is closed by who takes note of it, once, with name and time", async () => {
    const first = await acknowledge("c-county");
    expect(first).toMatchObject({ state: "acknowledged", acknowledged: { client: "c-county", practitioner: "2001" } });
    expect(await world.notices()).toEqual([]);
    world.pass(hourMs);
    const [closed] = await world.notices("c-county", "acknowledged");
    const again = await acknowledgeNotice(world.deps, {
      id: closed?.id ?? "",
      institution: code("c-county"),
      by: { client: "other" },
    });
    expect(again?.acknowledged).toEqual(first?.acknowledged);
  });
  it("is nobody else's to close", async () => {
    expect(await acknowledge("b-central")).toBeUndefined();
  });
  it("is told again each day, and after three days stands before the operator", async () => {
    for (let day = 1; day <= 3; day++) {
      world.pass(24 * hourMs);
      await world.work();
    }
    expect(world.calls).toHaveLength(4);
    expect(new Set(world.calls.map((one) => one.id)).size).toBe(4);
    expect(await world.notices()).toMatchObject([{ told: 4, escalatedAt: expect.any(String) }]);
    expect(world.events().filter((one) => one.subtype?.[0]?.code === "notice-escalated")).toHaveLength(1);
    await acknowledge("c-county");
    world.pass(48 * hourMs);
    await world.work();
    expect(world.calls).toHaveLength(4);
  });
});

describe("an institution that does not take its calls", () => {
  it("is called again with growing patience under the same id, until it takes them", async () => {
    world.refuseCalls(true);
    await world.check();
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    expect(world.calls).toHaveLength(1);
    for (const minutes of [1, 3, 11]) {
      world.pass(minutes * 60_000);
      await world.work();
    }
    expect(world.calls).toHaveLength(4);
    world.refuseCalls(false);
    world.pass(40 * 60_000);
    await world.work();
    world.pass(hourMs);
    await world.work();
    expect(world.calls).toHaveLength(5);
    expect(new Set(world.calls.map((one) => one.id)).size).toBe(1);
    expect(world.tasks("callback").map((task) => task.status)).toEqual(["completed"]);
  });
});
