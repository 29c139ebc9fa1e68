import type { Resource, ResourceType, Task } from "@medplum/fhirtypes";
import { type Issue, issueOf } from "../fhir/issue.ts";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import type { Now } from "../kernel/clock.ts";
import { endTask, freeTask } from "../work/free-task.ts";
import type { Scheduler } from "../work/scheduler.ts";
import { inputText, taskKindTokens } from "../work/task.ts";
import { appendIssues } from "./append-issues.ts";
import type { Landing } from "./landing.ts";
import { lostRows, orphansOf, type WaitingSheet, waitingAgain } from "./orphan-task.ts";

const perSearch = 20;

interface WakeDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly now: Now;
}

/** Frees the waiting rows of a feed whose heads are stored now. For the end of each export; two at once are harmless. */
export async function wakeOrphans(deps: WakeDeps, feed: string): Promise<void> {
  const waiting = await deps.store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens("orphan-row"),
    status: "on-hold",
  });
  const mine = waiting.filter((task) => inputText(task, "feed") === feed);
  if (mine.length === 0) return;
  const stored = await storedHeads(
    deps.store,
    mine.flatMap((task) => orphansOf(task)?.sheets ?? []),
  );
  for (const task of mine) if (readySheets(task, stored).length > 0) await freeTask(deps, task);
}

/**
 * Rows that came apart from their sheet are to be mapped once more when a later issue of it is stored, which may be the one they came for: their Tasks
 * wait for it before it is written. `heads` = `<tenant>/<Type>/<id>` and the later order.
 */
export async function awaitReissue(deps: Pick<WakeDeps, "store" | "now">, heads: ReadonlyMap<string, string>): Promise<void> {
  for (const some of chunks([...heads.keys()], perSearch)) {
    const found = await deps.store.searchAll("DEFAULT", "Task", {
      code: taskKindTokens("orphan-row"),
      identifier: some.map((head) => `${systems.resource}|${head}`).join(","),
      status: "completed,on-hold,failed",
    });
    for (const task of found) {
      const mine = (task.identifier ?? []).flatMap(({ value = "" }) => (some.includes(value) ? value : []));
      const resource = waitingAgain(task, new Map(mine.map((head) => [head, heads.get(head) ?? ""])), deps.now());
      await deps.store.commit("DEFAULT", [{ kind: "update", resource, ifMatch: task.meta?.versionId ?? "" }]);
    }
  }
}

/** Asks waiting rows again: frees them when a head is stored, ends them when they waited `waitDays` in vain. For the sweeper. */
export async function reconsiderOrphans(
  deps: WakeDeps & { readonly landing: Landing; readonly waitDays: number },
  task: Task,
): Promise<void> {
  const orphans = orphansOf(task);
  if (orphans === undefined) return;
  if (readySheets(task, await storedHeads(deps.store, orphans.sheets)).length > 0) return void (await freeTask(deps, task));
  const ends = Date.parse(task.authoredOn ?? "") + deps.waitDays * 86_400_000;
  if (!(deps.now().getTime() > ends)) return;
  const reason = `the sheet of this row did not come within ${deps.waitDays} days`;
  await appendIssues(deps, inputText(task, "ingest") ?? "", lostRows(orphans.sheets, "orphan", reason));
  await endTask(deps, task, "sheet-never-came");
}

/** Those of a Task's sheets whose head is stored, in the issue that is waited for or a later one. */
export function readySheets(task: Task, stored: ReadonlyMap<string, Issue>): WaitingSheet[] {
  return (orphansOf(task)?.sheets ?? []).filter((sheet) => {
    const order = stored.get(addressOf(sheet))?.order;
    return order !== undefined && order >= (sheet.from ?? "");
  });
}

/** `<tenant>/<Type>/<id>` of a head. */
export function addressOf({ tenant, head }: Pick<WaitingSheet, "tenant" | "head">): string {
  return `${tenant}/${head}`;
}

/** Which of these heads are stored as their own row tells them (a stub is none), with their issues. */
export async function storedHeads(store: FhirStore, sheets: readonly WaitingSheet[]): Promise<ReadonlyMap<string, Issue>> {
  const groups = Map.groupBy(sheets, ({ tenant, head }) => `${tenant}/${head.slice(0, head.indexOf("/"))}`);
  const found = new Map<string, Issue>();
  for (const [group, some] of groups) {
    const [tenant, type] = group.split("/") as [InstitutionCode, ResourceType];
    const ids = [...new Set(some.map(({ head }) => head.slice(type.length + 1)))];
    const resources: Resource[] = await store.readMany(tenant, type, ids, ["id", "meta", "extension"]);
    for (const resource of resources) {
      const issue = issueOf(resource);
      if (issue !== undefined) found.set(`${tenant}/${type}/${resource.id}`, issue);
    }
  }
  return found;
}
