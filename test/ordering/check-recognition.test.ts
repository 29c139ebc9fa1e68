import { beforeEach, describe, expect, it } from "@jest/globals";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { findReminder, readCheck, recordOf } from "../../src/ordering/check/check-record.ts";
import { code, createOrderingWorld, note, resident, stranger } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
beforeEach(async () => {
  world = await createOrderingWorld();
});

const check = (...more: Parameters<typeof world.ask>) => checkRecognition(world.deps, world.ask(...more));
const linesOf = async (...more: Parameters<typeof world.ask>) =>
  (await check(...more)).results.map((result) => result.lines.map((line) => [line.source, line.recognition]));
/** An answer without what differs at each check. */
const still = ({ id: _, ...answer }: Awaited<ReturnType<typeof check>>) => answer;
const kinds = () => world.events().map((event) => event.subtype?.[0]?.code);

/** A result against which nothing stands. */
const nothing = (item: string, itemName: string) => ({ order: "o1", item, itemName, lines: [], own: [], transcribed: [] });

/** A knows the resident and has a certified creatinine of three days ago; C may look. */
async function known() {
  await world.link(["a-provincial", "b-central", "c-county"]);
  await world.certify();
  await world.result({});
  await world.grant();
}

describe("a doctor at C orders creatinine", () => {
  it("and A's certified result of three days ago must be recognised", async () => {
    await known();
    const answer = await check();
    expect(answer.asked).toBe("all");
    expect(answer.note).toBe(note);
    expect(answer.results[0]?.lines[0]).toMatchObject({
      recognition: "must",
      source: "a-provincial",
      value: "86",
      unit: "umol/L",
      collectedAt: "2026-11-19T02:00:00.000Z",
      mark: "临湖省HR",
      daysLeft: 27,
      basis: "mark-and-certificate",
      certificate: "h-a-provincial-14682-9",
      evidence: "a-provincial/Observation/h-a-provincial/_history/1",
      reasons: [{ code: "window-provisional", effect: "note", text: "互认时限 30 天为暂定值", windowDays: 30 }],
    });
  });

  it("reads golden Patient and consents at once, searches once, audits once, then answers", async () => {
    await known();
    await check();
    world.store.requests.length = 0;
    await check();
    expect(world.store.requests).toEqual([
      "search DEFAULT Consent",
      "read DEFAULT Patient",
      "read c-county List",
      "search _ALL Observation",
      "commit DEFAULT 1",
    ]);
  });

  it("prints the digits of the source: 11.30 stays 11.30", async () => {
    await known();
    await world.result({ id: "h-b", source: "b-central", value: "11.30" });
    const lines = (await check()).results[0]?.lines ?? [];
    expect(lines.map((line) => line.value).sort()).toEqual(["11.30", "86"]);
  });

  it("orders by C's own code, by LOINC or by the catalogue's item: the same answer", async () => {
    await known();
    const orders = [
      { id: "o1", item: "creatinine" },
      { id: "o2", code: { system: "http://loinc.org", code: "14682-9" } },
      { id: "o3", code: { system: "urn:hutong:c-lis:item", code: "L014" } },
    ];
    expect(await linesOf({ orders })).toEqual(Array(3).fill([["a-provincial", "must"]]));
  });

  it("sees C's own earlier result apart, needing no mark", async () => {
    await known();
    await world.result({ id: "h-own", source: "c-county", mark: null });
    const [result] = (await check()).results;
    expect(result?.lines.map((line) => line.source)).toEqual(["a-provincial"]);
    expect(result?.own.map((line) => [line.source, line.recognition])).toEqual([["c-county", "must"]]);
  });

  it("is shown a critical result first", async () => {
    await known();
    await world.result({
      id: "h-critical",
      source: "b-central",
      collected: "2026-11-18 10:00",
      reported: "2026-11-18 11:00",
      flag: "HH",
    });
    const lines = (await check()).results[0]?.lines;
    expect(lines?.map((line) => [line.source, line.critical ?? false])).toEqual([
      ["b-central", true],
      ["a-provincial", false],
    ]);
  });

  it("is not shown a withdrawn result", async () => {
    await known();
    await world.result({ id: "h-void", source: "b-central", status: "entered-in-error" });
    expect(await linesOf()).toEqual([[["a-provincial", "must"]]]);
  });

  it("in an emergency is told what exists, not what must be", async () => {
    await known();
    expect(await linesOf({ emergency: true })).toEqual([[["a-provincial", "may"]]]);
    expect(await linesOf({ visit: { number: "M1", kind: "emergency" } })).toEqual([[["a-provincial", "may"]]]);
  });

  it("of an item nobody knows gets no lines and a reason", async () => {
    await known();
    const answer = await check({
      orders: [
        { id: "o1", item: "moonstone" },
        { id: "o2", code: { system: "x", code: "y" } },
      ],
    });
    expect(answer.results).toEqual(
      ["o1", "o2"].map((order) => ({
        order,
        lines: [],
        own: [],
        transcribed: [],
        reasons: [{ code: "item-unknown", text: "互认目录中没有这个项目" }],
      })),
    );
  });
});

