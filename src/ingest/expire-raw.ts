import type { Task } from "@medplum/fhirtypes";
import { auditEvent } from "../audit/audit-event.ts";
import { resourceReference } from "../fhir/reference.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { ResourceId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { inputTexts, taskKindTokens } from "../work/task.ts";
import { type ExportedFile, exportOf } from "./export-task.ts";
import { mappingProgressOf } from "./mapping-versions/mapping-work.ts";
import { claimPull, type PullStateDeps } from "./pull-state.ts";

/** The landing folder, as far as raw files leave it. */
export interface RawShelf {
  /** When the content was landed last; undefined when it is not there. */
  landedAt(sha256: string): Promise<Date | undefined>;
  remove(sha256: string): Promise<void>;
}

/** What expiring needs. */
export interface ExpireDeps extends PullStateDeps {
  readonly shelf: RawShelf;
  /** How old a raw file must be, days. */
  readonly days: number;
}

const dayMs = 86_400_000;
const leaseMs = 10 * 60_000;
const perPage = 100;
/** Pages of one run; the rest follows with the next. */
const mostPages = 100;
/** What still needs raw files: work that is open, or failed and may be delivered again, names them; a dry-run or a replay may need any. */
const needing = ["ingest", "orphan-row"] as const;
const needingAll = ["mapping-dry-run", "mapping-replay"] as const;

/**
 * Deletes the raw files of exports that were completed longer ago than `days`, once a day whatever the number of processes, unless open work names them or
 * they were delivered again since. Each export's deletion is audited before it happens. Returns how many files went.
 */
export async function expireRaw(deps: ExpireDeps): Promise<number> {
  const claim = await claimPull(deps, "@raw-files", leaseMs);
  if (claim === undefined) return 0;
  const cutoff = new Date(deps.now().getTime() - deps.days * dayMs);
  let [cursor, removed] = [claim.state.watermarks.raw ?? instant(new Date(0)), 0];
  let more = true;
  if (!(await isAnyOpen(deps.store))) {
    const needed = await neededFiles(deps.store);
    for (let page = 0; more && page < mostPages; page++) {
      const found = await oldExports(deps.store, cursor, cutoff);
      for (const task of found.resources) removed += await expire(deps, task, { cutoff, needed });
      more = found.more;
      cursor = found.resources.at(-1)?.meta?.lastUpdated ?? cursor;
    }
  }
  const dueAt = instant(new Date(deps.now().getTime() + (more ? leaseMs : dayMs)));
  await claim.write({ watermarks: { raw: cursor }, dueAt, failures: 0 });
  return removed;
}

async function expire(
  deps: ExpireDeps,
  task: Task,
  { cutoff, needed }: { cutoff: Date; needed: ReadonlySet<string> },
): Promise<number> {
  const old: ExportedFile[] = [];
  for (const file of exportOf(task)?.files ?? []) {
    const landed = await deps.shelf.landedAt(file.sha256);
    if (landed !== undefined && landed < cutoff && !needed.has(file.sha256)) old.push(file);
  }
  if (old.length === 0) return 0;
  const id = task.id as ResourceId;
  const event = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "raw-expired", id),
    kind: "raw-expired",
    at: deps.now(),
    outcome: "success",
    agent: { client: "hutong" },
    entities: [
      {
        what: resourceReference({ tenant: "DEFAULT", type: "Task", id }),
        detail: { files: String(old.length), days: String(deps.days) },
      },
    ],
  });
  await deps.store.commit("DEFAULT", [{ kind: "put", resource: event }]);
  for (const { sha256 } of old) await deps.shelf.remove(sha256);
  return old.length;
}

function oldExports(store: FhirStore, after: string, cutoff: Date) {
  const params = {
    code: taskKindTokens("ingest"),
    status: "completed",
    _lastUpdated: [`ge${after}`, `lt${instant(cutoff)}`],
    _sort: "_lastUpdated",
  };
  return store.search("DEFAULT", "Task", params, perPage);
}

async function isAnyOpen(store: FhirStore): Promise<boolean> {
  const { resources } = await store.search(
    "DEFAULT",
    "Task",
    { code: taskKindTokens(...needingAll), status: "requested,in-progress,on-hold" },
    1,
  );
  return resources.length > 0;
}

async function neededFiles(store: FhirStore): Promise<Set<string>> {
  const open = await store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens(...needing),
    status: "requested,in-progress,on-hold,failed",
  });
  const raw = open.flatMap((task) => inputTexts(task, "file").map((text) => (JSON.parse(text) as ExportedFile).sha256));
  return new Set([...raw, ...(await shownResults(store))]);
}

/**
 * What the landing folder holds beside raw files: reports and issue lists are told apart by their Tasks, but equal bytes have one address. An export that
 * is, byte for byte, the difference a dry-run shows must not take it away.
 */
async function shownResults(store: FhirStore): Promise<string[]> {
  const tried = await store.searchAll("DEFAULT", "Task", { code: taskKindTokens("mapping-dry-run") });
  return tried.flatMap((task) => mappingProgressOf(task)?.difference ?? []);
}
