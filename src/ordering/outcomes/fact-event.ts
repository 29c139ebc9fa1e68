import type { AuditEvent, AuditEventEntity } from "@medplum/fhirtypes";
import { type AuditAgent, type AuditEntity, type AuditKind, auditEvent } from "../../audit/audit-event.ts";
import { addressOf, institutionReference, type ResourceAddress, residentOf, resourceReference } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { ResidentId } from "../../kernel/brand.ts";
import type { CheckRecord, RecordedReminder } from "../check/check-record.ts";

/** The kinds of AuditEvent that tell a fact of a case; the check's own event tells the reminder. */
export const factEventKinds = [
  "recognition-answered",
  "recognition-referenced",
  "recognition-viewed",
  "recognition-revoked",
  "recognition-appealed",
  "recognition-fault-reported",
  "recognition-amended",
] as const satisfies readonly AuditKind[];
export type FactEventKind = (typeof factEventKinds)[number];

/** A fact as it is told. `id` is computed by the caller from what makes the fact one, so that telling it twice stores it once. */
export interface ToldFact {
  readonly id: string;
  readonly kind: FactEventKind;
  readonly at: Date;
  readonly agent: AuditAgent;
  /** The check in which the reminder was given. */
  readonly check: CheckRecord;
  readonly reminder: RecordedReminder;
  /** The earlier result it is about. */
  readonly result?: { readonly address: ResourceAddress; readonly version: string };
  /** The DetectedIssue that carries it. */
  readonly issue?: ResourceAddress;
  /** Codes, counts and ids: `outcome`, `reason`, `counts`, `explained`, `fen`, `revokes`, `laboratory`, `recognition`, … */
  readonly detail?: Readonly<Record<string, string | undefined>>;
}

/**
 * The event of a fact. Its case is one entity that carries what figures need, so that all facts of a case are one search
 * (`hutong-what=urn:hutong:recognition-case|<case>`); the result, its source and the DetectedIssue are entities too. `factIn` reads it back.
 */
export function factEvent(fact: ToldFact): AuditEvent {
  const { check, reminder, result, issue } = fact;
  return auditEvent({
    id: fact.id,
    kind: fact.kind,
    at: fact.at,
    outcome: "success",
    agent: fact.agent,
    resident: check.resident,
    purpose: check.purpose,
    entities: [
      caseEntity(fact),
      { what: { identifier: { system: systems.reminder, value: reminder.uuid } } },
      ...(result === undefined ? [] : resultEntities(result)),
      ...(issue === undefined ? [] : [{ what: resourceReference(issue) }]),
    ],
  });
}

function caseEntity({ check, reminder, detail = {} }: ToldFact): AuditEntity {
  const all = {
    check: check.id,
    institution: check.institution,
    order: reminder.order,
    item: reminder.item,
    panel: reminder.panel,
    setting: check.setting,
    emergency: String(check.emergency),
    department: check.department?.code,
    departmentName: check.department?.name,
    policy: check.policy,
    ...detail,
  };
  const told = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return {
    what: { identifier: { system: systems.recognitionCase, value: reminder.case } },
    detail: Object.fromEntries(told),
  };
}

/** The source stands beside its result, so that what happened to an institution's results is one search as well. */
function resultEntities({ address, version }: { address: ResourceAddress; version: string }): AuditEntity[] {
  return [{ what: resourceReference(address), detail: { version } }, { what: institutionReference(address.tenant) }];
}

/** A fact event read back. */
export interface FactInEvent {
  readonly id: string;
  readonly kind: FactEventKind;
  readonly at: Date;
  readonly case: string;
  readonly resident: ResidentId;
  /** As the practitioner's institution names them. */
  readonly practitioner?: string;
  readonly result?: { readonly address: ResourceAddress; readonly version: string };
  readonly issue?: ResourceAddress;
  /** What `factEvent` wrote of the case: `check`, `institution`, `order`, `item`, `setting`, `emergency`, `policy` and its `detail`. */
  readonly detail: Readonly<Record<string, string>>;
}

/** The fact an event tells; undefined for events of other kinds and for refused attempts. */
export function factIn(event: AuditEvent): FactInEvent | undefined {
  const code = event.subtype?.[0]?.code;
  const kind = factEventKinds.find((one) => one === code);
  const entities = event.entity ?? [];
  const ofCase = entities.find((one) => one.what?.identifier?.system === systems.recognitionCase);
  const resident = entities.map((one) => residentOf(one.what)).find((one) => one !== undefined);
  const value = ofCase?.what?.identifier?.value;
  if (kind === undefined || event.outcome !== "0" || value === undefined || resident === undefined) return undefined;
  const addressed = entities.flatMap((one) => ({ entity: one, address: addressOf(one.what) }));
  const issue = addressed.find(({ address }) => address?.type === "DetectedIssue")?.address;
  const result = addressed.find(({ address }) => address !== undefined && address.type !== "DetectedIssue");
  const detail = detailsOf(ofCase);
  const practitioner = practitionerIn(event, detail.institution ?? "");
  return {
    id: event.id ?? "",
    kind,
    at: new Date(event.recorded),
    case: value,
    resident,
    detail,
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(issue === undefined ? {} : { issue }),
    ...(result?.address === undefined
      ? {}
      : { result: { address: result.address, version: detailsOf(result.entity).version ?? "" } }),
  };
}

function practitionerIn(event: AuditEvent, institution: string): string | undefined {
  const named = event.agent.find((one) => one.who?.identifier?.system === systems.practitioner)?.who?.identifier?.value;
  return named?.startsWith(`${institution}/`) ? named.slice(institution.length + 1) : named;
}

function detailsOf(entity: AuditEventEntity | undefined): Record<string, string> {
  return Object.fromEntries((entity?.detail ?? []).map(({ type, valueString }) => [type ?? "", valueString ?? ""]));
}
