import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Bundle, DetectedIssue } from "@medplum/fhirtypes";
import { call, expectStatus } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { certificateExport, certificateRows } from "../../scripts/sample/certificates.ts";
import { labExportOfA, type ResultGiven } from "../../scripts/sample/fresh.ts";
import { itemByKey } from "../../scripts/sample/items.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit, grant } from "./people.ts";

interface Check {
  readonly id: string;
  readonly results: readonly {
    readonly order: string;
    readonly item: string;
    readonly lines: readonly { readonly recognition: string; readonly evidence?: string }[];
    readonly own: readonly object[];
  }[];
}

interface Told {
  readonly answers: readonly { readonly order: string; readonly state: string; readonly why?: string }[];
}

interface State {
  readonly results: readonly {
    readonly order: string;
    readonly state: string;
    readonly said: readonly { readonly what: string }[];
  }[];
}

interface Log {
  readonly entries: readonly { readonly kind: string; readonly answer?: string }[];
}

const doctor = { id: "doctor-of-c", name: "程医生", role: "doctor" };
const now = new Date();
const ago = (days: number) => later(now, -days * dayMs);
const keys = ["CREA", "UA", "K"] as const;
let world: World;
let person: Person;
let visit: ReturnType<typeof aVisit>;
let check: Check;

beforeAll(async () => {
  world = flowWorld();
  person = freshResident();
  visit = aVisit();
  const results = (...given: [string, string][]): ResultGiven[] => given.map(([item, value]) => ({ item, value }));
  await Promise.all([
    world.deliver(certificateExport(certificateRows(now), ago(30))),
    world.deliver(labExportOfA(person, results(["CREA", "86"], ["UA", "351"], ["K", "4.20"]), ago(3))),
  ]);
  await expectStatus(grant(world, person, "c-county"), 201);
  check = await waitFor(
    "the certificates",
    () => freshCheck(),
    (one) => one.results[0]?.lines[0]?.recognition === "must",
    {
      timeoutMs: 75_000,
      everyMs: 1000,
    },
  );
}, 200_000);
afterAll(() => world.close());

async function freshCheck(orders: readonly object[] = ordersOf(keys), of = person): Promise<Check> {
  const json = { resident: { identityNumber: of.number }, visit, orders };
  return await expectStatus(
    world.as<Check>("c-county", "recognitions", { method: "POST", path: "/recognitions/check", json }),
    200,
  );
}

function ordersOf(items: readonly string[]) {
  return items.map((key) => ({ id: key, code: { system: "http://loinc.org", code: itemByKey(key).loinc } }));
}

/** A request of C's system with the doctor named in its token. */
async function send<T = Told>(method: "GET" | "POST", path: string, json?: object, from = "c-county") {
  const token = await world.signIn.client(from, "recognitions", doctor);
  return await call<T>(world.platform, { method, path, token, ...(json === undefined ? {} : { json }) });
}

const evidenceOf = (order: string) => check.results.find((one) => one.order === order)?.lines[0]?.evidence;
const answer = (...outcomes: object[]) => send("POST", `/recognitions/${check.id}/outcome`, { outcomes, explained: {} });
const statesOf = async () => {
  const { results } = await expectStatus(send<State>("GET", `/recognitions/${check.id}`), 200);
  return Object.fromEntries(results.map((one) => [one.order, one.state]));
};

