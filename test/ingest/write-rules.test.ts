import { describe, expect, it } from "@jest/globals";
import type { Condition, DiagnosticReport, Encounter, Patient, Practitioner, Resource } from "@medplum/fhirtypes";
import { extensionOf, issueOf } from "../../src/fhir/issue.ts";
import { extensions } from "../../src/fhir/systems.ts";
import { Fault } from "../../src/kernel/fault.ts";
import type { MappedSheet } from "../../src/mapping/mapped.ts";
import { createRegion, patientSheet, type ReportTold, reportSheet, short, tenant } from "./sheets.ts";

const first: ReportTold = { report: "r", order: "1", rows: [{ row: "a" }, { row: "b" }] };

describe("what is current after two deliveries", () => {
  it.each`
    said                                                    | second                                                                   | a                    | b                    | report
    ${"a later issue replaces the rows it names"}           | ${{ report: "r", order: "2", rows: [{ row: "a" }, { row: "b" }] }}       | ${"2 present d.d"}   | ${"2 present d.d"}   | ${"2 present d"}
    ${"a row that the later issue leaves out has vanished"} | ${{ report: "r", order: "2", rows: [{ row: "a" }] }}                     | ${"2 present d.d"}   | ${"1 vanished d.d"}  | ${"2 present d"}
    ${"an earlier issue that comes last changes nothing"}   | ${{ report: "r", order: "0", rows: [{ row: "a", digest: "x" }] }}        | ${"1 present d.d"}   | ${"1 present d.d"}   | ${"1 present d"}
    ${"an absent order sorts first"}                        | ${{ report: "r", order: "", rows: [{ row: "a", digest: "x" }] }}         | ${"1 present d.d"}   | ${"1 present d.d"}   | ${"1 present d"}
    ${"a retracted row outranks the present one"}           | ${{ report: "r", order: "1", rows: [{ row: "a", state: "retracted" }] }} | ${"1 retracted d.d"} | ${"1 present d.d"}   | ${"1 present d"}
    ${"a withdrawn report withdraws its rows"}              | ${{ report: "r", order: "1", state: "retracted" }}                       | ${"1 retracted d.d"} | ${"1 retracted d.d"} | ${"1 retracted d"}
    ${"of two equal issues the greater digest stays"}       | ${{ report: "r", order: "1", rows: [{ row: "a", digest: "e" }] }}        | ${"1 present e.d"}   | ${"1 present d.d"}   | ${"1 present d"}
    ${"of two equal issues the smaller digest is not sent"} | ${{ report: "r", order: "1", rows: [{ row: "a", digest: "c" }] }}        | ${"1 present d.d"}   | ${"1 present d.d"}   | ${"1 present d"}
  `("$said", async ({ second, a, b, report }) => {
    const region = createRegion();
    await region.deliver([reportSheet(first)]);
    await region.deliver([reportSheet(second as ReportTold)]);
    const issues = Object.fromEntries(region.clinical().map((one) => [one.id, short(issueOf(one))]));
    expect(issues).toMatchObject({ a, b, r: report });
  });

  it("a later issue revives a withdrawn report", async () => {
    const region = createRegion();
    await region.deliver([reportSheet(first), reportSheet({ report: "r", order: "1", state: "retracted" })]);
    await region.deliver([reportSheet({ ...first, order: "2" })]);
    expect(region.clinical()).toMatchObject([
      { resourceType: "DiagnosticReport", status: "final" },
      { id: "a", status: "final" },
      { id: "b", status: "final" },
      { resourceType: "Patient" },
    ]);
  });

  it("rows of one issue add up over deliveries, and the report names them all", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r", rows: [{ row: "b" }] })]);
    await region.deliver([reportSheet({ report: "r", rows: [{ row: "a" }] })]);
    const report = region.clinical().find((one): one is DiagnosticReport => one.resourceType === "DiagnosticReport");
    expect(report?.result).toEqual([{ reference: "Observation/a" }, { reference: "Observation/b" }]);
  });

  it("a row vanished in an issue that came first, when the earlier issue comes last", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r", order: "2", rows: [{ row: "a" }] })]);
    await region.deliver([reportSheet(first)]);
    expect(region.clinical().find((one) => one.id === "b")).toMatchObject({ status: "entered-in-error" });
    expect(region.clinical().find((one) => one.id === "a")).toMatchObject({ status: "final" });
  });

  it("is judged when the export ends: a row in the second half of an export has not vanished", async () => {
    const region = createRegion();
    await region.deliver([reportSheet(first)]);
    await region.deliver(
      [
        reportSheet({ report: "r", order: "2", rows: [{ row: "a" }] }),
        reportSheet({ report: "other" }),
        reportSheet({ report: "r", order: "2", rows: [{ row: "b" }] }),
      ],
      { entries: 3 },
    );
    expect(region.versions()).toMatchObject({ "Observation/a": 2, "Observation/b": 2, "DiagnosticReport/r": 2 });
  });
});

