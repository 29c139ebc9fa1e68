import { beforeEach, describe, expect, it } from "@jest/globals";
import { pause } from "../../src/kernel/clock.ts";
import type { Answered, Kept } from "./hook-client.ts";
import { createHookWorld, draft, encounter, identityNumber, item, loinc, patient, session } from "./hook-world.ts";

type World = Awaited<ReturnType<typeof createHookWorld>>;
type Result = Parameters<World["result"]>[0];
let world: World;

beforeEach(async () => {
  world = await createHookWorld();
});

const loincs: Readonly<Record<string, string>> = {
  creatinine: "14682-9",
  urea: "22664-7",
  urate: "14933-6",
  potassium: "2823-3",
  sodium: "2951-2",
  glucose: "14749-6",
};

/** C's resident, of whom A measured these under a mark that stands on a certificate. */
async function known(...results: Result[]) {
  await world.link(["a-provincial", "b-central", "c-county"]);
  await world.grant();
  for (const [at, result] of results.entries()) {
    await world.certify(result.source, loincs[result.item ?? "creatinine"]);
    await world.result({ id: `h-result-${at}`, ...result });
  }
}

const only = (answers: readonly Answered[]): Answered => {
  const [answer] = answers;
  if (answer === undefined || answers.length > 1) throw new Error("exactly one service answers a hook of orders");
  return answer;
};
const sign = async (...drafts: Kept[]) => only(await world.client.fire("order-sign", session(...drafts)));
const creatinine = draft("d1", item("creatinine"));
const shown = (answered: Answered) => answered.cards.map((card) => `${card.indicator}: ${card.summary}`);
const lis = (code: string) => ({ system: "urn:hutong:c-lis:item", code });

