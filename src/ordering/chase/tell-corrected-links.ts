import type { Resource } from "@medplum/fhirtypes";
import { subjectOf } from "../../fhir/replacement.ts";
import { systems } from "../../fhir/systems.ts";
import { type Correction, correctionOf } from "../../identity/correction-task.ts";
import type { ChaseDeps } from "./chase-deps.ts";
import { addressText, eventsNaming, placesIn, type ShownPlace } from "./find-places.ts";
import { tellPlaces } from "./tell-places.ts";

/** Tells whoever was shown data of a record as those of a resident it did not belong to. `task` = id of the Task that told the correction. */
export async function tellCorrectedLinks(deps: ChaseDeps, task: string): Promise<void> {
  const stored = await deps.store.read("DEFAULT", "Task", task);
  const correction = stored === undefined ? undefined : correctionOf(stored);
  if (correction === undefined) return;
  const { local, from } = correction;
  const events = await eventsNaming(deps.store, [`${systems.resident}|${from}`]);
  const near = events.flatMap(placesIn).filter((place) => place.resident === from && place.address.tenant === local.tenant);
  const own = await ofRecord(deps, correction, near);
  const places = near
    .filter((place) => own.has(addressText(place.address)))
    .map((place) => ({ ...place, change: task, how: "link-corrected" as const }));
  const about = { tenant: local.tenant, type: "Patient", id: local.patientId } as const;
  if (places.length > 0) await tellPlaces(deps, { about, kind: "link-corrected", places });
}

/** Which of the shown resources are this local Patient's. */
async function ofRecord(deps: ChaseDeps, { local }: Correction, places: readonly ShownPlace[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    [...Map.groupBy(places, (place) => place.address.type)].map(([type, some]) =>
      deps.store.readMany(
        local.tenant,
        type,
        [...new Set(some.map((place) => place.address.id))],
        ["id", "subject", "patient"],
      ),
    ),
  );
  const own = (found.flat() as Resource[]).filter((one) => subjectOf(one) === local.patientId);
  return new Set(own.map((one) => `${local.tenant}/${one.resourceType}/${one.id}`));
}