describe("parents", () => {
  it("are made as stubs when they are missing: a key and a mark, nothing else", async () => {
    const region = createRegion();
    const { counts } = await region.deliver([reportSheet({ report: "r", patient: "unknown" })]);
    expect(counts).toMatchObject({ created: 1, stubs: 1 });
    const stub = region.clinical().find((one): one is Patient => one.resourceType === "Patient");
    expect(Object.keys(stub ?? {}).sort()).toEqual(["active", "extension", "id", "resourceType"]);
    expect(extensionOf(stub, extensions.stub)?.valueBoolean).toBe(true);
  });

  it("are written for real over a stub, and a stub never over them", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r" })]);
    await region.deliver([patientSheet({ patient: "p", order: "" })]);
    await region.deliver([reportSheet({ report: "s" })]);
    expect(region.clinical().find((one) => one.resourceType === "Patient")).toMatchObject({
      name: [{ text: "测试" }],
      gender: "female",
    });
    expect(region.versions()).toMatchObject({ "Patient/p": 2 });
  });

  it("of the same export are asked for once at most", async () => {
    const region = createRegion();
    const reports = Array.from({ length: 400 }, (_, index) => reportSheet({ report: `r${index}`, patient: `p${index % 40}` }));
    const patients = Array.from({ length: 40 }, (_, index) => patientSheet({ patient: `p${index}` }));
    await region.deliver([...patients, ...reports]);
    expect(region.store.requests.filter((line) => !line.startsWith("commit"))).toEqual([]);
    expect(region.store.requests).toHaveLength(5);
  });
});

describe("people", () => {
  it("are sealed before the Patient is written and linked after, also when nothing had to be written", async () => {
    const region = createRegion();
    await region.deliver([patientSheet({ patient: "p" })]);
    await region.deliver([patientSheet({ patient: "p" })], { replay: true });
    expect(region.clinical()).toMatchObject([{ telecom: [{ value: "sealed" }] }]);
    expect(region.linked.map((person) => person.patientId)).toEqual(["p", "p"]);
    expect(region.versions()).toEqual({ "Patient/p": 1 });
  });

  it("are not linked by facts that are older than those stored", async () => {
    const region = createRegion();
    await region.deliver([patientSheet({ patient: "p", order: "2", name: "新名" })]);
    await region.deliver([patientSheet({ patient: "p", order: "1", name: "旧名" })]);
    expect(region.linked.map((person) => person.facts.name)).toEqual(["新名"]);
  });
});

