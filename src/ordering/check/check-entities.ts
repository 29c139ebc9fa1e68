import type { AuditEntity } from "../../audit/audit-event.ts";
import { institutionReference, type ResourceAddress, resourceReference } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { CheckRecord, RecordedReminder } from "./check-record.ts";

/** What the event of a check tells beside who asked whom when. */
export type CheckFacts = Pick<
  CheckRecord,
  "uuid" | "visit" | "setting" | "department" | "emergency" | "policy" | "orders" | "reminders" | "silent"
> & {
  /** Results of the ordering institution itself that were shown. */
  readonly own: readonly { readonly address: ResourceAddress; readonly version: string }[];
};

/** The entities that carry a check in its AuditEvent; `recordOf` reads them back. Details hold codes, counts and ids, never values. */
export function checkEntities(facts: CheckFacts): AuditEntity[] {
  const { uuid, visit, setting, department, emergency, policy, orders, reminders, silent, own } = facts;
  const whole: AuditEntity = {
    what: { identifier: { system: systems.reminder, value: uuid } },
    detail: {
      policy,
      setting,
      emergency: String(emergency),
      ...(visit === undefined ? {} : { visit: visit.number }),
      orders: packed(orders.map((one) => [one.id, one.panel === undefined ? (one.item ?? "") : `panel:${one.panel}`])),
      ...(department === undefined ? {} : { department: department.code }),
      ...(department?.name === undefined ? {} : { departmentName: department.name }),
    },
  };
  const sources = silent.map((one) => ({ what: institutionReference(one.source), detail: { [one.kind]: one.cause } }));
  return [
    ...[whole, ...resultEntities(reminders, own), ...certificateEntities(reminders)],
    ...[...reminders.map(reminderEntity), ...sources],
  ];
}

/** What stood behind the results, so that a certificate that is withdrawn later finds where it counted. */
function certificateEntities(reminders: CheckFacts["reminders"]): AuditEntity[] {
  const ids = new Set(reminders.flatMap(({ results }) => results.flatMap((one) => one.certificate ?? [])));
  return [...ids].map((value) => ({ what: { identifier: { system: systems.certificate, value } } }));
}

/** One entity per result, however many orders it stands against: its version, and under each reminder's UUID what was decided. */
function resultEntities(reminders: CheckFacts["reminders"], own: CheckFacts["own"]): AuditEntity[] {
  const entities = new Map<string, { what: AuditEntity["what"]; detail: Record<string, string> }>();
  const entityOf = ({ address, version }: { address: ResourceAddress; version: string }) => {
    const key = `${address.tenant}/${address.type}/${address.id}`;
    const entity = entities.get(key) ?? { what: resourceReference(address), detail: { version } };
    entities.set(key, entity);
    return entity;
  };
  for (const { uuid, results } of reminders) {
    for (const { address, version, ...decided } of results) {
      const facts = Object.entries(decided).map(([name, value]) => [name, String(value)] as const);
      entityOf({ address, version }).detail[uuid] = packed(facts);
    }
  }
  for (const one of own) entityOf(one);
  return [...entities.values()];
}

function reminderEntity(reminder: RecordedReminder): AuditEntity {
  const { uuid, order, item, panel, results, own, unknown } = reminder;
  const count = (recognition: string) => String(results.filter((one) => one.recognition === recognition).length);
  return {
    what: { identifier: { system: systems.reminder, value: uuid } },
    detail: {
      order,
      item,
      ...(panel === undefined ? {} : { panel }),
      case: reminder.case,
      must: count("must"),
      may: count("may"),
      ineligible: count("ineligible"),
      own: String(own),
      unknown: unknown.join(","),
    },
  };
}

/** Names and values in one text, each escaped. */
function packed(pairs: readonly (readonly [string, string])[]): string {
  const params = new URLSearchParams();
  for (const [name, value] of pairs) params.append(name, value);
  return params.toString();
}
