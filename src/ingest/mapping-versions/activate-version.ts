import type { Library, List } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { addressOf, resourceReference } from "../../fhir/reference.ts";
import type { Write } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { MappingProblem } from "../../mapping/mapped.ts";
import { taskKindTokens } from "../../work/task.ts";
import { unraisedTemplates } from "./unraised-templates.ts";
import { type MappingVersion, versionOf } from "./version.ts";
import type { VersionDeps } from "./version-deps.ts";
import { shippedFiles } from "./version-files.ts";

/** `never-tried`: no dry-run of it was completed. `conflict`: somebody else activated or retired a version meanwhile. `unusable`: this engine cannot compile it. `problems`: a template changed, and its version was not raised. */
export type Activated =
  | { readonly kind: "activated"; readonly version: MappingVersion }
  | { readonly kind: "never-tried" }
  | { readonly kind: "conflict" }
  | { readonly kind: "unusable" }
  | { readonly kind: "problems"; readonly problems: readonly MappingProblem[] };

/**
 * Makes a stored version the one that counts, and retires the one before it: one transaction under the versions that were read, audited. Workers take
 * it up with their next export. Undefined when there is no such version.
 */
export async function activateVersion(
  deps: VersionDeps,
  request: { readonly client: string; readonly id: string; readonly force: boolean },
): Promise<Activated | undefined> {
  const { store, book } = deps;
  const library = await store.read("DEFAULT", "Library", request.id);
  const version = library === undefined ? undefined : versionOf(library);
  if (library === undefined || version === undefined) return undefined;
  if (version.status === "active") return { kind: "activated", version };
  if ((await book.version(request.id)) === undefined) return { kind: "unusable" };
  if (!request.force && !(await wasTried(deps, request.id))) return { kind: "never-tried" };
  const fence = await readFence(deps, version.feed);
  const problems = unraisedTemplates(version.feed, version.files, await countedBefore(deps, fence, version));
  if (problems.length > 0) return { kind: "problems", problems };
  const before = await activeOf(deps, fence);
  const writes: Write[] = [
    update({ ...library, status: "active" }, library),
    ...(before === undefined ? [] : [update({ ...before, status: "retired" }, before)]),
    update(withEntry(fence, request.id, deps.now()), fence),
    { kind: "put", resource: changed(deps, request, { kind: "mapping-activated", library, before }) },
  ];
  if ((await store.commit("DEFAULT", writes)).kind === "conflict") return { kind: "conflict" };
  await book.refresh();
  return { kind: "activated", version: { ...version, status: "active" } };
}

/** Takes an active version back: the shipped mapping counts again. Undefined when it is not there or not active. */
export async function retireVersion(
  deps: VersionDeps,
  request: { readonly client: string; readonly id: string },
): Promise<{ readonly kind: "retired"; readonly version: MappingVersion } | { readonly kind: "conflict" } | undefined> {
  const library = await deps.store.read("DEFAULT", "Library", request.id);
  const version = library === undefined ? undefined : versionOf(library);
  if (library === undefined || version === undefined || version.status !== "active") return undefined;
  const fence = await readFence(deps, version.feed);
  const writes: Write[] = [
    update({ ...library, status: "retired" }, library),
    update({ ...fence, entry: (fence.entry ?? []).map((entry) => ({ ...entry, deleted: true })) }, fence),
    { kind: "put", resource: changed(deps, request, { kind: "mapping-retired", library, before: undefined }) },
  ];
  if ((await deps.store.commit("DEFAULT", writes)).kind === "conflict") return { kind: "conflict" };
  await deps.book.refresh();
  return { kind: "retired", version: { ...version, status: "retired" } };
}

/** One List a feed names its versions in the order they counted: two activations at once meet here, and one of them wins. */
async function readFence({ store, suite, now }: VersionDeps, feed: string): Promise<List> {
  const id = suite.computeId("DEFAULT", "List", "mapping-versions", feed);
  const stored = await store.read("DEFAULT", "List", id);
  if (stored !== undefined) return stored;
  const title = `Mapping versions of ${feed}`;
  const empty: List = { resourceType: "List", id, status: "current", mode: "changes", title, date: instant(now()) };
  await store.createMissing("DEFAULT", [empty]);
  return (await store.read("DEFAULT", "List", id)) ?? empty;
}

function withEntry(list: List, id: string, at: Date): List {
  const item = resourceReference({ tenant: "DEFAULT", type: "Library", id: id as ResourceId });
  const earlier = (list.entry ?? []).map((entry) => ({ ...entry, deleted: true }));
  return { ...list, entry: [...earlier, { item, date: instant(at) }] };
}

/** The files of every mapping of the feed that counted so far: the shipped one, and what was activated. */
async function countedBefore({ store, shippedDir }: VersionDeps, list: List, version: MappingVersion) {
  const ids = (list.entry ?? []).flatMap(({ item }) => addressOf(item)?.id ?? []).filter((id) => id !== version.id);
  const libraries = ids.length === 0 ? [] : await store.readMany("DEFAULT", "Library", [...new Set(ids)]);
  const activated = libraries.map((library) => versionOf(library)?.files ?? []);
  return [await shippedFiles(version.feed, shippedDir), ...activated];
}

async function activeOf({ store }: VersionDeps, list: List): Promise<Library | undefined> {
  const value = list.entry?.find((entry) => entry.deleted !== true)?.item.identifier?.value;
  return value === undefined ? undefined : store.read("DEFAULT", "Library", value.slice(value.lastIndexOf("/") + 1));
}

async function wasTried({ store }: VersionDeps, id: string): Promise<boolean> {
  const tried = await store.search(
    "DEFAULT",
    "Task",
    {
      code: taskKindTokens("mapping-dry-run"),
      status: "completed",
      "hutong-focus": `${systems.resource}|DEFAULT/Library/${id}`,
    },
    1,
  );
  return tried.resources.length > 0;
}

function update<T extends Library | List>(resource: T, stored: T): Write {
  const { meta: _, ...rest } = resource;
  return { kind: "update", resource: rest as T, ifMatch: stored.meta?.versionId ?? "1" };
}

function changed(
  { suite, now }: VersionDeps,
  request: { readonly client: string; readonly force?: boolean },
  what: {
    readonly kind: "mapping-activated" | "mapping-retired";
    readonly library: Library;
    readonly before: Library | undefined;
  },
) {
  const { kind, library, before } = what;
  const id = library.id as ResourceId;
  return auditEvent({
    id: suite.computeId("DEFAULT", "AuditEvent", kind, id, library.meta?.versionId ?? "1"),
    kind,
    at: now(),
    outcome: "success",
    agent: { client: request.client },
    entities: [
      {
        what: resourceReference({ tenant: "DEFAULT", type: "Library", id }),
        detail: {
          feed: library.name ?? "",
          templates: library.version ?? "",
          ...(request.force ? { force: "true" } : {}),
          ...(before === undefined ? {} : { before: before.id ?? "" }),
        },
      },
    ],
  });
}
