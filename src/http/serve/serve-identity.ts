import type { AuditEvent } from "@medplum/fhirtypes";
import { type AuditKind, auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { resourceReference } from "../../fhir/reference.ts";
import { answerReview } from "../../identity/answer-review.ts";
import { currentLinks } from "../../identity/current-links.ts";
import type { Decider, Decision } from "../../identity/decision-task.ts";
import { decisionsOn, explainRecord } from "../../identity/explain-record.ts";
import { keyOf } from "../../identity/find-candidates.ts";
import { joinRecord } from "../../identity/join-record.ts";
import type { LinkDeps } from "../../identity/link-patients.ts";
import { listReviews } from "../../identity/list-reviews.ts";
import { partRecord } from "../../identity/part-record.ts";
import type { LocalPatient } from "../../identity/person.ts";
import { undoDecision } from "../../identity/undo-decision.ts";
import type { ResidentId, ResourceId } from "../../kernel/brand.ts";
import type { Caller } from "../caller.ts";
import type { IdentityDecision, RecordKey } from "../contract/identity.ts";
import type { UseCases } from "../use-cases.ts";

type Served = Pick<
  UseCases,
  "listReviews" | "answerReview" | "explainRecord" | "linkRecord" | "unlinkRecord" | "listDecisions" | "undoDecision"
>;

type Deps = Omit<LinkDeps, "openReviews"> & { readonly unique: () => string };

/** The steward's doors. Seeing people is audited before the answer, a decision with its change in one transaction. */
export function serveIdentity(deps: Deps): Served {
  const linking: LinkDeps = {
    ...deps,
    openReviews: async (tasks) => void (await deps.store.createMissing("DEFAULT", tasks)),
  };
  const seen = (caller: Caller, records: readonly LocalPatient[]) =>
    recordAudit(deps.store, [eventOf(deps, { kind: "reviews-read", key: deps.unique(), caller, records })]);
  const audited = (caller: Caller) => (decision: Decision) => [decidedEvent(deps, caller, decision)];

  return {
    async listReviews({ caller }) {
      const list = await listReviews(deps);
      await seen(caller, []);
      return list;
    },
    async answerReview({ caller, id, answer }) {
      const answered = await answerReview(linking, { id, answer, by: deciderOf(caller), audit: audited(caller) });
      if (answered.kind === "decided") return { kind: "decided", decision: shown(answered.decision) };
      return answered.kind === "closed" ? { kind: "conflict" } : undefined;
    },
    async explainRecord({ caller, record }) {
      const explanation = await explainRecord(deps, localOf(record));
      if (explanation === undefined) return undefined;
      await seen(caller, [localOf(record)]);
      return { ...explanation, decisions: explanation.decisions.map(shown) };
    },
    async linkRecord({ caller, record, with: other }) {
      const resident = await residentOf(deps, other);
      if (resident === undefined) return undefined;
      const decision = await joinRecord(linking, wordOf(deps, caller, record, resident));
      return decision === undefined ? undefined : shown(decision);
    },
    async unlinkRecord({ caller, record }) {
      const resident = await residentOf(deps, record);
      if (resident === undefined) return undefined;
      const decision = await partRecord(linking, wordOf(deps, caller, record, resident));
      return decision === undefined ? undefined : shown(decision);
    },
    async listDecisions({ caller }) {
      const decisions = await decisionsOn(deps.store);
      await seen(caller, []);
      return decisions.map(shown);
    },
    async undoDecision({ caller, id }) {
      const undone = await undoDecision(linking, { id, by: deciderOf(caller), audit: audited(caller) });
      if (undone.kind === "decided") return { kind: "decided", decision: shown(undone.decision) };
      return undone.kind === "undone" ? { kind: "conflict" } : undefined;
    },
  };
}

/** The person a record is linked to now. */
async function residentOf({ store }: Deps, record: RecordKey): Promise<ResidentId | undefined> {
  const local = localOf(record);
  return (await currentLinks(store, [local])).get(keyOf(local))?.[0]?.golden.id as ResidentId | undefined;
}

function wordOf(deps: Deps, caller: Caller, record: RecordKey, resident: ResidentId) {
  const id = deps.suite.computeId("DEFAULT", "Task", "identity-decision", deps.unique());
  const audit = (decision: Decision) => [decidedEvent(deps, caller, decision)];
  return { local: localOf(record), resident, by: deciderOf(caller), id, audit };
}

function localOf({ institution, patient }: RecordKey): LocalPatient {
  return { tenant: institution as LocalPatient["tenant"], patientId: patient as ResourceId };
}

function deciderOf({ client, practitioner }: Caller): Decider {
  return { client, ...(practitioner === undefined ? {} : { practitioner: practitioner.id }) };
}

/** A decision without the resident's id: what a golden Patient is called stays here. */
function shown({ id, action, local, by, at, undoes, undoneBy }: Decision): IdentityDecision {
  return {
    id,
    action,
    record: { institution: local.tenant, patient: local.patientId },
    by: by.client,
    ...(by.practitioner === undefined ? {} : { steward: by.practitioner }),
    at,
    ...(undoes === undefined ? {} : { undoes }),
    ...(undoneBy === undefined ? {} : { undoneBy }),
  };
}

function decidedEvent(deps: Deps, caller: Caller, decision: Decision): AuditEvent {
  const { id, resident, local } = decision;
  return eventOf(deps, { kind: "identity-decided", key: id, caller, records: [local], resident, task: id });
}

interface StewardEvent {
  readonly kind: Extract<AuditKind, "identity-decided" | "reviews-read">;
  readonly key: string;
  readonly caller: Caller;
  readonly records: readonly LocalPatient[];
  readonly resident?: ResidentId;
  readonly task?: string;
}

function eventOf(deps: Deps, { kind, key, caller, records, resident, task }: StewardEvent): AuditEvent {
  const { client, practitioner } = caller;
  return auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", kind, client, key),
    kind,
    at: deps.now(),
    outcome: "success",
    agent: { client, ...(practitioner === undefined ? {} : { practitioner: { id: practitioner.id } }) },
    ...(resident === undefined ? {} : { resident }),
    entities: [
      ...(task === undefined ? [] : [{ what: resourceReference({ tenant: "DEFAULT", type: "Task", id: task as ResourceId }) }]),
      ...records.map(({ tenant, patientId }) => ({ what: resourceReference({ tenant, type: "Patient", id: patientId }) })),
    ],
  });
}
