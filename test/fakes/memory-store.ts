import type { Coding, Identifier, Reference, Resource, ResourceType } from "@medplum/fhirtypes";
import type { CommitOutcome, FhirStore, SearchPage, SearchParams, Write } from "../../src/fhir/store.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { Fault } from "../../src/kernel/fault.ts";

// biome-ignore lint/suspicious/noExplicitAny: a search reaches into resources of every type
type Loose = any;

/** What a test may do to the in-memory store beside using it. */
export interface MemoryStore extends FhirStore {
  /** Every stored resource of a partition, current versions. */
  all(tenant: Tenant): Resource[];
  /** How often a resource was written (its version), 0 when absent. */
  versionOf(tenant: Tenant, type: ResourceType, id: string): number;
  /** From now on every call throws `Fault("store-down")`, until `up()`. */
  down(): void;
  up(): void;
  /** Runs before a commit; may throw, or write something itself to provoke a race. */
  beforeCommit(hook: ((tenant: Tenant, writes: readonly Write[]) => void | Promise<void>) | undefined): void;
  /** Every request made so far, in order: `commit DEFAULT 2`, `search _ALL Observation`, … */
  readonly requests: string[];
}

/** An in-memory FHIR store with partitions, versions, If-Match and create-only commits: the twin of adapters/hapi in unit tests. */
export function createMemoryStore(): MemoryStore {
  const partitions = new Map<string, Map<string, Resource>>();
  const requests: string[] = [];
  let isDown = false;
  let hook: ((tenant: Tenant, writes: readonly Write[]) => void | Promise<void>) | undefined;

  const partition = (tenant: string) => {
    const found = partitions.get(tenant) ?? new Map<string, Resource>();
    partitions.set(tenant, found);
    return found;
  };
  const keyOf = (resource: { resourceType: string; id?: string | undefined }) => `${resource.resourceType}/${resource.id}`;
  const versionIn = (stored: Resource | undefined) => Number(stored?.meta?.versionId ?? 0);
  const request = (line: string) => {
    requests.push(line);
    if (isDown) throw new Fault("store-down");
  };
  const put = (tenant: string, resource: Resource): string => {
    const rows = partition(tenant);
    const before = rows.get(keyOf(resource));
    const same =
      before !== undefined &&
      JSON.stringify({ ...before, meta: undefined }) === JSON.stringify({ ...resource, meta: undefined });
    const version = same ? versionIn(before) : versionIn(before) + 1;
    const meta = { ...resource.meta, versionId: String(version), lastUpdated: new Date().toISOString() };
    if (!same) rows.set(keyOf(resource), structuredCloneExact({ ...resource, meta }));
    return String(version);
  };
  const elsewhere = (tenant: string, resource: Resource) =>
    [...partitions].some(([other, rows]) => other !== tenant && rows.has(keyOf(resource)));
  const matches = (tenant: Tenant | "_ALL", type: string, params: SearchParams) =>
    [...partitions]
      .filter(([name]) => (tenant === "_ALL" ? true : name === tenant))
      .flatMap(([, rows]) => [...rows.values()])
      .filter((resource) => resource.resourceType === type)
      .filter((resource) =>
        Object.entries(params).every(([name, value]) => [value].flat().every((one) => meets(resource, name, one))),
      );

  const store: MemoryStore = {
    requests,
    all: (tenant) => [...partition(tenant).values()],
    versionOf: (tenant, type, id) => versionIn(partition(tenant).get(`${type}/${id}`)),
    down() {
      isDown = true;
    },
    up() {
      isDown = false;
    },
    beforeCommit(next) {
      hook = next;
    },
    async read(tenant, type, id) {
      request(`read ${tenant} ${type}`);
      const found = partition(tenant).get(`${type}/${id}`);
      return found === undefined ? undefined : (structuredCloneExact(found) as Loose);
    },
    async readMany(tenant, type, ids) {
      request(`readMany ${tenant} ${type} ${ids.length}`);
      return ids.flatMap((id) => partition(tenant).get(`${type}/${id}`) ?? []).map(structuredCloneExact) as Loose;
    },
    async search(tenant, type, params, limit): Promise<SearchPage<Loose>> {
      request(`search ${tenant} ${type}`);
      if (limit > 199) throw new Error("a search limit is at most 199");
      const found = sorted(matches(tenant, type, withoutControls(params)), params);
      return { resources: found.slice(0, limit).map(structuredCloneExact), more: found.length > limit };
    },
    async searchAll(tenant, type, params) {
      request(`searchAll ${tenant} ${type}`);
      return sorted(matches(tenant, type, withoutControls(params)), params).map(structuredCloneExact) as Loose;
    },
    async commit(tenant, writes, options = {}): Promise<CommitOutcome> {
      request(`commit ${tenant} ${writes.length}`);
      await hook?.(tenant, writes);
      const rows = partition(tenant);
      for (const write of writes) {
        const stored = rows.get(keyOf(write.resource));
        if (write.kind === "put" && options.createOnly && stored !== undefined) return { kind: "conflict" };
        if (write.kind === "update" && stored !== undefined && stored.meta?.versionId !== write.ifMatch)
          return { kind: "conflict" };
        if (elsewhere(tenant, write.resource)) return { kind: "conflict" };
      }
      return { kind: "committed", versions: writes.map((write) => put(tenant, write.resource)) };
    },
    async createMissing(tenant, resources) {
      request(`createMissing ${tenant} ${resources.length}`);
      return resources.map((resource) => {
        if (partition(tenant).has(keyOf(resource))) return "existed";
        put(tenant, resource);
        return "created";
      });
    },
  };
  return store;
}

