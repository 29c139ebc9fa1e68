import type { AuditEvent } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";

/**
 * Stores events in DEFAULT, once each: an event that is there already (same computed id) stays as it is.
 * Throws `Fault("store-down")`; without the event no data may go out.
 */
export async function recordAudit(store: FhirStore, events: readonly AuditEvent[]): Promise<void> {
  const outcome = await store.commit(
    "DEFAULT",
    events.map((resource) => ({ kind: "put", resource })),
    { createOnly: true },
  );
  if (outcome.kind === "conflict") await store.createMissing("DEFAULT", events);
}
