import type { Basic, DiagnosticReport, Observation, Resource, Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../../src/fhir/store.ts";
import { extensions } from "../../src/fhir/systems.ts";
import { createChangeDesk } from "../../src/ingest/change-desk.ts";
import { createLedger } from "../../src/ingest/ledger.ts";
import { createMoveDesk } from "../../src/ingest/move-task.ts";
import { toSheet } from "../../src/ingest/to-sheet.ts";
import type { IdentityPort } from "../../src/ingest/write-deps.ts";
import { createSheetWriter } from "../../src/ingest/write-sheets.ts";
import { Fault } from "../../src/kernel/fault.ts";
import type { MappedSheet } from "../../src/mapping/mapped.ts";
import { type OutgoingCall, reconsiderCallback, runCallback } from "../../src/ordering/callbacks/run-callback.ts";
import type { ChaseDeps } from "../../src/ordering/chase/chase-deps.ts";
import { followChange, reconsiderChange } from "../../src/ordering/chase/follow-change.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { listNotices } from "../../src/ordering/notices/list-notices.ts";
import { remindNotice } from "../../src/ordering/notices/remind-notice.ts";
import { readOutcome } from "../../src/ordering/outcomes/read-outcome.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { loadCertificates } from "../../src/recognition/load-certificates.ts";
import { type TaskKind, taskKindOf } from "../../src/work/task.ts";
import type { MemoryStore } from "../fakes/memory-store.ts";
import type { GivenResult } from "../recognition/described-results.ts";
import { code, createOrderingWorld } from "./ordering-world.ts";

/** One issue of a report of A with its creatinine. */
export interface Issued extends GivenResult {
  readonly order: string;
  readonly state?: "present" | "retracted";
  readonly conclusion?: string;
  /** Without it, the report comes without the result: the row vanishes. */
  readonly row?: boolean;
}

/** What the quality centre publishes about A's creatinine. */
export interface Published {
  readonly order: string;
  readonly result: "passed" | "failed" | "withdrawn";
  readonly withdrawnFrom?: string;
  readonly from?: string;
  readonly id?: string;
  readonly state?: "present" | "retracted";
}

export const hourMs = 3_600_000;
const answersMs = hourMs + 60_000;

/** A store that may be cut off: every call from a certain one on fails, the first of them before or after it had its effect. */
function cutStore(store: MemoryStore) {
  let [calls, cutAt, after] = [0, Number.POSITIVE_INFINITY, false];
  const wrapped = new Proxy(store, {
    get(target, name: keyof MemoryStore) {
      const method = target[name];
      if (
        typeof method !== "function" ||
        !["read", "readMany", "search", "searchAll", "commit", "createMissing"].includes(name)
      )
        return method;
      return async (...args: unknown[]) => {
        const call = ++calls;
        if (call > cutAt || (call === cutAt && !after)) throw new Fault("store-down");
        const answer = await (method as (...all: unknown[]) => unknown)(...args);
        if (call === cutAt) throw new Fault("store-down");
        return answer;
      };
    },
  });
  return {
    store: wrapped as FhirStore,
    /** From the n-th call on nothing answers; `effect`: that call still did what it was asked. */
    cut(at: number, effect: boolean) {
      [calls, cutAt, after] = [0, at, effect];
    },
    mend() {
      cutAt = Number.POSITIVE_INFINITY;
    },
    calls: () => calls,
  };
}

/** The ordering world in which A's results come by exports, and whoever was shown them is told when they change. C is called at an address of its own. */
export async function createChaseWorld() {
  const world = await createOrderingWorld();
  const wire = cutStore(world.store);
  const calls: OutgoingCall[] = [];
  let answers: "delivered" | "refused" = "delivered";
  const { suite, now } = world.deps;
  // Fresh at every question: no test waits for a certificate to count.
  const recognitionData = async () => ({
    catalogue: world.catalogue,
    certificates: await loadCertificates(world.store, world.catalogue),
  });
  const deps = { ...world.deps, recognitionData };
  const scheduler = { schedule: async () => undefined };
  const identity: IdentityPort = { seal: (patient) => patient, link: async (people) => people.map(() => ({ kind: "linked" })) };
  const chase: ChaseDeps = {
    ...{ store: wire.store, suite, now, scheduler },
    hasCallback: (institution) => institution === "c-county",
    recognitionData,
    institutionOf: world.deps.institutionOf,
    sealedLifeMs: answersMs,
  };
  const callbacks = {
    async call(call: OutgoingCall) {
      calls.push(call);
      return answers;
    },
  };
  const patience = { retellMs: 24 * hourMs, escalateMs: 72 * hourMs };

  const reportOf = (given: Issued): MappedSheet => {
    const { order, state = "present", conclusion, row = true, ...result } = given;
    const observation = { ...(world.resultOf({ ...result, id: "h-creatinine" }) as Observation) };
    const retracted = state === "retracted" ? ({ status: "entered-in-error" } as const) : {};
    const report: DiagnosticReport = {
      resourceType: "DiagnosticReport",
      id: "h-report",
      status: "final",
      ...retracted,
      code: { text: "生化" },
      subject: { reference: `Patient/${world.patientOf("a-provincial")}` },
      ...(conclusion === undefined ? {} : { conclusion }),
      result: row ? [{ reference: "Observation/h-creatinine" }] : [],
    };
    const digest = JSON.stringify([order, result]);
    const members = [
      { resource: report, kind: "lab-report", digest: `report ${order} ${conclusion}`, state, file: "report.csv", line: 1 },
      ...(row
        ? [
            {
              resource: { ...observation, ...retracted } as Resource,
              kind: "lab-result",
              digest,
              state,
              file: "result.csv",
              line: 1,
            },
          ]
        : []),
    ];
    return { ...sheetOf("a-provincial", "DiagnosticReport/h-report", order), members } as MappedSheet;
  };
  const certificateOf = ({
    order,
    id = "h-certificate",
    state = "present",
    from = "2026-01-01",
    ...said
  }: Published): MappedSheet => {
    const parts = {
      laboratory: { valueCode: "a-provincial" },
      item: { valueCoding: { system: "http://loinc.org", code: "14682-9" } },
      body: { valueString: "临湖省临床检验中心" },
      region: { valueString: "临湖省" },
      validity: { valuePeriod: { start: from, end: "2026-12-31" } },
      result: { valueCode: said.result },
      ...(said.withdrawnFrom === undefined ? {} : { withdrawnFrom: { valueDate: said.withdrawnFrom } }),
    };
    const extension = Object.entries(parts).map(([url, value]) => ({ url, ...value }));
    const resource: Basic = {
      resourceType: "Basic",
      id,
      code: { text: "室间质评" },
      extension: [{ url: extensions.qualityCertificate, extension }],
    };
    const digest = JSON.stringify([order, said]);
    const members = [{ resource, kind: "quality-certificate", digest, state, file: "certificates.csv", line: 1 }];
    return { ...sheetOf("quality-centre", `Basic/${id}`, order), members } as MappedSheet;
  };
  async function write(sheets: readonly MappedSheet[], replay: boolean) {
    const origin = {
      feed: "test",
      supplier: "a-his",
      acceptedAt: "2026-01-01T00:00:00.000Z",
      files: new Map(),
      exportId: sheets[0]?.order ?? "",
    };
    const desk = { store: wire.store, scheduler, suite, now };
    const writer = createSheetWriter(
      {
        ...{
          store: wire.store,
          identity,
          computeId: suite.computeId,
          origin,
          ledger: createLedger(),
          limits: { entries: 100, inFlight: 1 },
        },
        moves: createMoveDesk(desk, "hingest"),
        changes: createChangeDesk(desk, "hingest"),
        proveWritable: async () => undefined,
        reissuing: async () => undefined,
      },
      replay,
    );
    for (const [index, sheet] of sheets.entries()) await writer.write(toSheet(sheet, index + 1));
    await writer.finish();
  }
  const tasks = (kind?: string) =>
    world.store
      .all("DEFAULT")
      .filter((one): one is Task => one.resourceType === "Task" && (kind === undefined || taskKindOf(one) === kind));

  const worker = { ...chase, log: world.deps.log, callbacks };
  const reconsider: Partial<Record<TaskKind, (task: Task) => Promise<void>>> = {
    "result-changed": (task) => reconsiderChange(worker, task),
    callback: (task) => reconsiderCallback(worker, task),
    "recognition-notice": (task) => remindNotice(worker, patience, task),
  };
  const handlers: Partial<Record<TaskKind, (id: string) => Promise<void>>> = {
    "result-changed": (id) => followChange(worker, id),
    callback: (id) => runCallback(worker, id),
  };
  /** What a worker and its sweeper do, until nothing moves any more at this time. */
  async function work() {
    for (let seen = ""; ; ) {
      for (const task of tasks()) {
        const kind = taskKindOf(task) ?? "ingest";
        if (task.status === "on-hold") await reconsider[kind]?.(task);
        await handlers[kind]?.(task.id ?? "");
      }
      const after = JSON.stringify(tasks().map((one) => [one.id, one.meta?.versionId]));
      if (after === seen) return;
      seen = after;
    }
  }
  const asker = (institution: string) => ({
    client: institution,
    institution: code(institution),
    practitioner: { id: "1008" },
  });

  return {
    ...world,
    deps,
    wire,
    calls,
    tasks,
    work,
    chase,
    /** C's address no longer takes what it is told. */
    refuseCalls(refuse: boolean) {
      answers = refuse ? "refused" : "delivered";
    },
    deliver: (...issued: readonly Issued[]) => write(issued.map(reportOf), false),
    publish: (...published: readonly Published[]) => write(published.map(certificateOf), false),
    /** The same export again, as after a crash. */
    redeliver: (...issued: readonly Issued[]) => write(issued.map(reportOf), true),
    republish: (...published: readonly Published[]) => write(published.map(certificateOf), true),
    check: (institution = "c-county") => checkRecognition(deps, world.ask({ asker: asker(institution) })),
    async adopt(check: Awaited<ReturnType<typeof checkRecognition>>, institution = "c-county") {
      const evidence = check.results[0]?.lines[0]?.evidence ?? "";
      const outcomes = [{ order: "o1", outcome: "adopted", evidence } as const];
      return (await recordOutcomes(deps, { asker: asker(institution), check: check.id, outcomes }))?.[0]?.state;
    },
    async stateOf(check: { readonly id: string }, institution = "c-county") {
      return (await readOutcome(deps, { asker: asker(institution), check: check.id }))?.results[0]?.state;
    },
    notices: async (institution = "c-county", state: "open" | "acknowledged" | "all" = "open") =>
      (await listNotices(world.store, { institution: code(institution), state })).notices,
  };
}

function sheetOf(tenant: string, head: string, order: string): Omit<MappedSheet, "members"> {
  return { tenant: code(tenant), head, order, mapping: "test/sheet@1", generation: 1, parents: [], aliases: [] };
}
