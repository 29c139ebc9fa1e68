import type { Bundle, BundleEntry, ExtractResource, Resource, ResourceType } from "@medplum/fhirtypes";
import type { CallOptions, CommitOutcome, FhirStore, SearchParams, Write } from "../../fhir/store.ts";
import type { Tenant } from "../../kernel/brand.ts";
import { chunks } from "../../kernel/chunks.ts";
import { faultOf, type HapiAnswer, type HapiClient, versionIn } from "./client.ts";

/** Longest wait for a read, a search or a small commit; a person may be waiting. */
const briefMs = 4_500;
/** Longest wait for a transaction of up to 100 entries while the server is busy. */
const longMs = 30_000;

/** Resources of one page of a list that is read to its end; HAPI gives no more. */
const pageSize = 200;

// The header's spelling is HAPI's own. It makes a PUT create-only; If-None-Match would be ignored and overwrite.
const createOnlyHeader = { "x-upsert-extistence-check": "disabled" };
const jsonBody = { "content-type": "application/fhir+json", prefer: "return=minimal" };

/** The storage port on HAPI FHIR 8.8.0 with URL tenants. */
export function createHapiStore(client: HapiClient): FhirStore {
  const store: FhirStore = {
    async read(tenant, type, id, options = {}) {
      const answer = await client.send(
        { method: "GET", path: `/${tenant}/${type}/${id}`, headers: {} },
        { deadlineMs: briefMs, ...options },
      );
      if (answer.status === 404 || answer.status === 410) return undefined;
      return expect200(answer) as never;
    },

    async readMany<T extends ResourceType>(tenant: Tenant, type: T, ids: readonly string[], elements?: readonly string[]) {
      const pages = chunks([...new Set(ids)], 150).map((some) =>
        store.search(
          tenant,
          type,
          { _id: some.join(","), ...(elements === undefined ? {} : { _elements: elements.join(",") }) },
          199,
        ),
      );
      return (await Promise.all(pages)).flatMap((page) => page.resources);
    },

    async search<T extends ResourceType>(
      tenant: Tenant | "_ALL",
      type: T,
      params: SearchParams,
      limit: number,
      options: CallOptions = {},
    ) {
      // Under no-store HAPI cuts silently at _count, so one more than wanted is asked: a full page means "more".
      const max = limit + 1;
      if (limit < 1 || max > 200) throw new RangeError("a search limit is 1 to 199");
      const answer = await client.send(
        {
          method: "POST",
          path: `/${tenant}/${type}/_search`,
          headers: { "content-type": "application/x-www-form-urlencoded", "cache-control": `no-store, max-results=${max}` },
          body: formOf({ ...params, _count: String(max) }),
        },
        { deadlineMs: briefMs, ...options },
      );
      const found = resourcesIn<T>(expect200(answer) as Bundle, type);
      return { resources: found.slice(0, limit), more: found.length > limit };
    },

    async searchAll<T extends ResourceType>(tenant: Tenant, type: T, params: SearchParams) {
      const found: ExtractResource<T>[] = [];
      // HAPI's own page links end early: of 5,650 matches they gave 3,430. Offsets in the order of ids give each match once.
      const sorted = { ...params, _sort: [params._sort ?? [], "_id"].flat().join(","), _count: String(pageSize) };
      for (let page: unknown[] | undefined; page === undefined || page.length === pageSize; ) {
        const path = `/${tenant}/${type}?${formOf({ ...sorted, _offset: String(found.length) })}`;
        const answer = await client.send(
          { method: "GET", path, headers: { "cache-control": "no-cache" } },
          { deadlineMs: longMs },
        );
        const resources = resourcesIn<T>(expect200(answer) as Bundle, type);
        found.push(...resources);
        page = resources;
      }
      return found;
    },

    async commit(tenant, writes, options = {}) {
      const headers = { ...jsonBody, ...(options.createOnly ? createOnlyHeader : {}) };
      const send = {
        deadlineMs: writes.length > 20 ? longMs : briefMs,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      };
      const only = writes.length === 1 ? writes[0] : undefined;
      const answer =
        only === undefined
          ? await client.send(
              { method: "POST", path: `/${tenant}`, headers, body: JSON.stringify(transactionOf(writes)) },
              send,
            )
          : await client.send(
              {
                method: "PUT",
                path: `/${tenant}/${urlOf(only)}`,
                headers: { ...headers, ...ifMatchOf(only) },
                body: JSON.stringify(only.resource),
              },
              send,
            );
      return outcomeOf(answer);
    },

    async createMissing(tenant, resources) {
      if (resources.length === 0) return [];
      const bundle: Bundle = {
        resourceType: "Bundle",
        type: "batch",
        entry: resources.map((resource) => entryOf({ kind: "put", resource })),
      };
      const answer = await client.send(
        { method: "POST", path: `/${tenant}`, headers: { ...jsonBody, ...createOnlyHeader }, body: JSON.stringify(bundle) },
        { deadlineMs: longMs },
      );
      const entries = (expect200(answer) as Bundle).entry ?? [];
      return resources.map((_, index) => createdOrExisted(entries[index]));
    },
  };
  return store;
}

function expect200(answer: HapiAnswer): unknown {
  if (answer.status !== 200 && answer.status !== 201) throw faultOf(answer);
  return answer.body;
}

function outcomeOf(answer: HapiAnswer): CommitOutcome {
  if (answer.status === 409 || answer.status === 412) return { kind: "conflict" };
  const body = expect200(answer) as Bundle | undefined;
  const entries = body?.resourceType === "Bundle" ? (body.entry ?? []) : undefined;
  const versions = entries?.map(
    (entry) => versionIn(entry.response?.etag) ?? versionIn(entry.response?.location?.split("/_history/")[1]) ?? "1",
  );
  return { kind: "committed", versions: versions ?? [answer.etag ?? "1"] };
}

function createdOrExisted(entry: BundleEntry | undefined): "created" | "existed" {
  const status = Number.parseInt(entry?.response?.status ?? "500", 10);
  if (status === 409) return "existed";
  if (status === 200 || status === 201) return "created";
  throw faultOf({ status, body: entry?.response?.outcome });
}

function transactionOf(writes: readonly Write[]): Bundle {
  return { resourceType: "Bundle", type: "transaction", entry: writes.map(entryOf) };
}

function entryOf(write: Write): BundleEntry {
  const ifMatch = write.kind === "update" ? { ifMatch: `W/"${write.ifMatch}"` } : {};
  return { resource: write.resource, request: { method: "PUT", url: urlOf(write), ...ifMatch } };
}

function ifMatchOf(write: Write): Record<string, string> {
  return write.kind === "update" ? { "if-match": `W/"${write.ifMatch}"` } : {};
}

function urlOf(write: Write): string {
  return `${write.resource.resourceType}/${write.resource.id}`;
}

function resourcesIn<T extends ResourceType>(bundle: Bundle, type: T): ExtractResource<T>[] {
  return (bundle.entry ?? []).flatMap((entry) => (isOf(entry.resource, type) ? [entry.resource] : []));
}

function isOf<T extends ResourceType>(resource: Resource | undefined, type: T): resource is ExtractResource<T> {
  return resource?.resourceType === type;
}

function formOf(params: SearchParams): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) for (const one of [value].flat()) form.append(name, one as string);
  return form.toString();
}
