import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { expectStatus } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { certificateExport, certificateRows } from "../../scripts/sample/certificates.ts";
import { labExportOfA, labExportOfB, labMessagesOfC, type ResultGiven } from "../../scripts/sample/fresh.ts";
import { itemByKey } from "../../scripts/sample/items.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later, stamp } from "../../scripts/sample/time.ts";
import { systems } from "../../src/fhir/systems.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit, grant } from "./people.ts";

interface RecognitionLine {
  readonly recognition: "must" | "may" | "ineligible" | "unknown";
  readonly source: string;
  readonly value?: string;
  readonly daysLeft?: number;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
}

interface RecognitionAnswer {
  readonly id: string;
  readonly asked: string;
  readonly policy: string;
  readonly results: readonly {
    readonly order: string;
    readonly item?: string;
    readonly reminder?: string;
    readonly case?: string;
    readonly lines: readonly RecognitionLine[];
    readonly own: readonly RecognitionLine[];
    readonly transcribed: readonly RecognitionLine[];
  }[];
  readonly panels: readonly { readonly advice: string; readonly recognised: readonly string[] }[];
}

let world: World;
let person: Person;
const now = new Date();
const ago = (days: number) => later(now, -days * dayMs);

beforeAll(async () => {
  world = flowWorld();
  person = freshResident();
  const results = (...given: [string, string][]): ResultGiven[] => given.map(([item, value]) => ({ item, value }));
  await Promise.all([
    deliverCertificates(),
    world.deliver(labExportOfA(person, results(["CREA", "86"], ["UA", "351"]), ago(3))),
    world.deliver(labExportOfA(person, results(["K", "4.2"]), ago(9))),
    world.deliver(labExportOfA(person, results(["HBA1C", "5.6"]), ago(3))),
    world.deliver(labExportOfA(person, results(["TC", "4.10"]), ago(4), { reviewedAt: null })),
    world.deliver(labExportOfB(person, results(["LDL", "2.80"]), ago(5))),
    world.deliver(labExportOfB(person, results(["GLU", "5.30"]), ago(1))),
    world.deliver(labExportOfB(person, results(["GLU", "5.60"]), ago(6))),
    ...labMessagesOfC(person, results(["CREA", "88"]), ago(2), { site: "c-county" }).map((one) => world.deliver(one)),
  ]);
  await expectStatus(grant(world, person, "c-county"), 201);
  // Certificates count within a minute of being stored.
  await waitFor(
    "the certificates",
    () => check("CREA"),
    ([line]) => line?.recognition === "must",
    { timeoutMs: 75_000, everyMs: 1000 },
  );
  await waitFor(
    "the withdrawn certificate",
    () => check("GLU"),
    ([line]) => line?.recognition === "may",
    { timeoutMs: 75_000, everyMs: 1000 },
  );
}, 200_000);
afterAll(() => world.close());

/** The quality centre's list, then its update of three days ago: what is withdrawn now was valid before. */
async function deliverCertificates(): Promise<void> {
  const rows = certificateRows(now);
  const first = rows.map((row) => (row.结果 === "撤销" ? { ...row, 结果: "合格" } : row));
  const withdrawn = rows.filter((row) => row.结果 === "撤销").map((row) => ({ ...row, 更新时间: stamp(ago(3)) }));
  await world.deliver(certificateExport(first, ago(30)));
  await world.deliver(certificateExport(withdrawn, ago(2)));
}

async function ask(institution: string, orders: readonly object[], more: object = {}): Promise<RecognitionAnswer> {
  const answer = await world.as<RecognitionAnswer>(institution, "recognitions", {
    method: "POST",
    path: "/recognitions/check",
    json: { resident: { identityNumber: person.number }, visit: aVisit(), orders, ...more },
  });
  return expectStatus(answer, 200);
}

const orderOf = (key: string) => ({ id: key, code: { system: "http://loinc.org", code: itemByKey(key).loinc } });

async function check(key: string, more: object = {}): Promise<readonly RecognitionLine[]> {
  return (await ask("c-county", [orderOf(key)], more)).results[0]?.lines ?? [];
}

