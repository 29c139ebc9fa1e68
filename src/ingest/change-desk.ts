import type { Resource, ResourceType } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { Tenant } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import type { Now } from "../kernel/clock.ts";
import { freeTask } from "../work/free-task.ts";
import { resultChangedTask } from "../work/result-change.ts";
import type { Scheduler } from "../work/scheduler.ts";
import { changesIn, refsToCompare, type SheetWrites } from "./changed-results.ts";
import { refOf } from "./sheet.ts";

/** Opens the Tasks by which whoever was shown a result is told that it changed. */
export interface ChangeDesk {
  /** Before the sheets are written: create-only, waiting. `before` = what is stored, where the caller has read it. The ids of Tasks that are open now. */
  open(sheets: readonly SheetWrites[], before?: ReadonlyMap<string, Resource>): Promise<readonly string[]>;
  /** After they are written. */
  free(ids: readonly string[]): Promise<void>;
}

/** What opening needs. */
export interface ChangeDeskDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly suite: { computeId(...parts: readonly string[]): string };
  readonly now: Now;
}

const perSearch = 99;

/**
 * One Task for what one transaction changes; results that come for the first time cost nothing here. `ingest` = id of the Task whose export brings the change.
 * Throws `Fault("store-down")`: then nothing may be written.
 */
export function createChangeDesk(deps: ChangeDeskDeps, ingest: string): ChangeDesk {
  return {
    async open(sheets, before) {
      const refs = refsToCompare(sheets);
      const tenant = sheets[0]?.tenant;
      const stored = before ?? (tenant === undefined ? new Map() : await readWhole(deps.store, tenant, new Set(refs)));
      const changes = changesIn(sheets, stored);
      if (changes.length === 0) return [];
      const task = resultChangedTask(changes, { suite: deps.suite, at: deps.now(), status: "on-hold", by: ingest });
      await deps.store.createMissing("DEFAULT", [task]);
      return [task.id ?? ""];
    },
    async free(ids) {
      if (ids.length === 0) return;
      for (const task of await deps.store.readMany("DEFAULT", "Task", ids)) await freeTask(deps, task);
    },
  };
}

/** Whole resources with the digits of their decimals. */
export async function readWhole(store: FhirStore, tenant: Tenant, refs: ReadonlySet<string>): Promise<Map<string, Resource>> {
  const found = new Map<string, Resource>();
  for (const [type, some] of Map.groupBy(refs, (ref) => ref.slice(0, ref.indexOf("/")))) {
    const all = some.map((ref) => ref.slice(type.length + 1));
    for (const ids of chunks(all, perSearch)) {
      const params = { _id: ids.join(",") };
      const page = await store.search(tenant, type as ResourceType, params, 199, { exactDecimals: true });
      for (const resource of page.resources) found.set(refOf(resource), resource);
    }
  }
  return found;
}