describe("an examination", () => {
  it("with its images is recognised, one search per type", async () => {
    await world.link(["a-provincial"]);
    await world.grant();
    await world.certify("a-provincial", "29252-4");
    await world.examination({ examination: "chest-ct" });
    await check();
    world.store.requests.length = 0;
    expect(await linesOf({ orders: [{ id: "o1", item: "chest-ct" }] })).toEqual([[["a-provincial", "must"]]]);
    expect(world.store.requests.filter((one) => one.startsWith("search _ALL"))).toEqual([
      "search _ALL DiagnosticReport",
      "search _ALL ImagingStudy",
    ]);
  });
  it("is not shown when the consent covers laboratory results only, and its sources do not count as asked", async () => {
    await world.link(["a-provincial"]);
    await world.grant({ categories: ["lab"] });
    await world.examination({ examination: "chest-ct" });
    const answer = await check({ orders: [{ id: "o1", item: "chest-ct" }] });
    expect(answer.asked).toBe("none");
    expect(answer.results).toEqual([nothing("chest-ct", "胸部CT平扫")]);
  });
});

describe("without consent", () => {
  it("the answer is the same, to the byte, as for a resident nobody knows", async () => {
    await known();
    await world.withdraw();
    const orders = [
      { id: "o1", item: "creatinine" },
      { id: "o2", item: "moonstone" },
    ];
    const refused = await check({ orders });
    expect(JSON.stringify(still(refused))).toBe(JSON.stringify(still(await check({ orders, resident: stranger }))));
    expect(refused.asked).toBe("none");
    expect(refused.results[0]).toEqual(nothing("creatinine", "肌酐"));
  });
  it("the store is asked the same questions as for a resident nobody knows, and nothing is searched", async () => {
    await known();
    await world.withdraw();
    await check();
    const asked = async (who: typeof resident) => {
      world.store.requests.length = 0;
      await check({ resident: who });
      return [...world.store.requests];
    };
    expect(await asked(resident)).toEqual([
      "search DEFAULT Consent",
      "read DEFAULT Patient",
      "read c-county List",
      "commit DEFAULT 1",
    ]);
    expect(await asked(stranger)).toEqual(await asked(resident));
  });
  it("each refusal is audited with its reason, which nobody is told", async () => {
    await known();
    await world.withdraw();
    const answer = await check();
    const [event] = world.events();
    expect(event).toMatchObject({ outcome: "4", outcomeDesc: "none-given" });
    expect(JSON.stringify(answer)).not.toContain("none-given");
  });
  it("bound to another visit nothing is shown", async () => {
    await world.link(["a-provincial"]);
    await world.result({});
    await world.grant({ visit: { institution: code("c-county"), number: "M2" } });
    expect((await check()).asked).toBe("none");
  });
});

describe("an institution that consent does not cover", () => {
  it("is neither asked, nor named, nor counted", async () => {
    await known();
    await world.withdraw();
    await world.grant({ sources: [code("b-central")] }, "hnarrow");
    const answer = await check();
    expect(answer.asked).toBe("all");
    expect(answer.results).toEqual([nothing("creatinine", "肌酐")]);
    expect(JSON.stringify(world.events())).not.toContain("a-provincial");
  });
  it("a result outside the data dates of the consent is not shown", async () => {
    await known();
    await world.withdraw();
    await world.grant({ dataPeriod: { start: "2026-11-20", end: "2026-12-31" } }, "hdates");
    expect(await linesOf()).toEqual([[]]);
  });
  it("a result labelled as restricted is not shown", async () => {
    await known();
    const observation = await world.store.read(code("a-provincial"), "Observation", "h-a-provincial");
    if (observation === undefined) throw new Error("A has a result");
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
    await world.put("a-provincial", { ...observation, id: "h-restricted", meta: { security } });
    const lines = (await check()).results[0]?.lines ?? [];
    expect(lines.map((line) => line.evidence)).toEqual(["a-provincial/Observation/h-a-provincial/_history/1"]);
  });
});

