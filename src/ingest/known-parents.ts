import type { FhirStore } from "../fhir/store.ts";
import type { Tenant } from "../kernel/brand.ts";
import type { Parent } from "./sheet.ts";
import { stubOf } from "./stub.ts";

/** How many references are remembered before the older half is forgotten (about 100 bytes each). */
const remembered = 100_000;

/** Which resources are known to be stored, so that each parent is asked for once an export at most. */
export interface KnownParents {
  /** These have just been stored or read. */
  remember(tenant: Tenant, refs: Iterable<string>): void;
  /** Makes sure all parents exist: one search by id per type for the unknown ones, stubs for the missing. Returns how many stubs were made. */
  ensure(tenant: Tenant, parents: readonly Parent[]): Promise<number>;
}

/** Throws what the store throws; then nothing is remembered. */
export function createKnownParents(store: FhirStore): KnownParents {
  let young = new Set<string>();
  let old = new Set<string>();
  const asked = new Map<string, Promise<number>>();
  const remember = (tenant: Tenant, refs: Iterable<string>) => {
    for (const ref of refs) young.add(`${tenant}/${ref}`);
    if (young.size > remembered / 2) [old, young] = [young, new Set()];
  };
  const isKnown = (key: string) => young.has(key) || old.has(key);

  return {
    remember,
    async ensure(tenant, parents) {
      const waiting = new Set<Promise<number>>();
      const unknown = parents.filter(({ type, id }) => {
        const key = `${tenant}/${type}/${id}`;
        const pending = asked.get(key);
        if (pending !== undefined) waiting.add(pending);
        return pending === undefined && !isKnown(key);
      });
      if (unknown.length > 0) {
        const keys = unknown.map(({ type, id }) => `${tenant}/${type}/${id}`);
        const answer = makeMissing(store, tenant, unknown).finally(() => {
          for (const key of keys) asked.delete(key);
        });
        for (const key of keys) asked.set(key, answer);
        const made = await answer;
        remember(
          tenant,
          unknown.map(({ type, id }) => `${type}/${id}`),
        );
        await Promise.all(waiting);
        return made;
      }
      await Promise.all(waiting);
      return 0;
    },
  };
}

async function makeMissing(store: FhirStore, tenant: Tenant, parents: readonly Parent[]): Promise<number> {
  const byType = Map.groupBy(parents, (parent) => parent.type);
  const found = await Promise.all(
    [...byType].map(([type, some]) =>
      store.readMany(
        tenant,
        type,
        some.map((parent) => parent.id),
        ["id"],
      ),
    ),
  );
  const stored = new Set(found.flat().map((resource) => `${resource.resourceType}/${resource.id}`));
  const missing = parents.filter(({ type, id }) => !stored.has(`${type}/${id}`));
  if (missing.length === 0) return 0;
  const outcomes = await store.createMissing(tenant, missing.map(stubOf));
  return outcomes.filter((outcome) => outcome === "created").length;
}
