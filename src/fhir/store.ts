import type { ExtractResource, Resource, ResourceType } from "@medplum/fhirtypes";
import type { Tenant } from "../kernel/brand.ts";

/** One change inside a transaction. Ids are computed by the caller; the store never makes one. */
export type Write =
  /** Plain PUT of a computed id; in a create-only commit it must not exist yet. */
  | { readonly kind: "put"; readonly resource: Resource }
  /** PUT that holds only while the stored version is `ifMatch`. The store creates what does not exist, so read first. */
  | { readonly kind: "update"; readonly resource: Resource; readonly ifMatch: string };

/** A transaction happened as a whole (new version per write, in order) or not at all. */
export type CommitOutcome =
  | { readonly kind: "committed"; readonly versions: readonly string[] }
  | { readonly kind: "conflict" };

/** Search parameters, rebuilt by the caller from an allow-list; a list value repeats the parameter (AND), a comma inside is OR. */
export type SearchParams = Readonly<Record<string, string | readonly string[]>>;

/** One bounded answer: `more` says that matches beyond `limit` exist. */
export interface SearchPage<T> {
  readonly resources: readonly T[];
  readonly more: boolean;
}

/** How a single call may be bounded. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Keep the digits of decimals as stored (`11.30`): numbers whose text differs arrive as `JSON.rawJSON` objects. Slower. */
  readonly exactDecimals?: boolean;
}

/**
 * The one storage port: FHIR R4 in partitions. Implemented by `adapters/hapi` and, for tests, by an in-memory twin; both pass one contract suite.
 * Every method throws `Fault("store-down")` when the store does not answer and `Fault("store-refused")` when it refuses the content.
 */
export interface FhirStore {
  /** The current version (with `meta.versionId`), or undefined when it does not exist or is deleted. */
  read<T extends ResourceType>(
    tenant: Tenant,
    type: T,
    id: string,
    options?: CallOptions,
  ): Promise<ExtractResource<T> | undefined>;
  /** Those of the ids that exist, in any order. `elements` narrows what is returned (`id`, `meta` and `extension` are enough to compare issues). */
  readMany<T extends ResourceType>(
    tenant: Tenant,
    type: T,
    ids: readonly string[],
    elements?: readonly string[],
  ): Promise<ExtractResource<T>[]>;
  /** One bounded search, never cached, never cut in silence. `limit` ≤ 199. Tenant `_ALL` asks every institution: only with computed ids in the parameters. */
  search<T extends ResourceType>(
    tenant: Tenant | "_ALL",
    type: T,
    params: SearchParams,
    limit: number,
    options?: CallOptions,
  ): Promise<SearchPage<ExtractResource<T>>>;
  /** Every match, following pages: for sweeps and lists of the hub's own resources, not for clinical data. */
  searchAll<T extends ResourceType>(tenant: Tenant, type: T, params: SearchParams): Promise<ExtractResource<T>[]>;
  /** All writes in one transaction of one partition. `createOnly`: nothing is stored when any `put` exists already. */
  commit(
    tenant: Tenant,
    writes: readonly Write[],
    options?: { readonly createOnly?: boolean; readonly signal?: AbortSignal },
  ): Promise<CommitOutcome>;
  /** Creates those that are missing, each on its own; what exists stays untouched. */
  createMissing(tenant: Tenant, resources: readonly Resource[]): Promise<readonly ("created" | "existed")[]>;
}
