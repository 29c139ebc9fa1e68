import type { Task } from "@medplum/fhirtypes";
import { addressOf, institutionReference, residentOf, residentReference, resourceReference } from "../fhir/reference.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";
import type { LocalPatient } from "./person.ts";

/** Who decided: the client that held the token and the steward it named. */
export interface Decider {
  readonly client: string;
  readonly practitioner?: string;
}

/** What a steward did: linked a record to a resident, took it from one, or made one person of two. */
export type DecisionAction = "link" | "unlink" | "merge";

/** A steward's decision as it is kept for ever. */
export interface Decision {
  readonly id: string;
  readonly action: DecisionAction;
  /** The record it was about. */
  readonly local: LocalPatient;
  /** The resident it was linked to or taken from; of a merge the one that stands. */
  readonly resident: ResidentId;
  /** Of a merge: the one that gave way, and the records that came with it. */
  readonly loser?: ResidentId;
  readonly moved: readonly LocalPatient[];
  readonly by: Decider;
  /** Instant. */
  readonly at: string;
  /** The decision that took this one back. */
  readonly undoneBy?: string;
  /** The decision that this one takes back. */
  readonly undoes?: string;
}

/** The completed Task that keeps a decision: ids and codes only. */
export function decisionTask(decision: Decision): Task {
  const field = (name: string) => ({ coding: [{ system: systems.taskField, code: name }] });
  const { local, resident, by } = decision;
  return {
    resourceType: "Task",
    id: decision.id,
    status: "completed",
    intent: "order",
    code: { coding: [{ system: systems.taskKind, code: "identity-decision" }] },
    focus: resourceReference({ tenant: local.tenant, type: "Patient", id: local.patientId }),
    for: residentReference(resident),
    authoredOn: decision.at,
    lastModified: decision.at,
    requester: institutionReference(by.client),
    input: [
      { type: field("action"), valueCode: decision.action },
      ...(by.practitioner === undefined ? [] : [{ type: field("steward"), valueString: by.practitioner }]),
      ...(decision.loser === undefined ? [] : [{ type: field("loser"), valueReference: residentReference(decision.loser) }]),
      ...decision.moved.map(({ tenant, patientId }) => ({
        type: field("moved"),
        valueReference: resourceReference({ tenant, type: "Patient" as const, id: patientId }),
      })),
      ...(decision.undoes === undefined ? [] : [{ type: field("undoes"), valueString: decision.undoes }]),
    ],
    ...(decision.undoneBy === undefined ? {} : { output: [{ type: field("undone-by"), valueString: decision.undoneBy }] }),
  };
}

/** The decision a Task keeps; undefined when it is none. */
export function decisionOf(task: Task): Decision | undefined {
  const local = localOf(task.focus);
  const resident = residentOf(task.for);
  if (!task.code?.coding?.some((one) => one.code === "identity-decision") || local === undefined || resident === undefined)
    return undefined;
  const fields = (name: string) => (task.input ?? []).filter((one) => one.type.coding?.[0]?.code === name);
  const loser = residentOf(fields("loser")[0]?.valueReference);
  const practitioner = fields("steward")[0]?.valueString;
  const undoes = fields("undoes")[0]?.valueString;
  const undoneBy = task.output?.find((one) => one.type.coding?.[0]?.code === "undone-by")?.valueString;
  return {
    id: task.id ?? "",
    action: (fields("action")[0]?.valueCode ?? "link") as DecisionAction,
    local,
    resident,
    ...(loser === undefined ? {} : { loser }),
    moved: fields("moved").flatMap((one) => localOf(one.valueReference) ?? []),
    by: { client: task.requester?.identifier?.value ?? "", ...(practitioner === undefined ? {} : { practitioner }) },
    at: task.authoredOn ?? "",
    ...(undoneBy === undefined ? {} : { undoneBy }),
    ...(undoes === undefined ? {} : { undoes }),
  };
}

function localOf(reference: Task["focus"]): LocalPatient | undefined {
  const address = addressOf(reference);
  if (address?.type !== "Patient" || address.tenant === "DEFAULT") return undefined;
  return { tenant: address.tenant as InstitutionCode, patientId: address.id };
}
