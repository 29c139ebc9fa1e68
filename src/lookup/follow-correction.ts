import type { AuditEvent, Resource } from "@medplum/fhirtypes";
import { auditEvent } from "../audit/audit-event.ts";
import { addressOf, type ResourceAddress, resourceReference } from "../fhir/reference.ts";
import { subjectOf } from "../fhir/replacement.ts";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import { type Correction, correctionOf } from "../identity/correction-task.ts";
import type { ResidentId, ResourceId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { claimTask, closeTask } from "../work/claim-task.ts";
import { resultChangedTask } from "../work/result-change.ts";
import { taskKindTokens, textField } from "../work/task.ts";
import type { SealedAnswers } from "./lookup-deps.ts";

/** What following a corrected link needs. */
export interface CorrectionDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly answers: Pick<SealedAnswers, "forget">;
  readonly now: Now;
}

/** Lookups, and events that showed something, that one correction looks back on; the newest. */
const most = 199;

/**
 * Follows a link that was wrong: sealed answers of both residents' lookups are forgotten (the next reading asks again, with the links as they
 * are now), every event that showed this record's data as that resident's is named in the Task's output, so that whoever saw it can be told,
 * and both residents find the correction in their access log. Throws `Fault("work-lost")`, `Fault("store-down")`.
 */
export async function followCorrection(deps: CorrectionDeps, taskId: string): Promise<void> {
  const claimed = await claimTask(deps.store, taskId, deps.now());
  if (claimed.kind !== "claimed") return;
  const correction = correctionOf(claimed.task);
  if (correction === undefined) {
    const failed = { status: "failed", outputs: [], audit: [], reason: "not-a-correction" } as const;
    return void (await closeTask(deps.store, claimed, failed, deps.now()));
  }
  const residents = [correction.from, ...(correction.to === undefined ? [] : [correction.to])];
  const lookups = await lookupsOf(deps.store, residents);
  for (const id of lookups) await deps.answers.forget(id);
  const shown = await shownWrongly(deps.store, correction);
  const outputs = [...lookups.map((id) => textField("lookup", id)), ...shown.map((id) => textField("shown", id))];
  // Ordering tells whoever saw it. Opened before this Task is closed, so that no cut loses it; the sweeper queues it.
  await deps.store.createMissing("DEFAULT", [
    resultChangedTask([{ kind: "link", correction: taskId }], {
      suite: deps.suite,
      at: deps.now(),
      status: "requested",
      by: taskId,
    }),
  ]);
  const audit = residents.map((resident) => correctedEvent(deps, taskId, resident, correction));
  await closeTask(deps.store, claimed, { status: "completed", outputs, audit }, deps.now());
}

async function lookupsOf(store: FhirStore, residents: readonly ResidentId[]): Promise<ResourceId[]> {
  const page = await store.search(
    "DEFAULT",
    "Task",
    {
      code: taskKindTokens("lookup"),
      "hutong-for": residents.map((one) => `${systems.resident}|${one}`).join(","),
      _sort: "-authored-on",
    },
    most,
  );
  return page.resources.flatMap((task) => (task.id === undefined ? [] : [task.id as ResourceId]));
}

/** Ids of the events that told of the resident and named something of this local Patient. */
async function shownWrongly(store: FhirStore, { local, from }: Correction): Promise<string[]> {
  const page = await store.search(
    "DEFAULT",
    "AuditEvent",
    {
      "hutong-what": `${systems.resident}|${from}`,
      subtype: ["disclosure", "recognition-check"].map((kind) => `${systems.auditKind}|${kind}`).join(","),
      _sort: "-date",
    },
    most,
  );
  const named = page.resources.map((event) => ({
    event,
    addresses: addressesIn(event).filter((one) => one.tenant === local.tenant),
  }));
  const own = await belongingTo(
    store,
    local,
    named.flatMap((one) => one.addresses),
  );
  return named.flatMap(({ event, addresses }) => (addresses.some((one) => own.has(keyOf(one))) ? (event.id ?? []) : []));
}

function addressesIn(event: AuditEvent): ResourceAddress[] {
  return (event.entity ?? []).flatMap((entity) => addressOf(entity.what) ?? []);
}

async function belongingTo(
  store: FhirStore,
  local: Correction["local"],
  addresses: readonly ResourceAddress[],
): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    [...Map.groupBy(addresses, (one) => one.type)].map(([type, some]) =>
      store.readMany(local.tenant, type, [...new Set(some.map((one) => one.id))], ["id", "subject", "patient"]),
    ),
  );
  const own = (found.flat() as Resource[]).filter((one) => subjectOf(one) === local.patientId);
  return new Set(own.map((one) => `${one.resourceType}/${one.id}`));
}

function keyOf({ type, id }: ResourceAddress): string {
  return `${type}/${id}`;
}

function correctedEvent(deps: CorrectionDeps, taskId: string, resident: ResidentId, { local }: Correction): AuditEvent {
  return auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "link-corrected", taskId, resident),
    kind: "link-corrected",
    at: deps.now(),
    outcome: "success",
    agent: { client: "hutong" },
    resident,
    entities: [
      { what: resourceReference({ tenant: "DEFAULT", type: "Task", id: taskId as ResourceId }) },
      { what: resourceReference({ tenant: local.tenant, type: "Patient", id: local.patientId }) },
    ],
  });
}
