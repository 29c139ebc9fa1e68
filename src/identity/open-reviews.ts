import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { resolvedItself } from "./review-task.ts";

/**
 * Opens reviews: each once, and again when it had resolved itself and its record disagrees anew. What a steward closed stays closed. Throws
 * `Fault("store-down")`.
 */
export async function openReviews(
  deps: { readonly store: FhirStore; readonly openReviews: (tasks: readonly Task[]) => Promise<void> },
  tasks: readonly Task[],
): Promise<void> {
  if (tasks.length === 0) return;
  await deps.openReviews(tasks);
  const fresh = new Map(tasks.map((task) => [task.id, task]));
  const stored = await deps.store.readMany(
    "DEFAULT",
    "Task",
    [...fresh.keys()].flatMap((id) => id ?? []),
  );
  for (const before of stored.filter(resolvedItself)) {
    const resource = fresh.get(before.id) as Task;
    // Whoever was faster opened it.
    await deps.store.commit("DEFAULT", [{ kind: "update", resource, ifMatch: before.meta?.versionId ?? "" }]);
  }
}
