import { describe, expect, it } from "@jest/globals";
import type { DiagnosticReport, ImagingStudy, Observation, Resource } from "@medplum/fhirtypes";
import { withIssue } from "../../src/fhir/issue.ts";
import { changesIn } from "../../src/ingest/changed-results.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { createRegion, reportSheet, tenant } from "./sheets.ts";

const issue = (order: string) => ({ order, digest: order, state: "present" as const });
const creatinine = (more: Partial<Observation> = {}): Observation => ({
  resourceType: "Observation",
  id: "o",
  status: "final",
  code: { text: "肌酐" },
  subject: { reference: "Patient/p" },
  effectiveDateTime: "2026-11-19T10:00:00+08:00",
  issued: "2026-11-19T15:00:00+08:00",
  valueQuantity: { value: exactNumber("86.0"), unit: "umol/L" },
  ...more,
});
const report = (more: Partial<DiagnosticReport> = {}): DiagnosticReport => ({
  resourceType: "DiagnosticReport",
  id: "r",
  status: "final",
  code: { text: "生化" },
  subject: { reference: "Patient/p" },
  result: [{ reference: "Observation/o" }],
  ...more,
});
const changed = (before: Resource, after: Resource, head = "DiagnosticReport/r") => {
  const stored = withIssue(before, issue("1"));
  const update = { kind: "update", resource: withIssue(after, issue("2")), ifMatch: "4" } as const;
  const [change] = changesIn(
    [{ tenant, head, creates: [], updates: [update] }],
    new Map([[`${before.resourceType}/${before.id}`, stored]]),
  );
  return change?.kind === "sheet" ? change : undefined;
};
const how = (before: Resource, after: Resource) => changed(before, after)?.results[0]?.how;

describe("a later issue of a stored result", () => {
  it.each<[string, Resource, Resource, string | undefined]>([
    ["is the same", creatinine(), creatinine(), undefined],
    ["was only printed again", creatinine(), creatinine({ issued: "2026-11-20T15:00:00+08:00" }), undefined],
    ["has another value", creatinine(), creatinine({ valueQuantity: { value: 87, unit: "umol/L" } }), "amended"],
    [
      "was measured to another digit",
      creatinine(),
      creatinine({ valueQuantity: { value: exactNumber("86"), unit: "umol/L" } }),
      "amended",
    ],
    ["has another unit", creatinine(), creatinine({ valueQuantity: { value: exactNumber("86.0"), unit: "mg/dL" } }), "amended"],
    ["has another collection time", creatinine(), creatinine({ effectiveDateTime: "2026-11-18T10:00:00+08:00" }), "amended"],
    ["is another patient's", creatinine(), creatinine({ subject: { reference: "Patient/q" } }), "amended"],
    ["is corrected by its status alone", creatinine(), creatinine({ status: "corrected" }), "amended"],
    ["became final as it was", creatinine({ status: "preliminary" }), creatinine(), undefined],
    ["became final with another value", creatinine({ status: "preliminary" }), creatinine({ valueString: "87" }), "amended"],
    ["is voided", creatinine(), creatinine({ status: "entered-in-error" }), "voided"],
    ["is cancelled", creatinine(), creatinine({ status: "cancelled" }), "voided"],
    [
      "stays void",
      creatinine({ status: "entered-in-error" }),
      creatinine({ status: "entered-in-error", valueString: "1" }),
      undefined,
    ],
    ["stands again after it was void", creatinine({ status: "entered-in-error" }), creatinine(), "amended"],
    [
      "is a report with one row more",
      report(),
      report({ result: [{ reference: "Observation/o" }, { reference: "Observation/o2" }] }),
      undefined,
    ],
    ["is a report with another conclusion", report(), report({ conclusion: "未见异常" }), "amended"],
  ])("that %s", (_, before, after, told) => expect(how(before, after)).toBe(told));

  it("keeps its person when a better key of the same patient stands in its place", () => {
    const named = [{ url: "https://hutong.example/fhir/StructureDefinition/named-subject", valueString: "p" }];
    const moved = creatinine({ subject: { reference: "Patient/better" }, extension: named });
    expect(how(moved, creatinine())).toBeUndefined();
    expect(how(creatinine(), moved)).toBeUndefined();
  });
  it("is looked for by its report, and a report by its study, since these may be what was shown", () => {
    expect(changed(creatinine(), creatinine({ valueString: "1" }))?.beside).toEqual([{ ref: "DiagnosticReport/r" }]);
    const study: ImagingStudy["id"] = "s";
    const imaging = report({ imagingStudy: [{ reference: `ImagingStudy/${study}` }] });
    expect(changed(imaging, { ...imaging, conclusion: "结节" } as DiagnosticReport)?.beside).toEqual([
      { ref: "ImagingStudy/s" },
    ]);
  });
  it("of something that is no result is nobody's news", () => {
    const visit: Resource = { resourceType: "Encounter", id: "e", status: "finished", class: { code: "AMB" } };
    expect(changed(visit, { ...visit, status: "cancelled" } as Resource)).toBeUndefined();
  });
});

describe("an export", () => {
  const rows = [{ row: "o1" }, { row: "o2" }];
  it("of results nobody has seen costs no request more than it did: one transaction and no reading", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r", rows })]);
    expect(region.store.requests.filter((line) => line.includes("DEFAULT"))).toEqual([]);
    expect(region.store.requests.filter((line) => line.startsWith("search"))).toEqual([]);
  });
  it("that comes again opens nothing", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r", rows })]);
    await region.deliver([reportSheet({ report: "r", rows })], { replay: true });
    expect(region.store.all("DEFAULT")).toEqual([]);
  });
  it("that changes many results opens one Task before it writes them, and sets it free afterwards", async () => {
    const region = createRegion();
    await region.deliver([reportSheet({ report: "r", rows })]);
    const before = region.store.requests.length;
    await region.deliver([reportSheet({ report: "r", rows, order: "2" })]);
    const lines = region.store.requests.slice(before);
    const task = lines.findIndex((line) => line.startsWith("createMissing DEFAULT 1"));
    const write = lines.findLastIndex((line) => line.startsWith(`commit ${tenant}`));
    expect(task).toBeGreaterThan(-1);
    expect(write).toBeGreaterThan(task);
    expect(region.store.all("DEFAULT")).toMatchObject([{ resourceType: "Task", status: "requested" }]);
  });
});
