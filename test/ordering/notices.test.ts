import { beforeEach, describe, expect, it } from "@jest/globals";
import type { AuditEvent, DiagnosticReport } from "@medplum/fhirtypes";
import { auditEvent } from "../../src/audit/audit-event.ts";
import { withIssue } from "../../src/fhir/issue.ts";
import { type ResourceAddress, residentReference, resourceReference } from "../../src/fhir/reference.ts";
import { correctionTask } from "../../src/identity/correction-task.ts";
import type { ResourceId } from "../../src/kernel/brand.ts";
import { createLateCalls } from "../../src/ordering/callbacks/tell-late.ts";
import { listNotices } from "../../src/ordering/notices/list-notices.ts";
import { openNotice } from "../../src/ordering/notices/open-notice.ts";
import { createMarkDesk } from "../../src/ordering/notices/tell-quality-centres.ts";
import { createSourceDesk } from "../../src/ordering/notices/tell-source.ts";
import { resultChangedTask, type SheetChange } from "../../src/work/result-change.ts";
import { createChaseWorld, hourMs } from "./chase-world.ts";
import { code, resident, stranger } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createChaseWorld>>;
beforeEach(async () => {
  world = await createChaseWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.grant({ recipients: [code("c-county"), code("b-central")] });
});

const about = { tenant: code("a-provincial"), type: "Observation", id: "h-1" as ResourceId } as const;

/** A reading of a lookup's answer by C, in which a report of A stood. */
function reading(id: string, version: string, whose = resident): AuditEvent {
  return auditEvent({
    id,
    kind: "disclosure",
    at: world.deps.now(),
    outcome: "success",
    agent: { client: "c-county", institution: "c-county", practitioner: { id: "1008" } },
    resident: whose,
    entities: [
      { what: { reference: `Task/h${"a".repeat(40)}` } },
      { what: resourceReference({ ...about, type: "DiagnosticReport", id: "h-report" as ResourceId }), detail: { version } },
    ],
  });
}

/** The entities of a reading in which this stood, in its first version. */
function shownAs(address: ResourceAddress): NonNullable<AuditEvent["entity"]> {
  return [
    { what: residentReference(resident) },
    { what: resourceReference(address), detail: [{ type: "version", valueString: "1" }] },
  ];
}

describe("a report that was read by a lookup", () => {
  it("is told of when one of its results is amended, by the reading that showed it", async () => {
    await world.deliver({ order: "1", value: "86" });
    await world.put("DEFAULT", reading("h-reading", "1"));
    await world.deliver({ order: "2", value: "186" });
    await world.work();
    const [notice] = await world.notices();
    expect(notice?.places).toMatchObject([
      { evidence: "a-provincial/DiagnosticReport/h-report/_history/1", practitioner: "1008", lookup: `h${"a".repeat(40)}` },
    ]);
    expect(notice?.places[0]).not.toHaveProperty("check");
  });
  it("is not told of by a reading that showed it as it is now", async () => {
    await world.deliver({ order: "1", value: "86" });
    await world.deliver({ order: "2", value: "186" });
    await world.put("DEFAULT", reading("h-reading", "2"));
    await world.work();
    expect(await world.notices()).toEqual([]);
  });
});

describe("an examination whose images were shown", () => {
  it("is told of when its report is amended, although the images are the same", async () => {
    const { suite, now } = world.deps;
    const study = { ...about, type: "ImagingStudy", id: "h-study" as ResourceId } as const;
    const report = (version: string, issue: object): DiagnosticReport => ({
      ...{ resourceType: "DiagnosticReport", id: "h-ct", status: "final", code: { text: version } },
      ...withIssue({} as DiagnosticReport, { digest: version, state: "present", ...issue } as never),
    });
    await world.put("a-provincial", report("first", { order: "1" }));
    await world.put("DEFAULT", { ...reading("h-reading", "1"), entity: shownAs(study) });
    await world.put("a-provincial", report("second", { order: "2" }));
    const issue = { order: "2", digest: "second", state: "present" } as const;
    const change: SheetChange = {
      kind: "sheet",
      tenant: code("a-provincial"),
      head: "DiagnosticReport/h-ct",
      results: [{ ref: "DiagnosticReport/h-ct", version: "1", how: "amended", issue }],
      beside: [{ ref: "ImagingStudy/h-study" }],
    };
    await world.put("DEFAULT", resultChangedTask([change], { suite, at: now(), status: "requested", by: "hingest" }));
    await world.work();
    expect(await world.notices()).toMatchObject([
      { kind: "amended", places: [{ evidence: "a-provincial/ImagingStudy/h-study/_history/1", how: "amended" }] },
    ]);
  });
});

