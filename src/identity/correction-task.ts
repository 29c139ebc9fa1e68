import type { Task } from "@medplum/fhirtypes";
import { addressOf, residentOf, residentReference, resourceReference } from "../fhir/reference.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { LocalPatient } from "./person.ts";

/** A link that was taken from a resident: whose record, from whom, and to whom it went (nobody yet, when it waits for a steward). */
export interface Correction {
  readonly local: LocalPatient;
  readonly from: ResidentId;
  readonly to?: ResidentId;
}

/**
 * The Task that follows a link that was wrong: whoever was shown this record as that resident's is to be told. It is committed together with
 * the goldens it follows, so neither is ever there alone; `version` of the golden before makes each correction one of its own. Names
 * residents by id and the record by its address, nobody in clear.
 */
export function correctionTask(correction: Correction, version: string, context: { suite: CryptoSuite; at: Date }): Task {
  const { local, from, to } = correction;
  const { suite, at } = context;
  return {
    resourceType: "Task",
    id: suite.computeId("DEFAULT", "Task", "link-correction", local.tenant, local.patientId, from, version),
    status: "requested",
    intent: "order",
    code: { coding: [{ system: systems.taskKind, code: "link-correction" }] },
    focus: resourceReference({ tenant: local.tenant, type: "Patient", id: local.patientId }),
    for: residentReference(from),
    authoredOn: instant(at),
    lastModified: instant(at),
    ...(to === undefined
      ? {}
      : { input: [{ type: { coding: [{ system: systems.taskField, code: "to" }] }, valueReference: residentReference(to) }] }),
  };
}

/** The correction a Task follows; undefined when it is none. */
export function correctionOf(task: Task): Correction | undefined {
  const address = addressOf(task.focus);
  const from = residentOf(task.for);
  const isOne = task.code?.coding?.some((one) => one.system === systems.taskKind && one.code === "link-correction");
  if (!isOne || address === undefined || address.tenant === "DEFAULT" || from === undefined) return undefined;
  const to = residentOf(task.input?.find((one) => one.type.coding?.[0]?.code === "to")?.valueReference);
  return {
    local: { tenant: address.tenant as InstitutionCode, patientId: address.id },
    from,
    ...(to === undefined ? {} : { to }),
  };
}
