import type { Resource, ResourceType } from "@medplum/fhirtypes";
import type { CommitOutcome, FhirStore, SearchParams, Write } from "../../src/fhir/store.ts";

// biome-ignore lint/suspicious/noExplicitAny: one map holds resources of every type
type Loose = any;

/** A store in memory with the indexes that linking asks by, fast enough for the whole labelled set. */
export interface IndexedStore extends FhirStore {
  all(type: ResourceType): readonly Resource[];
}

/**
 * The storage port in memory: partitions do not matter here, versions and If-Match do. It knows no other search than those that identity
 * makes, and refuses the rest.
 */
export function createIndexedStore(): IndexedStore {
  const stored = new Map<string, Resource>();
  const index = new Map<string, Set<string>>();
  const keyOf = (resource: { resourceType: string; id?: string | undefined }) => `${resource.resourceType}/${resource.id}`;
  const tokensOf = (resource: Resource): string[] => {
    if (resource.resourceType === "Task") {
      const { system, value } = resource.for?.identifier ?? {};
      return resource.status === "on-hold" ? [`hutong-for ${system}|${value}`] : [];
    }
    if (resource.resourceType !== "Patient") return [];
    const links = (resource.link ?? []).map(
      ({ other }) => `hutong-link ${other.identifier?.system}|${other.identifier?.value}`,
    );
    return [...(resource.identifier ?? []).map((one) => `identifier ${one.system}|${one.value}`), ...links];
  };
  const put = (resource: Resource): string => {
    const before = stored.get(keyOf(resource));
    const versionId = String(Number(before?.meta?.versionId ?? 0) + 1);
    for (const token of before === undefined ? [] : tokensOf(before)) index.get(token)?.delete(keyOf(resource));
    for (const token of tokensOf(resource)) index.set(token, (index.get(token) ?? new Set()).add(keyOf(resource)));
    stored.set(keyOf(resource), { ...resource, meta: { ...resource.meta, versionId } });
    return versionId;
  };
  const find = (type: string, params: SearchParams): Resource[] => {
    const name = ["identifier", "hutong-link", "hutong-for"].find((one) => params[one] !== undefined) ?? "";
    const value = params[name];
    if (typeof value !== "string") throw new TypeError("this store knows no such search");
    const keys = new Set(value.split(",").flatMap((token) => [...(index.get(`${name} ${token}`) ?? [])]));
    return [...keys].flatMap((key) => (key.startsWith(`${type}/`) ? (stored.get(key) ?? []) : []));
  };
  return {
    all: (type) => [...stored.values()].filter((one) => one.resourceType === type),
    read: async (_tenant, type, id) => stored.get(`${type}/${id}`) as Loose,
    readMany: async (_tenant, type, ids) => ids.flatMap((id) => stored.get(`${type}/${id}`) ?? []) as Loose,
    async search(_tenant, type, params, limit) {
      // Goldens have no sealed facts, local Patients no links: an index of one never finds the other.
      const found = find(type, params);
      return { resources: found.slice(0, limit) as Loose, more: found.length > limit };
    },
    searchAll: async (_tenant, type) => [...stored.values()].filter((one) => one.resourceType === type) as Loose,
    async commit(_tenant, writes: readonly Write[], options = {}): Promise<CommitOutcome> {
      for (const write of writes) {
        const before = stored.get(keyOf(write.resource));
        if (write.kind === "put" && options.createOnly === true && before !== undefined) return { kind: "conflict" };
        if (write.kind === "update" && before?.meta?.versionId !== write.ifMatch) return { kind: "conflict" };
      }
      return { kind: "committed", versions: writes.map((write) => put(write.resource)) };
    },
    async createMissing(_tenant, resources) {
      return resources.map((resource) => {
        if (stored.has(keyOf(resource))) return "existed" as const;
        put(resource);
        return "created" as const;
      });
    },
  };
}
