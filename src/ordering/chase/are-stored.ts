import type { Resource, ResourceType } from "@medplum/fhirtypes";
import { compareIssues, type Issue, issueOf, ownIssue } from "../../fhir/issue.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { Tenant } from "../../kernel/brand.ts";
import type { ResultChange } from "../../work/result-change.ts";

interface Awaited {
  readonly tenant: Tenant;
  readonly ref: string;
  readonly issue: Issue;
  readonly version?: string;
}

/** Whether every change that a Task waits for is stored, or a later one: only then may anybody be told. Throws `Fault("store-down")`. */
export async function areStored(store: Pick<FhirStore, "readMany">, changes: readonly ResultChange[]): Promise<boolean> {
  const awaited = changes.flatMap(awaitedBy);
  for (const [place, some] of Map.groupBy(awaited, (one) => `${one.tenant}/${one.ref.slice(0, one.ref.indexOf("/"))}`)) {
    const [tenant, type] = place.split("/") as [Tenant, ResourceType];
    const ids = [...new Set(some.map((one) => one.ref.slice(type.length + 1)))];
    const found: Resource[] = await store.readMany(tenant, type, ids, ["id", "meta", "extension"]);
    const stored = new Map(found.map((one) => [`${type}/${one.id}`, one]));
    if (!some.every((one) => isReached(stored.get(one.ref), one))) return false;
  }
  return true;
}

function awaitedBy(change: ResultChange): Awaited[] {
  if (change.kind === "link") return [];
  if (change.kind === "certificate") return [{ tenant: change.tenant, ref: `Basic/${change.id}`, issue: change.issue }];
  return change.results.map(({ ref, issue, version }) => ({ tenant: change.tenant, ref, issue, version }));
}

function isReached(stored: Resource | undefined, { issue, version }: Awaited): boolean {
  const now = stored === undefined ? undefined : issueOf(stored);
  if (now === undefined) return false;
  if (version !== undefined && !(Number(stored?.meta?.versionId) > Number(version))) return false;
  const later = compareIssues(ownIssue(now), ownIssue(issue));
  // A row that its sheet withdrew or left out keeps its own issue: its state tells.
  return later > 0 || (later === 0 && (issue.state === "present" || now.state !== "present"));
}
