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
  readonly results: readonly { readonly lines: readonly RecognitionLine[]; readonly own: readonly RecognitionLine[] }[];
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
    expect(known.body).toEqual(unknown.body);
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
    for (const { detail } of named) expect(detail).toEqual([{ type: "version", valueString: "1" }]);
  });
});