describe("an order that an earlier result stands against", () => {
  it("is answered with a warning that names result, source, mark and days left, and offers to take the order out", async () => {
    await known({});
    const { cards } = await sign(creatinine);
    expect(cards).toHaveLength(1);
    expect(cards[0]).toMatchObject({ indicator: "warning", selectionBehavior: "at-most-one" });
    expect(cards[0]?.summary).toBe("可互认：临湖省人民医院 2026-11-19 肌酐 86 umol/L（临湖省HR），剩余27天");
    expect(cards[0]?.detail).toContain("| 肌酐 | 应互认 | 临湖省人民医院 | 86 umol/L |");
    expect(cards[0]?.suggestions).toMatchObject([
      { isRecommended: true, actions: [{ type: "delete", resourceId: "ServiceRequest/d1" }] },
    ]);
  });

  it("offers the six lawful reasons in their order, and what the region added", async () => {
    await known({});
    const codes = (await sign(creatinine)).cards[0]?.overrideReasons?.map((one) => one.code);
    expect(codes?.slice(0, 6)).toEqual([
      "condition-changed",
      "rapidly-changing",
      "critical-decision",
      "emergency",
      "forensic-assessment",
      "other-necessary",
    ]);
    expect(codes?.slice(6)).toEqual(["images-not-received", "continuous-monitoring"]);
  });

  it("in an emergency is an information, and its reason comes first", async () => {
    await known({});
    world.fhir.set("Encounter/e1", encounter({ class: { code: "EMER" } }));
    const { cards } = await sign(creatinine);
    expect(cards[0]).toMatchObject({ indicator: "info" });
    expect(cards[0]?.overrideReasons?.[0]?.code).toBe("emergency");
    expect(cards[0]?.suggestions?.[0]?.isRecommended).toBeUndefined();
  });

  it("is an information without a mark that covers: the doctor may take it, nothing is recommended", async () => {
    await known({ mark: null });
    const { cards } = await sign(creatinine);
    expect(cards[0]).toMatchObject({ indicator: "info" });
    expect(cards[0]?.summary).toMatch(/^供参考：/);
    expect(cards[0]?.suggestions).toHaveLength(1);
    expect(cards[0]?.suggestions?.[0]?.isRecommended).toBeUndefined();
  });

  it.each([
    ["older than its window", { collected: "2026-09-01 08:00", reported: "2026-09-01 12:00" }],
    ["not reviewed", { status: "preliminary" as const }],
    ["in another specimen", { specimen: "尿液" }],
  ])("that is %s has no card", async (_, result) => {
    await known(result);
    expect((await sign(creatinine)).cards).toEqual([]);
  });

  it("shows a critical one first and recommends nothing", async () => {
    await known({ item: "urea", value: "5.1" }, { item: "creatinine", value: "986", flag: "HH" });
    const { cards } = await sign(draft("d1", item("urea")), draft("d2", item("creatinine")));
    expect(cards.map((card) => card.summary.slice(0, 9))).toEqual(["【危急值】可互认：", "可互认：临湖省人民"]);
    expect(cards[0]?.suggestions?.map((one) => one.isRecommended)).toEqual([undefined]);
    expect(cards[0]?.detail).toContain("【危急值】应互认");
  });

  it("offers each of several results, the newest first, and recommends one", async () => {
    await known(
      { collected: "2026-11-10 08:00", reported: "2026-11-10 12:00", value: "80" },
      { source: "b-central", value: "84" },
    );
    const { cards } = await sign(creatinine);
    expect(cards[0]?.suggestions?.map(({ label }) => label)).toEqual([
      expect.stringContaining("临湖市中心医院 2026-11-19 84"),
      expect.stringContaining("临湖省人民医院 2026-11-10 80"),
    ]);
    expect(cards[0]?.suggestions?.map((one) => one.isRecommended)).toEqual([true, undefined]);
  });

  it("shows its course, broken where the values cannot be compared", async () => {
    await known(
      { collected: "2026-11-01 08:00", reported: "2026-11-01 12:00", value: "80", range: "57-111" },
      { collected: "2026-11-10 08:00", reported: "2026-11-10 12:00", value: "84", range: "57-111" },
      { collected: "2026-11-19 08:00", reported: "2026-11-19 12:00", value: "86", range: "41-81" },
    );
    const detail = (await sign(creatinine)).cards[0]?.detail ?? "";
    const course = detail.slice(detail.indexOf("肌酐的变化"));
    expect(course).toMatch(
      /2026-11-01 08:00 \| 80[\s\S]*2026-11-10 08:00 \| 84[\s\S]*不可直接比较[\s\S]*2026-11-19 08:00 \| 86/,
    );
  });

  it("cannot be spoofed by what a source wrote: no table cell, no link, no HTML of its own", async () => {
    await known({ value: null, unit: null, mark: "临湖省HR", method: null });
    const hostile = "86 | [点击](https://evil.example) <img src=x onerror=alert(1)> `x` www.evil.example\nHR";
    await world.result({ id: "h-hostile", mark: hostile });
    const { cards } = await sign(creatinine);
    expect(JSON.stringify(cards)).toContain("evil");
    for (const { detail = "" } of cards) {
      expect(detail).not.toMatch(/[^\\]\[点击/);
      expect(detail).not.toContain("<img");
      expect(detail).not.toContain("https://evil");
      expect(detail).not.toMatch(/[^\\]\| \[/);
      expect(detail).not.toMatch(/www\.evil/);
    }
  });
});

describe("several orders", () => {
  const items = ["creatinine", "urea", "urate", "potassium"] as const;
  const drafts = items.map((name, at) => draft(`d${at}`, item(name)));

  it("have a card each up to three", async () => {
    await known(...items.slice(0, 3).map((name) => ({ item: name })));
    const { cards } = await sign(...drafts.slice(0, 3));
    expect(cards).toHaveLength(3);
    expect(new Set(cards.map((card) => card.uuid)).size).toBe(3);
  });

  it("come on one card when they are more: one table, a suggestion for each", async () => {
    await known(...items.map((name) => ({ item: name })));
    const { cards } = await sign(...drafts);
    expect(cards).toHaveLength(1);
    expect(cards[0]).toMatchObject({ indicator: "warning", selectionBehavior: "any" });
    expect(cards[0]?.summary).toBe("4项医嘱已有外院结果（应互认4项）：肌酐、尿素、尿酸、钾");
    expect(cards[0]?.suggestions?.map((one) => one.actions?.[0]?.resourceId)).toEqual(
      drafts.map(({ id }) => `ServiceRequest/${id}`),
    );
  });

  it("are checked at selection only when newly selected, and all of them when signed", async () => {
    await known({ item: "creatinine" }, { item: "urea" });
    const both = session(draft("d1", item("creatinine")), draft("d2", item("urea")));
    const selected = only(await world.client.fire("order-select", both, ["ServiceRequest/d2"]));
    expect(shown(selected)).toEqual([expect.stringContaining("尿素")]);
    expect(only(await world.client.fire("order-sign", both)).cards).toHaveLength(2);
  });

  it("of which some are no business of ours: medications, orders not to do, called off, without a code, of unknown items", async () => {
    await known({});
    const medication = { resourceType: "MedicationRequest", id: "m1", status: "draft", subject: { reference: "Patient/p1" } };
    const { status, cards } = await sign(
      medication,
      draft("d1", item("creatinine"), { doNotPerform: true }),
      draft("d2", item("creatinine"), { status: "revoked" }),
      draft("d3", item("creatinine"), { code: { text: "肌酐" } }),
      draft("d4", loinc("0-0")),
    );
    expect([status, cards]).toEqual([200, []]);
  });
});

describe("an order of a panel", () => {
  it("may be replaced by orders of the remaining members, in the codes of the doctor's own item table", async () => {
    await known({ item: "creatinine" }, { item: "urea", value: "5.1" });
    const open = session(draft("d1", lis("Z002"), { priority: "routine" }));
    const answered = only(await world.client.fire("order-sign", open));
    expect(shown(answered)).toEqual(["warning: 肾功能：3项中2项已有可互认的外院结果"]);
    const [card] = answered.cards;
    const [suggestion] = card?.suggestions ?? [];
    expect(suggestion).toMatchObject({ label: "互认2项，肾功能改为单开其余1项", isRecommended: true });
    if (card === undefined || suggestion === undefined) throw new Error("no suggestion");
    await world.client.accept(answered, open, { card, suggestion });
    expect(open.drafts).toEqual([
      expect.objectContaining({
        resourceType: "ServiceRequest",
        status: "draft",
        priority: "routine",
        code: { coding: [{ ...lis("L017"), display: "尿酸" }], text: "尿酸" },
        subject: { reference: "Patient/p1" },
        encounter: { reference: "Encounter/e1" },
        requester: { reference: "Practitioner/1008" },
      }),
    ]);
  });

  it("is not split where the doctor's item table has no code for a member that is left", async () => {
    await known({ item: "creatinine" }, { item: "urea", value: "5.1" });
    const answered = await sign(draft("d1", { system: "urn:hutong:recognition-item", code: "kidney-function" }));
    expect(answered.cards[0]?.suggestions?.[0]?.actions?.map((one) => one.type)).toEqual(["delete", "create"]);
    const local = await sign(draft("d1", { system: "urn:nobody", code: "Z002" }));
    expect(local.cards).toEqual([]);
  });

  it("whose rule is all or nothing is told, but nothing is suggested and it is no warning", async () => {
    await known({ item: "total-cholesterol", value: "4.10" });
    await world.certify("a-provincial", "14647-2");
    const answered = await sign(draft("d1", loinc("57698-3")));
    expect(answered.cards).toHaveLength(1);
    expect(answered.cards[0]).toMatchObject({ indicator: "info" });
    expect(answered.cards[0]?.suggestions).toBeUndefined();
    expect(answered.cards[0]?.detail).toContain("按规则组合不宜拆开");
  });

  it("with a critical earlier result among its members suggests nothing", async () => {
    await known({ item: "creatinine", value: "986", flag: "HH" }, { item: "urea", value: "5.1" });
    const answered = await sign(draft("d1", lis("Z002")));
    expect(answered.cards[0]?.summary).toMatch(/^【危急值】临湖省人民医院 2026-11-19 肌酐 986 umol\/L；肾功能另有可互认结果$/);
    expect(answered.cards[0]?.suggestions).toBeUndefined();
  });
});

describe("what is said apart", () => {
  it("the institution's own results: an information without feedback, never 互认", async () => {
    await known();
    await world.result({ source: "c-county", value: "88" });
    const { cards } = await sign(creatinine);
    expect(cards.map((card) => [card.uuid, card.indicator, card.overrideReasons])).toEqual([[undefined, "info", undefined]]);
    expect(cards[0]?.summary).toBe("本院近期已有结果：肌酐 88 umol/L（2026-11-19）");
    expect(cards[0]?.suggestions?.map((one) => one.uuid)).toEqual([undefined]);
  });

  it("a permitted source that does not answer: never as if there were no result", async () => {
    await known({});
    world.servers.set("b-central", () => Promise.reject(new Error("down")));
    const { cards } = await sign(creatinine);
    expect(shown({ ...(await sign(creatinine)), cards })).toEqual([
      expect.stringContaining("warning: 可互认"),
      "info: 未全部答复，不能视为无结果：临湖市中心医院",
    ]);
  });

  it("a source that never answers costs the doctor no more than the hook's time", async () => {
    await known({});
    world.servers.set("b-central", () => new Promise(() => {}));
    const { cards } = await sign(creatinine);
    const began = performance.now();
    await sign(creatinine);
    // A check that is no hook would wait a second here.
    expect(performance.now() - began).toBeLessThan(900);
    expect(cards.map((card) => card.indicator)).toEqual(["warning", "info"]);
  });
});

describe("a source that is late at the selection", () => {
  it("is decided with when the order is signed, on a card that takes the earlier one's place", async () => {
    await world.link(["b-central", "c-county"]);
    await world.grant();
    await world.certify("b-central");
    const result = world.resultOf({ id: "h-b", source: "b-central", value: "90" });
    world.servers.set("b-central", async (type) => {
      await pause(500);
      return { kind: "found", resources: type === "Observation" ? [result] : [], more: false };
    });
    const open = session(creatinine);
    const [selected] = await world.client.fire("order-select", open, ["ServiceRequest/d1"]);
    expect(selected?.cards.map((card) => card.summary)).toEqual(["未全部答复，不能视为无结果：临湖市中心医院"]);
    await pause(600);
    const [signed] = await world.client.fire("order-sign", open);
    expect(signed?.service).toBe(selected?.service);
    expect(signed?.cards.map((card) => card.summary)).toEqual([expect.stringMatching(/^可互认：临湖市中心医院 .* 90 /)]);
  });
});

describe("without consent", () => {
  it("the card is the same for a resident with results and for one nobody knows", async () => {
    await world.link(["a-provincial", "c-county"]);
    await world.certify();
    await world.result({});
    const withResults = await sign(creatinine);
    world.fhir.set(
      "Patient/p1",
      patient({ identifier: [{ system: "urn:oid:2.16.156.10011.1.3", value: "996427200504235739" }] }),
    );
    const nobody = await sign(creatinine);
    expect(withResults.body).toEqual(nobody.body);
    expect(shown(nobody)).toEqual(["info: 未授权，请患者扫码授权后再查询外院检查检验结果"]);
    expect(nobody.cards[0]).not.toHaveProperty("uuid");
  });

  it("there is no card where the institution wants none", async () => {
    world = await createHookWorld({ unauthorisedCard: false });
    expect((await sign(creatinine)).cards).toEqual([]);
    expect((await world.client.fire("patient-view", session())).map((one) => one.cards)).toEqual([[]]);
  });

  it("there is no card for orders of items that no catalogue has", async () => {
    expect((await sign(draft("d1", loinc("0-0")))).cards).toEqual([]);
  });

  it("a consent bound to a visit counts in that visit alone, and only when the Encounter was sent", async () => {
    await world.link(["a-provincial", "c-county"]);
    await world.certify();
    await world.result({});
    await world.grant({ visit: { institution: "c-county", number: "M1" } } as never);
    expect((await sign(creatinine)).cards[0]?.indicator).toBe("warning");
    world.fhir.set("Encounter/e1", encounter({ identifier: [{ value: "M2" }] }));
    expect(shown(await sign(creatinine))).toEqual([expect.stringContaining("未授权")]);
    world.fhir.set("Encounter/e1", encounter({ status: "finished" }));
    expect(shown(await sign(creatinine))).toEqual([expect.stringContaining("未授权")]);
    world.fhir.delete("Encounter/e1");
    expect(shown(await sign(creatinine))).toEqual([expect.stringContaining("未授权")]);
  });
});

describe("whom it is about", () => {
  it.each([
    ["no identity number", [{ system: "urn:c-county:file", value: "F1" }]],
    ["a number with a wrong check digit", [{ system: "urn:oid:2.16.156.10011.1.3", value: identityNumber.replace(/.$/, "9") }]],
    ["no identifier at all", undefined],
  ])("a patient with %s is told apart, and nothing is asked", async (_, identifier) => {
    await known({});
    world.fhir.set("Patient/p1", patient({ identifier }));
    expect(shown(await sign(creatinine))).toEqual([expect.stringContaining("没有有效的居民身份证号")]);
    expect(world.events()).toEqual([]);
  });

  it("the identity number is taken from the kinds of identifiers our doors take", async () => {
    await known({});
    const type = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "NNCHN" }] };
    world.fhir.set("Patient/p1", patient({ identifier: [{ type, value: identityNumber }] }));
    expect((await sign(creatinine)).cards[0]?.indicator).toBe("warning");
  });

  it("the event names client, institution, practitioner, visit and department; no log names the person", async () => {
    await known({});
    await sign(creatinine);
    const event = JSON.stringify(world.events().at(-1));
    expect(event).toContain("c-county/1008");
    expect(event).toContain('"M1"');
    expect(event).toContain("03.05");
    expect(event).not.toContain(identityNumber);
    expect(world.logged.join("")).not.toMatch(new RegExp(`${identityNumber}|张三|程医生`));
  });
});

