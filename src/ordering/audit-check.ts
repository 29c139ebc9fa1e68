import type { AuditEvent } from "@medplum/fhirtypes";
import { type AuditEntity, type AuditFacts, auditEvent } from "../audit/audit-event.ts";
import { institutionReference, resourceReference } from "../fhir/reference.ts";
import { systems } from "../fhir/systems.ts";
import type { Decision } from "../recognition/decide.ts";
import type { Item } from "../recognition/policy-schema.ts";
import type { RecognitionCheck } from "./check.ts";
import type { CheckDeps } from "./check-deps.ts";
import type { Findings } from "./find-results.ts";
import type { PermittedCheck } from "./judge-check.ts";
import { evidenceOf } from "./present-answer.ts";

/** What was decided and is about to be shown. */
export interface Shown {
  readonly judged: PermittedCheck;
  readonly silent: Findings["silent"];
  readonly decided: readonly { readonly item: Item | undefined; readonly decision: Decision | undefined }[];
}

/**
 * The event of one check, to be committed before its answer leaves: the reminder (how many results stand against each ordered item) and, when
 * anything is shown, at once the disclosure that names every result with its version.
 */
export function checkEvent(deps: CheckDeps, check: RecognitionCheck, { judged, silent, decided }: Shown): AuditEvent {
  const id = deps.unique();
  const consents = judged.basis.map(
    (one): AuditEntity => ({ what: { reference: `Consent/${one.id}/_history/${one.version}` } }),
  );
  const shown = new Map(
    decided
      .flatMap(({ decision }) => [...(decision?.others ?? []), ...(decision?.own ?? [])])
      .map((one) => [evidenceOf(one), one.prior]),
  );
  const results = [...shown.values()].map(
    (prior): AuditEntity => ({ what: resourceReference(prior.address), detail: { version: prior.version } }),
  );
  const sources = silent.map(
    (one): AuditEntity => ({ what: institutionReference(one.source), detail: { [one.kind]: one.cause } }),
  );
  const reminders = decided.flatMap(({ item, decision }) =>
    item === undefined || decision === undefined ? [] : [reminderOf(item, decision)],
  );
  const kinds =
    results.length === 0
      ? ({ kind: "recognition-check" } as const)
      : ({ kind: "disclosure", also: "recognition-check" } as const);
  return eventOf(deps, check, {
    ...kinds,
    id,
    outcome: "success",
    entities: [...consents, ...results, ...reminders, ...sources],
  });
}

/** A check that showed nothing, because consent did not permit it or nobody knows the resident; the reason goes no further than here. */
export function refusalEvent(deps: CheckDeps, check: RecognitionCheck, reason: string): AuditEvent {
  return eventOf(deps, check, { id: deps.unique(), kind: "recognition-check", outcome: "refused", reason, entities: [] });
}

function reminderOf(item: Item, { others, own, unknown }: Decision): AuditEntity {
  const count = (recognition: string) => String(others.filter((one) => one.recognition === recognition).length);
  return {
    what: { identifier: { system: systems.recognitionItem, value: item.id } },
    detail: {
      must: count("must"),
      may: count("may"),
      ineligible: count("ineligible"),
      unknown: String(unknown.length),
      own: String(own.length),
    },
  };
}

function eventOf(
  deps: CheckDeps,
  check: RecognitionCheck,
  facts: Pick<AuditFacts, "id" | "kind" | "also" | "outcome" | "reason" | "entities">,
): AuditEvent {
  return auditEvent({
    ...facts,
    id: deps.suite.computeId("DEFAULT", "AuditEvent", facts.kind, facts.id),
    at: deps.now(),
    agent: check.asker,
    resident: check.resident,
    purpose: check.emergency === true ? "ETREAT" : "TREAT",
  });
}
