import type { AuditEvent } from "@medplum/fhirtypes";
import { type AuditEntity, type AuditFacts, auditEvent } from "../../audit/audit-event.ts";
import type { ConsentBasis } from "../../consent/model.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import type { Recognition } from "../../recognition/decide.ts";
import type { RecognitionCheck } from "./check.ts";
import type { CheckDeps } from "./check-deps.ts";
import { checkEntities } from "./check-entities.ts";
import type { RecordedReminder } from "./check-record.ts";
import { checkUuid } from "./check-uuid.ts";
import type { Draft } from "./draft-orders.ts";
import type { Findings } from "./find-results.ts";

/** A check as far as its event tells of it whatever was found. */
export interface AuditedCheck {
  readonly id: ResourceId;
  readonly check: Pick<RecognitionCheck, "asker" | "resident" | "visit" | "emergency">;
  /** `linhu 2026.1`. */
  readonly policy: string;
  readonly drafts: readonly Draft[];
}

/** What is about to be shown, and on which consents that rests. */
export interface Shown {
  readonly basis: readonly ConsentBasis[];
  readonly results: readonly Recognition[];
  readonly reminders: readonly RecordedReminder[];
  readonly silent: Findings["silent"];
}

/** A new id for a check or a reading of the history: that of its AuditEvent. */
export function newCheckId(deps: Pick<CheckDeps, "suite" | "unique">): ResourceId {
  return deps.suite.computeId("DEFAULT", "AuditEvent", "recognition-check", deps.unique()) as ResourceId;
}

/**
 * The event of one check, to be committed before its answer leaves: who asked in which visit by which policy, a reminder for each ordered item with what
 * stands against it and, when anything is shown, at once the disclosure that names every result with its version.
 */
export function checkEvent(deps: Pick<CheckDeps, "now" | "suite">, audited: AuditedCheck, shown: Shown): AuditEvent {
  const entities = [...consentEntities(shown.basis), ...entitiesOf(deps, audited, shown)];
  return eventOf(deps, audited, { ...kindsOf("recognition-check", shown.results), outcome: "success", entities });
}

/** A check that showed nothing, because consent did not permit it or nobody knows the resident; the reason goes no further than here. */
export function refusalEvent(deps: Pick<CheckDeps, "now" | "suite">, audited: AuditedCheck, reason: string): AuditEvent {
  const entities = entitiesOf(deps, audited, { results: [], reminders: [], silent: [] });
  return eventOf(deps, audited, { kind: "recognition-check", outcome: "refused", reason, entities });
}

/** What exists about a resident was shown, or refused: a disclosure, and no reminder of anything. */
export function historyEvent(
  deps: Pick<CheckDeps, "now" | "suite">,
  audited: AuditedCheck,
  shown: Pick<Shown, "basis" | "results"> | { readonly refused: string },
): AuditEvent {
  if ("refused" in shown)
    return eventOf(deps, audited, { kind: "recognition-history", outcome: "refused", reason: shown.refused, entities: [] });
  const results = shown.results.map(
    ({ prior }): AuditEntity => ({ what: resourceReference(prior.address), detail: { version: prior.version } }),
  );
  const entities = [...consentEntities(shown.basis), ...results];
  return eventOf(deps, audited, { ...kindsOf("recognition-history", shown.results), outcome: "success", entities });
}

function kindsOf(
  kind: "recognition-check" | "recognition-history",
  results: readonly Recognition[],
): Pick<AuditFacts, "kind" | "also"> {
  return results.length === 0 ? { kind } : { kind: "disclosure", also: kind };
}

function consentEntities(basis: readonly ConsentBasis[]): AuditEntity[] {
  return basis.map((one) => ({ what: { reference: `Consent/${one.id}/_history/${one.version}` } }));
}

function entitiesOf(
  deps: Pick<CheckDeps, "suite">,
  { id, check, policy, drafts }: AuditedCheck,
  { results, reminders, silent }: Omit<Shown, "basis">,
): AuditEntity[] {
  const { asker, visit, emergency } = check;
  const { institution } = asker;
  const orders = new Map(drafts.map((draft) => [draft.order, draft]));
  return checkEntities({
    uuid: checkUuid(deps.suite, id),
    ...(visit === undefined ? {} : { visit: { number: visit.number, kind: visit.kind } }),
    setting: visit?.kind ?? "outpatient",
    ...(visit?.department === undefined ? {} : { department: visit.department }),
    emergency: emergency === true,
    policy,
    orders: [...orders.values()].map(({ order, item, panel }) =>
      panel === undefined ? { id: order, ...(item === undefined ? {} : { item: item.id }) } : { id: order, panel: panel.id },
    ),
    reminders,
    silent,
    own: results.filter(({ prior }) => prior.source === institution).map(({ prior }) => prior),
  });
}

function eventOf(
  deps: Pick<CheckDeps, "now">,
  { id, check }: AuditedCheck,
  facts: Pick<AuditFacts, "kind" | "also" | "outcome" | "reason" | "entities">,
): AuditEvent {
  return auditEvent({
    ...facts,
    id,
    at: deps.now(),
    agent: check.asker,
    resident: check.resident,
    purpose: check.emergency === true ? "ETREAT" : "TREAT",
  });
}
