import type { AuditEvent } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { asFault } from "../kernel/fault.ts";
import { recordAudit } from "./record-audit.ts";

/** Commits under way at once before events wait for each other, and how many then go together. */
const mostUnderWay = 2;
const mostTogether = 20;

interface Waiting {
  readonly event: AuditEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `recordAudit` for events that come from many requests at once: alone each is committed at once; while commits are under way the next ones gather and go as
 * one transaction, which costs the store little more than one of them. Resolves when the event is committed; throws `Fault("store-down")` as `recordAudit` does.
 */
export function gatherAudit(store: FhirStore): (event: AuditEvent) => Promise<void> {
  const waiting: Waiting[] = [];
  let underWay = 0;
  const next = () => {
    if (underWay >= mostUnderWay || waiting.length === 0) return;
    underWay++;
    void settle(store, waiting.splice(0, mostTogether)).finally(() => {
      underWay--;
      next();
    });
  };
  return (event) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ event, resolve, reject });
      next();
    });
}

async function settle(store: FhirStore, some: readonly Waiting[]): Promise<void> {
  const together = await recordAudit(
    store,
    some.map((one) => one.event),
  ).then(
    () => "committed" as const,
    (error: unknown) => error,
  );
  for (const one of some) {
    if (together === "committed") one.resolve();
    // One event that is refused must not take the others with it; when the store is down each would only wait once more.
    else if (some.length === 1 || asFault(together).code === "store-down") one.reject(together);
    else await recordAudit(store, [one.event]).then(one.resolve, one.reject);
  }
}