describe("the outcome of a check, end to end over HTTP", () => {
  it("waits until the doctor answers", async () => {
    expect(await statesOf()).toEqual({ CREA: "waiting", UA: "waiting", K: "waiting" });
  });

  it("takes a batch, each answer by itself, and repeating it is harmless", async () => {
    const batch = [
      { order: "CREA", outcome: "adopted", evidence: evidenceOf("CREA") },
      { order: "UA", outcome: "declined", reason: "other-necessary", text: "手术前复查" },
      { order: "K", outcome: "declined", reason: "no-such-reason" },
    ];
    const first = await expectStatus(answer(...batch), 200);
    expect(first.answers.map((one) => one.state)).toEqual(["recorded", "recorded", "wrong"]);
    const second = await expectStatus(answer(...batch), 200);
    expect(second.answers.map((one) => one.state)).toEqual(["same", "same", "wrong"]);
    expect(await statesOf()).toEqual({ CREA: "adopted", UA: "declined", K: "waiting" });
  });

  it("keeps the first answer: another one is 409", async () => {
    const { answers } = await expectStatus(answer({ order: "CREA", outcome: "declined", reason: "emergency" }), 409);
    expect(answers).toEqual([expect.objectContaining({ order: "CREA", state: "conflict" })]);
  });

  it("is opened, quoted and taken back, and the order may then be answered anew", async () => {
    const use = { results: [{ order: "CREA", evidence: evidenceOf("CREA") }] };
    await expectStatus(send("POST", `/recognitions/${check.id}/views`, use), 200);
    await expectStatus(send("POST", `/recognitions/${check.id}/references`, use), 200);
    const revoke = { answers: [{ order: "CREA", text: "误点" }] };
    await expectStatus(send("POST", `/recognitions/${check.id}/revocations`, revoke), 200);
    expect((await statesOf()).CREA).toBe("revoked");
    await expectStatus(answer({ order: "CREA", outcome: "adopted", evidence: evidenceOf("CREA") }), 200);
    const { results } = await expectStatus(send<State>("GET", `/recognitions/${check.id}`), 200);
    const said = results.find((one) => one.order === "CREA")?.said.map((one) => one.what);
    expect(said).toEqual(["adopted", "viewed", "referenced", "revoked", "adopted"]);
  });

  it("is taken back by a named practitioner only", async () => {
    const json = { answers: [{ order: "CREA", text: "误点" }] };
    const path = `/recognitions/${check.id}/revocations`;
    await expectStatus(world.as("c-county", "recognitions", { method: "POST", path, json }), 403);
  });

  it("is kept in C's own partition with the evidence as it was shown, and C reads it for its record", async () => {
    const bundle = await expectStatus(send<Bundle>("GET", `/recognitions/outcomes?visit=${visit.number}`), 200);
    const issues = (bundle.entry ?? []).map((one) => one.resource as DetectedIssue);
    expect(issues.map((one) => `${one.code?.coding?.[0]?.code} ${one.status}`).sort()).toEqual([
      "adopted cancelled",
      "adopted final",
      "declined final",
      "revoked final",
    ]);
    expect(issues.find((one) => String(one.status) === "cancelled")?.contained?.[0]).toMatchObject({
      resourceType: "Observation",
      valueQuantity: { value: 86 },
    });
    expect(JSON.stringify(bundle)).not.toContain(person.number);
    expect(JSON.stringify(bundle)).not.toContain("urn:hutong:resident");
  });

  it("adopted twice in a row is no newer: the next check shows the source's result alone, and no charge was made", async () => {
    const next = await freshCheck();
    const lines = (one: Check) => one.results.map((result) => result.lines);
    expect(lines(next)).toEqual(lines(check));
    expect(next.results.flatMap((one) => one.own)).toEqual([]);
    for (const type of ["ChargeItem", "Claim", "Invoice"] as const)
      expect(await world.store.searchAll("c-county" as InstitutionCode, type, {})).toEqual([]);
  });

  it("is found by no lookup as a result", async () => {
    await expectStatus(grant(world, person, "c-town-2"), 201);
    const other = world.doctor("c-town-2");
    const { id } = await expectStatus(other.requestLookup(person.number, aVisit()), 202);
    await other.finishedLookup(id, 30_000);
    const bundle = (await expectStatus(other.results(id), 200)) as unknown as Bundle;
    const found = (bundle.entry ?? []).map((one) => one.resource?.resourceType);
    expect(found).not.toContain("DetectedIssue");
    expect(found.filter((one) => one === "Observation")).toHaveLength(3);
  });

  it("a fault is reported to its source, which reads it and finds a notice", async () => {
    const json = { results: [{ order: "K", evidence: evidenceOf("K"), fault: "wrong-value", text: "疑似溶血，请核对标本" }] };
    await expectStatus(send("POST", `/recognitions/${check.id}/faults`, json), 200);
    const bundle = await expectStatus(send<Bundle>("GET", "/recognitions/faults", undefined, "a-provincial"), 200);
    const words = (bundle.entry ?? []).map((one) => (one.resource as DetectedIssue).detail);
    expect(words).toContain("疑似溶血，请核对标本");
    const { notices } = await expectStatus(
      send<{ notices: { kind: string; about: string }[] }>("GET", "/notices", undefined, "a-provincial"),
      200,
    );
    const about = evidenceOf("K")?.split("/_history/")[0];
    expect(notices).toContainEqual(expect.objectContaining({ kind: "fault-reported", about }));
  });

  it("does not exist for another institution", async () => {
    await expectStatus(send("GET", `/recognitions/${check.id}`, undefined, "b-central"), 404);
    const outcomes = [{ order: "K", outcome: "adopted", evidence: evidenceOf("K") }];
    await expectStatus(send("POST", `/recognitions/${check.id}/outcome`, { outcomes }, "b-central"), 404);
  });

  it("shows the resident who recognised which source's results", async () => {
    const { entries } = await expectStatus(world.asResident<Log>(person.number, { method: "GET", path: "/access-log" }), 200);
    const adopted = entries.filter((one) => one.kind === "recognition-answered" && one.answer === "adopted");
    expect(adopted).toEqual([
      expect.objectContaining({ institution: "c-county", shown: [{ institution: "a-provincial", count: 1 }] }),
      expect.objectContaining({ institution: "c-county", shown: [{ institution: "a-provincial", count: 1 }] }),
    ]);
  });
});

describe("between the check and the answer", () => {
  const order = { id: "TC", code: { system: "http://loinc.org", code: itemByKey("TC").loinc } };
  const issue = (value: string, reviewedAt: Date) =>
    world.deliver(labExportOfA(person, [{ item: "TC", value }], ago(3), { reportNumber: "8800001", reviewedAt }));
  const adopt = (one: Check) => {
    const outcomes = [{ order: "TC", outcome: "adopted", evidence: one.results[0]?.lines[0]?.evidence }];
    return send("POST", `/recognitions/${one.id}/outcome`, { outcomes });
  };

  it("an amended result is changed and cannot be adopted as it was shown; checked again, it can", async () => {
    await issue("4.10", later(ago(3), dayMs / 12));
    const shown = await freshCheck([order]);
    await issue("5.90", ago(1));
    expect((await expectStatus(adopt(shown), 409)).answers).toEqual([expect.objectContaining({ state: "changed" })]);
    const again = await freshCheck([order]);
    expect((await expectStatus(adopt(again), 200)).answers).toEqual([expect.objectContaining({ state: "recorded" })]);
  });

  it("a withdrawn consent ends the right to keep a copy", async () => {
    const other = freshResident();
    await world.deliver(labExportOfA(other, [{ item: "TC", value: "4.40" }], ago(3)));
    const { id } = await expectStatus(grant(world, other, "c-county"), 201);
    const shown = await freshCheck([order], other);
    await expectStatus(world.asResident(other.number, { method: "POST", path: `/consents/${id}/withdraw` }), 200);
    expect((await expectStatus(adopt(shown), 409)).answers).toEqual([expect.objectContaining({ state: "not-permitted" })]);
  });
});
