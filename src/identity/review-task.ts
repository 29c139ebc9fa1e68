import type { Task } from "@medplum/fhirtypes";
import { addressOf, residentOf, residentReference, resourceReference } from "../fhir/reference.ts";
import type { SearchParams } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { ReviewReason } from "./decide-link.ts";
import type { LocalPatient } from "./person.ts";

const reasonSystem = "urn:hutong:review-reason";

/** What a review Task says: which record waits, whose number it carries, why and since when. */
export interface ReviewFacts {
  readonly id: string;
  readonly local: LocalPatient;
  readonly resident: ResidentId;
  readonly reasons: readonly ReviewReason[];
  /** Instant. */
  readonly openedAt: string;
}

/** A record that no machine may link to this resident, and why. */
export interface ReviewFound {
  readonly local: LocalPatient;
  readonly resident: ResidentId;
  readonly reasons: readonly ReviewReason[];
}

/**
 * The Task that waits for a steward: one for each record and resident, however often the record comes (its id is computed from both). Names
 * nobody; the records it points to are read when the steward looks, and decide whether it still stands. What a steward closed is not opened again.
 */
export function reviewTask(found: ReviewFound, suite: CryptoSuite, at: Date): Task {
  const { local } = found;
  return {
    resourceType: "Task",
    id: suite.computeId("DEFAULT", "Task", "identity-review", local.tenant, local.patientId, found.resident),
    status: "on-hold",
    statusReason: { coding: found.reasons.map((code) => ({ system: reasonSystem, code })) },
    intent: "order",
    code: { coding: [{ system: systems.taskKind, code: "identity-review" }] },
    focus: resourceReference({ tenant: local.tenant, type: "Patient", id: local.patientId }),
    for: residentReference(found.resident),
    authoredOn: instant(at),
  };
}

/** The facts of a review Task; undefined when it is none of ours. */
export function reviewFacts(task: Task): ReviewFacts | undefined {
  const address = addressOf(task.focus);
  const resident = residentOf(task.for);
  if (address?.type !== "Patient" || address.tenant === "DEFAULT" || resident === undefined) return undefined;
  return {
    id: task.id ?? "",
    local: { tenant: address.tenant as InstitutionCode, patientId: address.id },
    resident,
    reasons: (task.statusReason?.coding ?? []).map((coding) => coding.code as ReviewReason),
    openedAt: task.authoredOn ?? "",
  };
}

/** Whether a review was closed by nobody: what it asked may have to be asked again. */
export function resolvedItself(task: Task): boolean {
  return task.status === "completed" && (task.output ?? []).some(({ valueCode }) => valueCode === "resolved-itself");
}

/** Search parameters of the reviews that wait for a steward about these residents. */
export function openReviewsOf(residents: readonly ResidentId[]): SearchParams {
  return {
    code: `${systems.taskKind}|identity-review`,
    status: "on-hold",
    "hutong-for": residents.map((resident) => `${systems.resident}|${resident}`).join(","),
  };
}
