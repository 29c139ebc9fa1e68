import type { DiagnosticReport, Observation, Patient, Resource } from "@medplum/fhirtypes";
import type { Issue } from "../../src/fhir/issue.ts";
import { createChangeDesk } from "../../src/ingest/change-desk.ts";
import { createLedger } from "../../src/ingest/ledger.ts";
import { createMoveDesk } from "../../src/ingest/move-task.ts";
import { toSheet } from "../../src/ingest/to-sheet.ts";
import type { IdentityPort, Person } from "../../src/ingest/write-deps.ts";
import { createSheetWriter } from "../../src/ingest/write-sheets.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { MappedSheet } from "../../src/mapping/mapped.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";

export const tenant = "a-provincial" as InstitutionCode;
export const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });

/** One row of a report as a test tells it. */
interface RowTold {
  readonly row: string;
  readonly digest?: string;
  readonly state?: "present" | "retracted";
}

/** One delivery of (part of) a report as a test tells it. */
export interface ReportTold {
  readonly report: string;
  readonly order?: string;
  readonly digest?: string;
  readonly state?: "present" | "retracted";
  readonly rows?: readonly RowTold[];
  readonly patient?: string;
  readonly generation?: number;
}

/** A lab report as the mapping gives it: what a row becomes depends on the row, its sheet's row and the order, on nothing else. */
export function reportSheet(told: ReportTold, line = 1): MappedSheet {
  const { report, order = "1", digest = "d", state = "present", rows = [], patient = "p", generation = 1 } = told;
  const code = { text: report };
  const subject = { reference: `Patient/${patient}` };
  const status = (one: string) => (one === "retracted" ? "entered-in-error" : "final");
  const head: DiagnosticReport = {
    resourceType: "DiagnosticReport",
    id: report,
    status: status(state),
    code: { text: `${order} ${digest} ${generation}` },
    subject,
    result: rows.map(({ row }) => ({ reference: `Observation/${row}` })),
  };
  const observations = rows.map(({ row, digest: mine = "d", state: own = "present" }) => {
    const resource: Observation = {
      resourceType: "Observation",
      id: row,
      status: status(own),
      code,
      subject,
      issued: `2026-01-0${order}T00:00:00Z`,
      valueString: `${order} ${mine} ${digest} ${generation}`,
    };
    return { resource, kind: "lab-result", digest: mine, state: own, file: "result.csv", line };
  });
  return {
    tenant,
    head: `DiagnosticReport/${report}`,
    order,
    mapping: `test/report@${generation}`,
    generation,
    members: [{ resource: head, kind: "lab-report", digest, state, file: "report.csv", line }, ...observations],
    parents: [{ type: "Patient", id: patient as ResourceId, kind: "patient", key: [patient] }],
    aliases: [],
  };
}

/** A patient as the mapping gives it. */
export function patientSheet(told: { patient: string; order?: string; digest?: string; name?: string }): MappedSheet {
  const { patient, order = "1", digest = "d", name = "测试" } = told;
  const resource: Patient = { resourceType: "Patient", id: patient, name: [{ text: name }], gender: "female" };
  return {
    tenant,
    head: `Patient/${patient}`,
    order,
    mapping: "test/patient@1",
    generation: 1,
    members: [{ resource, kind: "patient", digest, state: "present", file: "patient.csv", line: 1 }],
    parents: [],
    aliases: [],
    person: { patientId: patient as ResourceId, name },
  };
}

/** A region of one institution into which tests deliver. */
export interface Region {
  readonly store: MemoryStore;
  /** Everybody identity was asked to link, in order. */
  readonly linked: Person[];
  deliver(
    sheets: readonly MappedSheet[],
    how?: { replay?: boolean; entries?: number; name?: string },
  ): Promise<ReturnType<ReturnType<typeof createLedger>["progress"]>>;
  /** What is stored, without Provenance and versions. */
  clinical(): Resource[];
  versions(): Record<string, number>;
}

const scheduler = { schedule: async () => undefined };

/** An empty region on the in-memory store. */
export function createRegion(): Region {
  const store = createMemoryStore();
  const linked: Person[] = [];
  const identity: IdentityPort = {
    seal: (patient) => ({ ...patient, telecom: [{ value: "sealed" }] }),
    link: async (people) => {
      linked.push(...people);
      return people.map(() => ({ kind: "linked" }));
    },
  };
  const clinical = () =>
    store
      .all(tenant)
      .filter((one) => one.resourceType !== "Provenance")
      .sort((a, b) => (`${a.resourceType}/${a.id}` < `${b.resourceType}/${b.id}` ? -1 : 1));
  return {
    store,
    linked,
    async deliver(sheets, { replay = false, entries = 100, name = "export" } = {}) {
      const ledger = createLedger();
      const origin = {
        feed: "test",
        supplier: "a-his",
        acceptedAt: "2026-01-01T00:00:00.000Z",
        files: new Map(),
        exportId: name,
      };
      const writer = createSheetWriter(
        {
          ...{ store, identity, computeId: suite.computeId, origin, ledger, limits: { entries, inFlight: 3 } },
          moves: createMoveDesk({ store, scheduler, suite, now: () => new Date(0) }, "h0"),
          changes: createChangeDesk({ store, scheduler, suite, now: () => new Date(0) }, "h0"),
          proveWritable: async () => undefined,
          reissuing: async () => undefined,
        },
        replay,
      );
      for (const [index, sheet] of sheets.entries()) await writer.write(toSheet(sheet, index + 1));
      await writer.finish();
      return ledger.progress();
    },
    clinical: () => clinical().map(({ meta: _, ...rest }) => rest as Resource),
    versions: () => Object.fromEntries(clinical().map((one) => [`${one.resourceType}/${one.id}`, Number(one.meta?.versionId)])),
  };
}

/** An issue in short: `2 present d`. */
export function short(issue: Issue | undefined): string {
  return issue === undefined ? "none" : `${issue.order} ${issue.state} ${issue.digest}`;
}