describe("a source that does not answer", () => {
  it("is unknown for every hosted institution when the one search fails, never 'no earlier result'", async () => {
    await known();
    await check();
    const { search } = world.store;
    world.store.search = (tenant, ...rest) => (tenant === "_ALL" ? Promise.reject(new Error("down")) : search(tenant, ...rest));
    const answer = await check();
    expect(answer.asked).toBe("none");
    expect(answer.results[0]?.lines).toEqual(
      [
        ["a-provincial", "临湖省人民医院"],
        ["b-central", "临湖市中心医院"],
      ].map(([source, sourceName]) => ({
        recognition: "unknown",
        source,
        sourceName,
        itemName: "肌酐",
        reasons: [{ code: "source-failed", text: "该机构未能应答，不等于没有结果" }],
      })),
    );
  });
  it("because it runs its own server stays unknown beside a must", async () => {
    await known();
    world.servers.set("b-central", async () => ({ kind: "refused" }));
    const answer = await check();
    expect(answer.asked).toBe("some");
    expect(answer.results[0]?.lines.map((line) => [line.source, line.recognition])).toEqual([
      ["a-provincial", "must"],
      ["b-central", "unknown"],
    ]);
  });
  it("whose answer holds somebody else's result is not believed", async () => {
    await known();
    const { search } = world.store;
    world.store.search = async (tenant, ...rest) => {
      const page = await search(tenant, ...rest);
      return tenant === "_ALL"
        ? { ...page, resources: page.resources.map((one) => ({ ...one, subject: { reference: "Patient/h-somebody" } })) }
        : page;
    };
    expect(await linesOf()).toEqual([
      [
        ["a-provincial", "unknown"],
        ["b-central", "unknown"],
      ],
    ]);
  });
  it("with more than a page is read on: one chatty institution cuts nobody else's result", async () => {
    await known();
    for (let n = 0; n < 250; n++) {
      const day = String(1 + (n % 20)).padStart(2, "0");
      await world.result({
        id: `h-many-${n}`,
        source: "b-central",
        collected: `2026-11-${day} ${String(n % 24).padStart(2, "0")}:00`,
        mark: null,
      });
    }
    const answer = await check();
    expect(answer.asked).toBe("all");
    expect(answer.results[0]?.lines.filter((line) => line.source === "b-central")).toHaveLength(250);
    expect(answer.results[0]?.lines.filter((line) => line.recognition === "must").map((line) => line.source)).toEqual([
      "a-provincial",
    ]);
  });
  it("with more in one instant than can be read says so, beside what could be read", async () => {
    await known();
    for (let n = 0; n < 210; n++) await world.result({ id: `h-many-${n}`, source: "b-central", mark: null });
    const answer = await check();
    const lines = answer.results[0]?.lines ?? [];
    expect(answer.asked).toBe("some");
    expect(lines.at(-1)).toMatchObject({ source: "b-central", recognition: "unknown", reasons: [{ code: "source-has-more" }] });
    expect(lines.some((line) => line.source === "a-provincial" && line.recognition === "must")).toBe(true);
  });
});