describe("a record that was taken from a resident it did not belong to", () => {
  it("is told to whoever was shown it as that resident's", async () => {
    await world.deliver({ order: "1", value: "86" });
    const report: DiagnosticReport = {
      resourceType: "DiagnosticReport",
      id: "h-others",
      status: "final",
      code: { text: "生化" },
      subject: { reference: "Patient/h-other" },
    };
    await world.put("a-provincial", report);
    await world.put("DEFAULT", reading("h-reading", "1"), reading("h-of-another", "1", stranger));
    const { suite, now } = world.deps;
    const local = { tenant: code("a-provincial"), patientId: world.patientOf("a-provincial") };
    const correction = {
      ...correctionTask({ local, from: resident }, "7", { suite, at: now() }),
      status: "completed" as const,
    };
    const change = { kind: "link", correction: correction.id ?? "" } as const;
    await world.put(
      "DEFAULT",
      correction,
      resultChangedTask([change], { suite, at: now(), status: "requested", by: correction.id ?? "" }),
    );
    await world.work();
    expect(await world.notices()).toMatchObject([{ kind: "link-corrected", places: [{ how: "link-corrected" }] }]);
    world.pass(2 * hourMs);
    await world.work();
    expect(await world.notices()).toHaveLength(1);
  });
});

describe("a mark that no certificate stands behind", () => {
  const mark = (item: string, id = "h-1") => ({
    ...{ laboratory: code("a-provincial"), item, state: "missing" as const, version: "1", check: "h-check" },
    about: { ...about, id: id as ResourceId },
  });
  it("is told to the quality centre once a month for each laboratory, item and state, without any check or resident", async () => {
    const flag = createMarkDesk(world.chase);
    await flag([mark("creatinine"), mark("creatinine", "h-2"), mark("potassium")]);
    await createMarkDesk(world.chase)([mark("creatinine", "h-3")]);
    const notices = await world.notices("quality-centre");
    expect(notices.map(({ kind, detail }) => [kind, detail.item]).sort()).toEqual([
      ["mark-unsupported", "creatinine"],
      ["mark-unsupported", "potassium"],
    ]);
    expect(JSON.stringify(world.tasks("recognition-notice"))).not.toMatch(/h-check|1111111111/);
  });
});

describe("a reported fault", () => {
  it("is put before the source, and the same report only once", async () => {
    const tell = createSourceDesk(world.chase);
    const issue = { tenant: code("a-provincial"), type: "DetectedIssue", id: "h-issue" as ResourceId } as const;
    const report = { source: code("a-provincial"), about, version: "1", check: "h-check", case: "h-case", issue };
    await tell(report);
    await tell(report);
    expect(await world.notices("a-provincial")).toMatchObject([{ kind: "fault-reported", about, detail: { issue } }]);
  });
});

describe("an answer that came after its check", () => {
  it("is called out once where the institution has an address, and not after the copy is gone", async () => {
    const late = createLateCalls(world.chase);
    await late({ check: "h-check", institution: code("c-county") });
    await late({ check: "h-check", institution: code("c-county") });
    await late({ check: "h-check", institution: code("b-central") });
    await world.work();
    expect(world.calls.map((one) => JSON.parse(one.body).data.path)).toEqual(["/recognitions/h-check/events"]);
    await late({ check: "h-later", institution: code("c-county") });
    world.pass(hourMs);
    await world.work();
    expect(world.calls).toHaveLength(1);
  });
});

describe("many places", () => {
  it("stand in as many notices as they need, each place once, whoever tells them and however often", async () => {
    const place = (n: number) => ({
      ...{
        event: `h-${n}`,
        evidence: "a-provincial/Observation/h-1/_history/1",
        change: "c",
        how: "amended" as const,
        resident,
      },
    });
    const open = (from: number, to: number) =>
      openNotice(world.chase, {
        ...{ institution: code("c-county"), kind: "amended", about },
        places: Array.from({ length: to - from }, (_, n) => place(from + n)),
      });
    await Promise.all([open(0, 150), open(50, 250)]);
    await open(0, 250);
    const told = world
      .tasks("recognition-notice")
      .flatMap((task) => (task.input ?? []).flatMap((one) => one.valueString ?? []));
    const events = told.flatMap((text) => /"event":"(h-\d+)"/.exec(text)?.[1] ?? []);
    expect(events).toHaveLength(250);
    expect(new Set(events).size).toBe(250);
  });
  it("are nothing to the operator, who sees that notices wait and for whom", async () => {
    await openNotice(world.chase, { institution: code("c-county"), kind: "amended", about, places: [] });
    const { notices } = await listNotices(world.store, { state: "open" });
    expect(notices).toMatchObject([{ institution: "c-county", places: [] }]);
  });
});
