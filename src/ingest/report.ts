import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { MappingReport } from "../mapping/mapped.ts";
import { exportOf, progressOf, resultsOf, type StoredProgress } from "./export-task.ts";
import { type ExportIssue, readIssues } from "./issue-list.ts";
import { type Landing, readJson } from "./landing.ts";
import type { Counts } from "./ledger.ts";

/** What became of an export, for its supplier. */
export interface ExportState {
  readonly id: string;
  readonly feed: string;
  readonly status: "waiting" | "running" | "completed" | "failed";
  readonly receivedAt?: string;
  readonly finishedAt?: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** While it runs: how many sheets are done, and how much of the files' bytes has been read. */
  readonly progress?: { readonly sheets: number; readonly percent?: number };
  /**
   * `created`, `updated`, `unchanged`, `older` resources, `refused` and `invalid` ones, `stubs`, Patients `replaced` by a better key or a merge, people by
   * what became of their link, rows `waiting` for their sheet when the export ended, `issues`.
   */
  readonly counts?: Counts;
  readonly report?: MappingReport;
  /** Why it failed, a code. */
  readonly reason?: string;
}

/** What reading back needs. */
export interface ReportDeps {
  readonly store: FhirStore;
  readonly landing: Landing;
}

const statuses: Partial<Record<Task["status"], ExportState["status"]>> = {
  requested: "waiting",
  "on-hold": "waiting",
  "in-progress": "running",
  completed: "completed",
};

/** Which export; `client` = only one that this client delivered, absent for operators, who follow all. */
export interface ExportAddress {
  readonly id: string;
  readonly client?: string;
}

/** State of an export, or undefined when there is none of this client by this id. */
export async function exportState(deps: ReportDeps, request: ExportAddress): Promise<ExportState | undefined> {
  const found = await readExport(deps.store, request);
  if (found === undefined) return undefined;
  const { task, facts } = found;
  const status = statuses[task.status] ?? "failed";
  const progress = progressOf(task);
  const { report } = resultsOf(task);
  const ended = status === "completed" || status === "failed";
  return {
    id: request.id,
    feed: facts.feed,
    status,
    ...(task.authoredOn === undefined ? {} : { receivedAt: task.authoredOn }),
    ...(ended && task.lastModified !== undefined ? { finishedAt: task.lastModified } : {}),
    files: facts.files.map(({ name, size }) => ({ name, bytes: size })),
    ...(progress === undefined ? {} : { counts: progress.counts }),
    ...(progress === undefined || ended ? {} : { progress: shown(progress) }),
    ...(report === undefined ? {} : { report: await readJson<MappingReport>(deps.landing, report) }),
    ...(task.statusReason?.text === undefined ? {} : { reason: task.statusReason.text }),
  };
}

/** Every issue of a finished export (none while it runs), or undefined when there is no such export of this client. */
export async function exportIssues(deps: ReportDeps, request: ExportAddress): Promise<AsyncIterable<ExportIssue> | undefined> {
  const found = await readExport(deps.store, request);
  if (found === undefined) return undefined;
  const { issues } = resultsOf(found.task);
  return issues === undefined ? nothing() : readIssues(deps.landing, issues);
}

async function readExport(store: FhirStore, { client, id }: ExportAddress) {
  const task = await store.read("DEFAULT", "Task", id);
  const facts = task === undefined ? undefined : exportOf(task);
  if (task === undefined || facts === undefined) return undefined;
  return client === undefined || facts.client === client ? { task, facts } : undefined;
}

async function* nothing(): AsyncGenerator<ExportIssue> {}

function shown({ sheets, percent }: StoredProgress) {
  return { sheets, ...(percent === undefined ? {} : { percent }) };
}