describe("transactions", () => {
  it("hold at most 100 entries and tell once each where they come from", async () => {
    const region = createRegion();
    const rows = Array.from({ length: 9 }, (_, index) => index);
    const sheets = Array.from({ length: 100 }, (_, n) =>
      reportSheet({ report: `r${n}`, rows: rows.map((row) => ({ row: `${n}-${row}` })) }, n + 2),
    );
    await region.deliver(sheets);
    const sizes = region.store.requests.filter((line) => line.startsWith("commit")).map((line) => Number(line.split(" ")[2]));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(sizes.length).toBe(12);
    const provenances = region.store.all(tenant).filter((one) => one.resourceType === "Provenance");
    expect(provenances).toHaveLength(12);
    expect(provenances.flatMap((one) => one.target)).toHaveLength(1000);
    expect(provenances[0]).toMatchObject({
      recorded: "2026-01-01T00:00:00.000Z",
      entity: [{ what: { display: "test/result.csv" } }, { what: { display: "test/report.csv" } }],
    });
  });

  it("send a report with more rows than fit after its rows", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r", rows: Array.from({ length: 250 }, (_, row) => ({ row: `${row}` })) })]);
    expect(region.clinical()).toHaveLength(252);
    expect(region.store.requests.filter((line) => line.startsWith("commit"))).toHaveLength(4);
  });

  it("carry no time, file, line or Task in what is clinical", async () => {
    const region = createRegion();
    await region.deliver([reportSheet(first, 77)]);
    expect(JSON.stringify(region.clinical())).not.toMatch(/result\.csv|77|Task|2026-01-01T00:00:00\.000Z/);
  });

  it("read first in a replay: one search for each type, and nothing is written", async () => {
    const region = createRegion();
    const sheets = [patientSheet({ patient: "p" }), reportSheet(first)];
    await region.deliver(sheets);
    region.store.requests.length = 0;
    const { counts } = await region.deliver(sheets, { replay: true });
    expect(region.store.requests).toEqual([
      `readMany ${tenant} Patient 1`,
      `readMany ${tenant} DiagnosticReport 1`,
      `readMany ${tenant} Observation 2`,
    ]);
    expect(counts).toEqual({ unchanged: 4, linked: 1 });
  });
});

describe("a newer version of the mapping", () => {
  const resultIn = (region: ReturnType<typeof createRegion>) => region.clinical().find((one) => one.id === "a");

  it("is written over an older one of the same issue, and an older one is not written over it", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ ...first, generation: 2 })]);
    expect(resultIn(region)).toMatchObject({ valueString: "1 d d 2" });
    await region.deliver([reportSheet(first)]);
    expect(resultIn(region)).toMatchObject({ valueString: "1 d d 2" });
    const before = region.versions();
    await region.deliver([reportSheet({ ...first, generation: 2 })], { replay: true });
    expect(region.versions()).toEqual(before);
    await region.deliver([reportSheet({ ...first, generation: 3 })]);
    expect(resultIn(region)).toMatchObject({ valueString: "1 d d 3" });
  });

  it("decides nothing between two issues: a later one of an older mapping is current", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ ...first, generation: 2 })]);
    await region.deliver([reportSheet({ ...first, order: "2" })]);
    expect(resultIn(region)).toMatchObject({ valueString: "2 d d 1" });
  });

  it("leaves the mark of the first version out: what was stored before versions counted is the first", async () => {
    const region = createRegion();
    await region.deliver([reportSheet(first)]);
    expect(JSON.stringify(region.clinical())).not.toContain("generation");
  });
});