describe("the audit", () => {
  it("names every result shown with its version, and the reminder per item, in one event", async () => {
    await known();
    await world.result({ id: "h-own", source: "c-county", mark: null });
    const answer = await check();
    const [event, ...others] = world.events();
    expect(others).toEqual([]);
    expect(event?.subtype?.map((one) => one.code)).toEqual(["disclosure", "recognition-check"]);
    const record = event === undefined ? undefined : recordOf(event);
    expect(event?.entity?.map((entity) => entity.what?.identifier?.value ?? entity.what?.reference)).toEqual([
      resident,
      "Consent/hconsent/_history/1",
      record?.uuid,
      "a-provincial/Observation/h-a-provincial",
      "c-county/Observation/h-own",
      "h-a-provincial-14682-9",
      answer.results[0]?.reminder,
    ]);
    expect(event?.entity?.[4]?.detail).toEqual([{ type: "version", valueString: "1" }]);
    expect(event?.agent[1]?.who?.identifier?.value).toBe("c-county/1008");
  });
  it("is the record of the check: who asked in which visit by which policy, and what stood against which order", async () => {
    await known();
    await world.result({ id: "h-own", source: "c-county", mark: null });
    world.servers.set("b-central", async () => ({ kind: "refused" }));
    const department = { code: "03", name: "内科" };
    const answer = await check({
      visit: { number: "M/1", kind: "inpatient", department },
      orders: [
        { id: "ServiceRequest/draft 1&=", item: "creatinine" },
        { id: "o2", item: "moonstone" },
        { id: "o3", item: "potassium" },
      ],
    });
    const [result] = answer.results;
    expect(await readCheck(world.store, answer.id)).toEqual({
      id: answer.id,
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: new Date("2026-11-22T02:00:00Z"),
      refused: false,
      client: "c-county",
      institution: "c-county",
      practitioner: { id: "1008" },
      resident,
      purpose: "TREAT",
      visit: { number: "M/1", kind: "inpatient" },
      setting: "inpatient",
      department,
      emergency: false,
      policy: "linhu 2026.1",
      orders: [{ id: "ServiceRequest/draft 1&=", item: "creatinine" }, { id: "o2" }, { id: "o3", item: "potassium" }],
      reminders: [
        {
          uuid: result?.reminder,
          order: "ServiceRequest/draft 1&=",
          item: "creatinine",
          case: result?.case,
          results: [
            {
              address: { tenant: "a-provincial", type: "Observation", id: "h-a-provincial" },
              version: "1",
              recognition: "must",
              daysLeft: 27,
              basis: "mark-and-certificate",
              certificate: "h-a-provincial-14682-9",
              certificateState: "valid",
              laboratory: "a-provincial",
            },
          ],
          own: 1,
          unknown: ["b-central"],
        },
      ],
      silent: [{ source: "b-central", kind: "lab", cause: "source-failed" }],
    });
  });
  it("is found again by the UUID of a reminder, and of the check as a whole", async () => {
    await known();
    const answer = await check();
    const found = await findReminder(world.store, answer.results[0]?.reminder ?? "");
    expect(found?.reminder?.order).toBe("o1");
    const whole = await findReminder(world.store, found?.check.uuid ?? "");
    expect([whole?.check.id, whole?.reminder]).toEqual([answer.id, undefined]);
    expect(await findReminder(world.store, "4e0a3a1e-3283-4575-ab82-028d55fe2719")).toBeUndefined();
  });
  it("counts the same draft order checked again as the same case, another visit as another", async () => {
    await known();
    const cases = [await check(), await check(), await check({ visit: { number: "M2", kind: "outpatient" } })].map(
      (answer) => answer.results[0]?.case,
    );
    expect(cases[0]).toBe(cases[1]);
    expect(cases[2]).not.toBe(cases[0]);
  });
  it("when it cannot be written, there is no answer", async () => {
    await known();
    world.store.beforeCommit(() => {
      throw new Error("down");
    });
    await expect(check()).rejects.toThrow("down");
  });
  it("of a check that shows nothing names nothing", async () => {
    await world.link(["a-provincial"]);
    await world.grant();
    expect((await check()).asked).toBe("all");
    expect(kinds()).toEqual(["recognition-check"]);
  });
});

describe("a withdrawal while the check runs", () => {
  /** Each search takes this long, and the resident withdraws during the first one. */
  const slow = (ms: number) => {
    const { search } = world.store;
    world.store.search = async (tenant, ...rest) => {
      const page = await search(tenant, ...rest);
      if (tenant === "_ALL") {
        world.pass(ms);
        await world.withdraw();
      }
      return page;
    };
  };
  it("is seen when the search took longer than half a second: nothing is shown", async () => {
    await known();
    await check();
    slow(501);
    expect((await check()).asked).toBe("none");
    expect(kinds().filter((kind) => kind === "disclosure")).toHaveLength(1);
  });
  it("is seen when writing the audit took long: what was about to be shown is not", async () => {
    await known();
    await check();
    world.store.beforeCommit(async (tenant, writes) => {
      if (tenant !== "DEFAULT" || writes.every(({ resource }) => resource.resourceType !== "AuditEvent")) return;
      world.store.beforeCommit(undefined);
      world.pass(901);
      await world.withdraw();
    });
    expect((await check()).results[0]?.lines).toEqual([]);
  });
});

describe("certificates and policy", () => {
  it("a certificate that fails counts within a minute", async () => {
    await known();
    expect(await linesOf()).toEqual([[["a-provincial", "must"]]]);
    await world.certify("a-provincial", "14682-9", "failed");
    world.pass(60_001);
    expect(await linesOf()).toEqual([[["a-provincial", "may"]]]);
  });
  it("nothing of a resident is kept: a new result is there at the next check", async () => {
    await known();
    await check();
    await world.result({ id: "h-new", source: "b-central" });
    expect((await check()).results[0]?.lines).toHaveLength(2);
  });
});
