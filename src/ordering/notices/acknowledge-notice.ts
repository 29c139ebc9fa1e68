import { type AuditAgent, auditEvent } from "../../audit/audit-event.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import { instant, type Now } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { Fault } from "../../kernel/fault.ts";
import { textField, withOutputs } from "../../work/task.ts";
import { type Notice, noticeOf } from "./notice.ts";

/** Who takes note of which notice. */
export interface Acknowledgement {
  readonly id: string;
  readonly institution: InstitutionCode;
  readonly by: AuditAgent;
}

const rounds = 5;

/**
 * Closes a notice: somebody of the institution took note. Repeated, it stays as it was the first time. Undefined = this institution has no such notice.
 * Throws `Fault("store-down")`, and `Fault("conflict")` when others never stop changing it.
 */
export async function acknowledgeNotice(
  deps: {
    readonly store: Pick<FhirStore, "read" | "commit">;
    readonly suite: Pick<CryptoSuite, "computeId">;
    readonly now: Now;
  },
  { id, institution, by }: Acknowledgement,
): Promise<Notice | undefined> {
  for (let round = 0; round < rounds; round++) {
    const task = await deps.store.read("DEFAULT", "Task", id);
    const notice = task === undefined ? undefined : noticeOf(task);
    if (task === undefined || notice?.institution !== institution) return undefined;
    if (notice.state === "acknowledged") return notice;
    const at = instant(deps.now());
    const outputs = [
      textField("acknowledgedAt", at),
      textField("acknowledgedBy", by.client),
      ...(by.practitioner === undefined ? [] : [textField("practitioner", by.practitioner.id)]),
    ];
    const resource = { ...withOutputs(task, outputs), status: "completed" as const, lastModified: at };
    const audit = auditEvent({
      id: deps.suite.computeId("DEFAULT", "AuditEvent", "notice-acknowledged", id),
      kind: "notice-acknowledged",
      at: deps.now(),
      outcome: "success",
      agent: by,
      entities: [{ what: resourceReference({ tenant: "DEFAULT", type: "Task", id: id as ResourceId }) }],
    });
    const outcome = await deps.store.commit("DEFAULT", [
      { kind: "update", resource, ifMatch: task.meta?.versionId ?? "" },
      { kind: "put", resource: audit },
    ]);
    if (outcome.kind === "committed") return noticeOf(resource);
  }
  throw new Fault("conflict");
}