/** A copy that keeps exact numbers (`JSON.rawJSON` objects survive, structuredClone would drop them). */
function structuredCloneExact<T>(value: T): T {
  if (value === null || typeof value !== "object" || (JSON as Loose).isRawJSON(value)) return value;
  if (Array.isArray(value)) return value.map(structuredCloneExact) as T;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structuredCloneExact(inner)])) as T;
}

const controls = new Set(["_sort", "_elements", "_count"]);

function withoutControls(params: SearchParams): SearchParams {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !controls.has(name)));
}

function sorted(resources: Resource[], params: SearchParams): Resource[] {
  const by = [params._sort].flat()[0];
  if (by === undefined) return resources;
  const descending = by.startsWith("-");
  const name = by.replace(/^-/, "");
  const value = (resource: Resource) => String(name === "_lastUpdated" ? resource.meta?.lastUpdated : (dateOf(resource) ?? ""));
  return [...resources].sort((a, b) => value(a).localeCompare(value(b)) * (descending ? -1 : 1));
}

/** Whether one parameter holds; a comma is OR. An unknown parameter is an error, so that a test never passes by accident. */
function meets(resource: Resource, name: string, value: string): boolean {
  const any = (test: (one: string) => boolean) => value.split(",").some(test);
  const r = resource as Loose;
  switch (name) {
    case "_id":
      return any((one) => r.id === one);
    case "status":
      return any((one) => r.status === one.replace(/^.*\|/, ""));
    case "patient":
    case "subject":
      return any((one) => [r.subject?.reference, r.patient?.reference].includes(one));
    case "link":
      return any((one) => (r.link ?? []).some((link: Loose) => link.other?.reference === one));
    case "target":
      return any((one) => (r.target ?? []).some((target: Reference) => target.reference === one));
    case "code":
      return any((one) => hasToken(r.code?.coding, one));
    case "category":
      return any((one) => [r.category].flat().some((concept: Loose) => hasToken(concept?.coding, one)));
    case "subtype":
    case "type":
      return any((one) => [r.subtype ?? r.type].flat().some((concept: Loose) => hasToken(concept?.coding ?? [concept], one)));
    case "identifier":
      return any((one) => hasIdentifier(r.identifier, one));
    case "modality":
      return any((one) =>
        [...(r.modality ?? []), ...(r.series ?? []).map((series: Loose) => series.modality)].some((coding) =>
          hasToken([coding], one),
        ),
      );
    case "hutong-for":
      return any((one) => hasIdentifier([r.for?.identifier], one));
    case "hutong-focus":
      return any((one) => hasIdentifier([r.focus?.identifier], one));
    case "hutong-what":
      return any((one) =>
        hasIdentifier(
          (r.entity ?? []).map((entity: Loose) => entity.what?.identifier),
          one,
        ),
      );
    case "hutong-who":
      return any((one) =>
        hasIdentifier(
          (r.agent ?? []).map((agent: Loose) => agent.who?.identifier),
          one,
        ),
      );
    case "hutong-link":
      return any((one) =>
        hasIdentifier(
          (r.link ?? []).map((link: Loose) => link.other?.identifier),
          one,
        ),
      );
    case "date":
    case "started":
    case "issued":
    case "authored-on":
      return any((one) => dateMeets(dateOf(resource), one));
    case "_lastUpdated":
      return any((one) => dateMeets(resource.meta?.lastUpdated, one));
    default:
      throw new Error(`the memory store does not know the search parameter ${name}`);
  }
}

function dateOf(resource: Resource): string | undefined {
  const r = resource as Loose;
  return r.effectiveDateTime ?? r.started ?? r.recorded ?? r.authoredOn ?? r.issued ?? r.dateTime ?? r.period?.start;
}

function dateMeets(stored: string | undefined, test: string): boolean {
  if (stored === undefined) return false;
  const [, prefix = "eq", bound = ""] = /^(ge|gt|le|lt|eq)?(.+)$/.exec(test) ?? [];
  const [at, limit] = [Date.parse(stored), Date.parse(bound)];
  const whole = bound.length === 10 ? limit + 86_399_999 : limit;
  return { ge: at >= limit, gt: at > whole, le: at <= whole, lt: at < limit, eq: at >= limit && at <= whole }[prefix] ?? false;
}

function hasToken(codings: readonly (Coding | undefined)[] | undefined, token: string): boolean {
  const [system, code] = token.includes("|") ? token.split("|") : [undefined, token];
  return (codings ?? []).some(
    (coding) => (system === undefined || (coding?.system ?? "") === system) && (code === "" || coding?.code === code),
  );
}

function hasIdentifier(identifiers: readonly (Identifier | undefined)[] | undefined, token: string): boolean {
  const [system, value] = token.includes("|") ? token.split("|") : [undefined, token];
  return (identifiers ?? []).some((one) => (system === undefined || one?.system === system) && one?.value === value);
}