describe("links", () => {
  it("open our pop-up with every order, once, for the practitioner the client named; they stand on the first card", async () => {
    await known({ item: "creatinine" }, { item: "urea" });
    const { cards } = await sign(draft("d1", item("creatinine")), draft("d2", item("urea")));
    expect(cards.map((card) => card.links?.map((link) => link.type))).toEqual([["absolute"], undefined]);
    expect(world.made).toHaveLength(1);
    expect(world.made[0]).toMatchObject({
      page: "popup",
      check: { resident: { identityNumber }, visit: { number: "M1" }, orders: [{ id: "d1" }, { id: "d2" }] },
      patient: "张三",
    });
  });

  it("are not made when there is nothing to answer, or nobody said who looks", async () => {
    await known();
    expect((await sign(creatinine)).cards).toEqual([]);
    await known({});
    world.fhir.delete("Practitioner/1008");
    expect((await sign(creatinine)).cards[0]).not.toHaveProperty("links");
    expect(world.made).toEqual([]);
  });

  it("start the viewer the registry names for the client, with what it needs and no person", async () => {
    world = await createHookWorld({ launch: "https://viewer.c-county.example/launch" });
    await world.link(["a-provincial", "c-county"]);
    await world.grant();
    await world.certify("a-provincial", "29252-4");
    await world.examination({ examination: "chest-ct" });
    const { cards } = await sign(draft("d1", item("chest-ct")));
    const link = cards[0]?.links?.find((one) => one.type === "smart");
    expect(link).toMatchObject({ url: "https://viewer.c-county.example/launch" });
    expect(JSON.parse(link?.appContext ?? "{}")).toMatchObject({
      check: expect.stringMatching(/^h[0-9a-f]{40}$/),
      reminder: cards[0]?.uuid,
      report: expect.stringMatching(/^a-provincial\/DiagnosticReport\//),
      study: expect.stringMatching(/^a-provincial\/ImagingStudy\//),
    });
  });
});