const codes = (line: RecognitionLine | undefined) => line?.reasons.map((reason) => reason.code).join(" ");

describe("a draft order", () => {
  it("must recognise a result with a covering mark and its certificate, inside the window", async () => {
    const [line, ...more] = await check("CREA");
    expect(more).toEqual([]);
    expect(line).toMatchObject({ recognition: "must", source: "a-provincial", value: "86", unit: "umol/L", mark: "全国HR" });
    expect(line?.daysLeft).toBeGreaterThanOrEqual(26);
    expect(line?.daysLeft).toBeLessThanOrEqual(27);
  });

  it.each([
    ["may: the mark stands on no certificate", "LDL", "may", "mark-unsupported"],
    [
      "ineligible: another method and specimen, and a mark that stands on a failed certificate",
      "HBA1C",
      "ineligible",
      "mark-unsupported",
    ],
    ["ineligible: older than the window of seven days", "K", "ineligible", "out-of-window"],
    ["ineligible: nobody reviewed it", "TC", "ineligible", "not-final"],
  ])("%s", async (_, key, recognition, reason) => {
    const [line] = await check(key);
    expect(`${line?.recognition}: ${codes(line)}`).toMatch(new RegExp(`^${recognition}: .*${reason}`));
    for (const { text } of line?.reasons ?? []) expect(text.length).toBeGreaterThan(3);
  });

  it("asks whether the certificate held on the day of the test: it was withdrawn three days ago", async () => {
    const lines = await check("GLU");
    expect(lines.map(({ value, recognition }) => `${value} ${recognition}`)).toEqual(["5.30 may", "5.60 must"]);
    expect(codes(lines[0])).toContain("mark-unsupported");
  });

  it("may recognise in an emergency what otherwise must be", async () => {
    // This resident's consent is for treatment; emergency treatment needs its own.
    await expectStatus(grant(world, person, "c-county", undefined, { purposes: ["ETREAT"] }), 201);
    const [line] = await check("CREA", { emergency: true });
    expect(line?.recognition).toBe("may");
    expect(codes(line)).toContain("emergency");
  });

  it("shows the ordering institution's own results apart", async () => {
    const answer = await ask("c-county", [orderOf("CREA")]);
    const [result] = answer.results;
    expect(result?.own.map((line) => line.value)).toEqual(["88"]);
    expect(result?.lines.map((line) => line.source)).toEqual(["a-provincial"]);
  });

  it("without consent is answered like one for a resident nobody knows", async () => {
    const asked = async (number: string) =>
      world.as("b-central", "recognitions", {
        method: "POST",
        path: "/recognitions/check",
        json: { resident: { identityNumber: number }, visit: aVisit("V1"), orders: [orderOf("CREA")] },
      });
    const [known, unknown] = [await asked(person.number), await asked(freshResident().number)];
    expect(known.status).toBe(200);
    // Every check has an id and a deadline of its own.
    const own = { id: "", answerUntil: "" };
    expect({ ...(known.body as object), ...own }).toEqual({ ...(unknown.body as object), ...own });
  });

  it("for an item no catalogue has says so", async () => {
    const { results } = await ask("c-county", [{ id: "x", code: { system: "http://loinc.org", code: "0-0" } }]);
    expect(results[0]).toMatchObject({ lines: [], reasons: [{ code: "item-unknown" }] });
  });

  it("is audited before it is answered: one event is the reminder and the disclosure that names every result shown with its version", async () => {
    const events = async () =>
      new Map(
        (
          await world.store.searchAll("DEFAULT", "AuditEvent", {
            subtype: `${systems.auditKind}|recognition-check,${systems.auditKind}|disclosure`,
            "hutong-who": `${systems.institution}|c-county`,
          })
        ).map((event) => [event.id, event]),
      );
    const before = await events();
    await check("CREA");
    const fresh = [...(await events())].filter(([id]) => !before.has(id)).map(([, event]) => event);
    expect(fresh.map((event) => event.subtype?.map((one) => one.code))).toEqual([["disclosure", "recognition-check"]]);
    const named = fresh
      .flatMap((event) => event.entity ?? [])
      .filter((one) => /\/Observation\//.test(one.what?.identifier?.value ?? ""));
    expect(named.map((one) => one.what?.identifier?.value?.split("/")[0]).sort()).toEqual(["a-provincial", "c-county"]);
    for (const { detail } of named) expect(detail?.[0]).toEqual({ type: "version", valueString: "1" });
  });

  it("checked again is the same case with a reminder of its own", async () => {
    const order = [{ ...orderOf("CREA"), id: `draft-${Date.now()}` }];
    const visit = aVisit();
    const [first, second] = [await ask("c-county", order, { visit }), await ask("c-county", order, { visit })];
    expect(first.results[0]?.case).toBe(second.results[0]?.case);
    expect(first.results[0]?.reminder).not.toBe(second.results[0]?.reminder);
  });

  it("of a panel is decided member by member, with advice", async () => {
    const answer = await ask("c-county", [{ id: "p", item: "kidney-function" }]);
    expect(answer.results.map((one) => [one.order, one.item, one.lines[0]?.recognition])).toEqual([
      ["p", "creatinine", "must"],
      ["p", "urea", undefined],
      ["p", "urate", "must"],
    ]);
    expect(answer.panels).toMatchObject([{ advice: "remaining", recognised: ["creatinine", "urate"] }]);
  });

  it("may be asked without a visit", async () => {
    const answer = await world.as<RecognitionAnswer>("c-county", "recognitions", {
      method: "POST",
      path: "/recognitions/check",
      json: { resident: { identityNumber: person.number }, orders: [orderOf("CREA")] },
    });
    expect((await expectStatus(answer, 200)).results[0]?.lines[0]?.recognition).toBe("must");
  });
});

describe("when the patient is identified", () => {
  it("what exists is told item by item, and audited", async () => {
    const history = await expectStatus(
      world.as<RecognitionAnswer>("c-county", "recognitions", {
        method: "POST",
        path: "/recognitions/history",
        json: { resident: { identityNumber: person.number } },
      }),
      200,
    );
    const items = history.results.map((one) => one.item);
    expect(items).toEqual(expect.arrayContaining(["creatinine", "urate", "potassium", "ldl-c", "glucose"]));
    expect(history.results.every((one) => one.reminder === undefined)).toBe(true);
    const event = await world.store.read("DEFAULT", "AuditEvent", history.id);
    expect(event?.subtype?.map((one) => one.code)).toEqual(["disclosure", "recognition-history"]);
  });
});

describe("a paper result", () => {
  it("that was typed in is there in the checks of its visit, and is no Observation that anybody finds", async () => {
    const visit = aVisit(`paper-${Date.now()}`);
    const typed = {
      ...{ resident: { identityNumber: person.number }, visit, result: { item: "urea" }, value: "5.10", unit: "mmol/L" },
      ...{ specimen: "血清", collectedAt: stamp(ago(2)).slice(0, 10), institutionName: "邻省某医院", reportNumber: "R-77" },
    };
    const send = () => world.as("c-county", "recognitions", { method: "POST", path: "/recognitions/transcribed", json: typed });
    await expectStatus(send(), 200);
    await expectStatus(send(), 200);
    const [result] = (await ask("c-county", [{ id: "u", item: "urea" }], { visit })).results;
    expect(result?.transcribed.map((line) => [line.value, line.recognition])).toEqual([["5.10", "may"]]);
    const elsewhere = await ask("c-county", [{ id: "u", item: "urea" }]);
    expect([elsewhere.results[0]?.transcribed, elsewhere.results[0]?.lines]).toEqual([[], []]);
  });
});

describe("the event stream of a check", () => {
  it("ends when every source answered, and is there for the institution that checked alone", async () => {
    const { id, asked } = await ask("c-county", [orderOf("CREA")]);
    expect(asked).toBe("all");
    const path = `/recognitions/${id}/events`;
    const events = await expectStatus(world.as<string>("c-county", "recognitions", { method: "GET", path }), 200);
    expect(events).toContain(`event: done\ndata: {"check":"${id}"}`);
    expect((await world.as("b-central", "recognitions", { method: "GET", path })).status).toBe(404);
  });
});