describe("a sheet whose head has no list for its rows", () => {
  const visit = (order: string, diagnoses: readonly string[], state: "present" | "retracted" = "present"): MappedSheet => {
    const subject = { reference: "Patient/p" };
    const place = { state, file: "visit.csv", line: 1 } as const;
    const head: Encounter = { resourceType: "Encounter", id: "v", status: "finished", class: { code: "AMB" }, subject };
    const rows = diagnoses.map(
      (id): Condition => ({ resourceType: "Condition", id, subject, encounter: { reference: "Encounter/v" } }),
    );
    const doctor: Practitioner = { resourceType: "Practitioner", id: "doctor", active: true };
    const member = (resource: Resource) => ({ resource, kind: "x", digest: order, ...place });
    return {
      ...reportSheet({ report: "v", order }),
      head: "Encounter/v",
      members: [member(head), ...rows.map(member), ...(diagnoses.length > 0 ? [member(doctor)] : [])],
    };
  };
  const states = (region: ReturnType<typeof createRegion>) =>
    Object.fromEntries(region.clinical().map((one) => [one.id, issueOf(one)?.state ?? "stub"]));

  it.each`
    said                                        | deliveries                                               | expected
    ${"rows of an earlier issue have vanished"} | ${[visit("1", ["a", "b"]), visit("2", ["a"])]}           | ${{ a: "present", b: "vanished", doctor: "present" }}
    ${"also when that issue comes last"}        | ${[visit("2", ["a"]), visit("1", ["a", "b"])]}           | ${{ a: "present", b: "vanished", doctor: "present" }}
    ${"a withdrawn head withdraws its rows"}    | ${[visit("1", ["a", "b"]), visit("1", [], "retracted")]} | ${{ a: "retracted", b: "retracted", doctor: "present" }}
    ${"who stands for themselves stays"}        | ${[visit("1", ["a"]), visit("2", [])]}                   | ${{ a: "vanished", doctor: "present" }}
  `("$said", async ({ deliveries, expected }) => {
    const region = createRegion();
    for (const sheet of deliveries as MappedSheet[]) await region.deliver([sheet]);
    expect(states(region)).toMatchObject(expected as object);
    const [a] = region.clinical().filter((one) => one.id === "b");
    if (a !== undefined) expect(a).toMatchObject({ verificationStatus: { coding: [{ code: "entered-in-error" }] } });
  });
});

describe("what the store refuses", () => {
  const refusing = (region: ReturnType<typeof createRegion>, id: string) =>
    region.store.beforeCommit((_, writes) => {
      if (writes.some((write) => write.resource.id === id)) throw new Fault("store-refused", { detail: "refused: HAPI-1" });
    });

  it("becomes one issue with its file and line; every other resource is stored, and the report does not name it", async () => {
    const region = createRegion();
    refusing(region, "bad");
    const sheets = Array.from({ length: 20 }, (_, n) =>
      reportSheet({ report: `r${n}`, rows: [{ row: `${n}-1` }, { row: n === 7 ? "bad" : `${n}-2` }] }, n + 2),
    );
    const { counts, issues } = await region.deliver(sheets);
    expect(counts).toMatchObject({ created: 59, refused: 1 });
    expect(issues).toEqual([
      {
        severity: "error",
        code: "store-refused",
        file: "result.csv",
        line: 9,
        element: "Observation",
        reason: "refused: HAPI-1",
      },
    ]);
    expect(region.clinical().find((one) => one.id === "r7")).toMatchObject({ result: [{ reference: "Observation/7-1" }] });
    expect(region.clinical()).toHaveLength(60);
  });

  it("leaves a stub where a refused patient is referred to", async () => {
    const region = createRegion();
    refusing(region, "p");
    const { issues } = await region.deliver([patientSheet({ patient: "p" }), reportSheet(first)]);
    expect(issues).toMatchObject([{ file: "patient.csv", code: "store-refused" }]);
    expect(region.clinical().find((one) => one.resourceType === "Patient")?.id).toBe("p");
    expect(region.linked).toEqual([]);
  });

  it("makes no new version of the rest when the same export comes again", async () => {
    const region = createRegion();
    refusing(region, "a");
    await region.deliver([reportSheet(first)]);
    const before = region.versions();
    await region.deliver([reportSheet(first)], { replay: true });
    expect(region.versions()).toEqual(before);
  });
});

describe("a store that is down", () => {
  it("ends the run; the same export again completes it", async () => {
    const region = createRegion();
    let commits = 0;
    region.store.beforeCommit(() => {
      if (++commits === 5) throw new Fault("store-down");
    });
    const sheets = Array.from({ length: 60 }, (_, n) =>
      reportSheet({ report: `r${n}`, rows: [{ row: `${n}-1` }, { row: `${n}-2` }] }),
    );
    await expect(region.deliver(sheets, { entries: 10 })).rejects.toMatchObject({ code: "store-down" });
    await region.deliver(sheets, { entries: 10, replay: true });
    expect(region.clinical()).toHaveLength(181);
    expect(new Set(Object.values(region.versions()))).toEqual(new Set([1]));
  });
});
