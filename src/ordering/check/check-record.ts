import type { AuditEvent, AuditEventEntity } from "@medplum/fhirtypes";
import { addressOf, type ResourceAddress, residentOf } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../../kernel/brand.ts";
import type { Silence } from "../../recognition/decide.ts";
import type { Kind, Setting } from "../../recognition/policy-schema.ts";

/** One earlier result of another institution as it was shown, and what was decided on it. */
export interface RecordedResult {
  readonly address: ResourceAddress;
  readonly version: string;
  readonly recognition: "must" | "may" | "ineligible";
  readonly daysLeft?: number;
  readonly basis?: string;
  readonly certificate?: string;
  readonly certificateState?: string;
  readonly laboratory?: string;
}

/** A reminder (提醒): what was shown against one ordered item. */
export interface RecordedReminder {
  readonly uuid: string;
  readonly order: string;
  readonly item: string;
  readonly panel?: string;
  readonly case: string;
  readonly results: readonly RecordedResult[];
  /** How many results of the ordering institution itself were shown beside them. */
  readonly own: number;
  /** Institutions that did not answer about this item. */
  readonly unknown: readonly string[];
}

/** An order of the check and what the catalogue took it for; neither item nor panel = no catalogue has it. */
export interface RecordedOrder {
  readonly id: string;
  readonly item?: string;
  readonly panel?: string;
}

/** A check as its AuditEvent tells it: the only record of what was shown. */
export interface CheckRecord {
  readonly id: string;
  /** Names the check as a whole, as a reminder's UUID names a reminder. */
  readonly uuid: string;
  readonly at: Date;
  /** Without consent, or when nobody knows the resident: nothing was shown. */
  readonly refused: boolean;
  readonly client: string;
  readonly institution: InstitutionCode;
  readonly practitioner?: { readonly id: string; readonly role?: string };
  readonly resident: ResidentId;
  readonly purpose: "TREAT" | "ETREAT";
  readonly visit?: { readonly number: string; readonly kind: Setting };
  readonly setting: Setting;
  readonly department?: { readonly code: string; readonly name?: string };
  readonly emergency: boolean;
  /** `linhu 2026.1`. */
  readonly policy: string;
  readonly orders: readonly RecordedOrder[];
  readonly reminders: readonly RecordedReminder[];
  readonly silent: readonly (Silence & { readonly kind: Kind })[];
}

/** The check an AuditEvent records, or undefined when it records none. */
export function recordOf(event: AuditEvent): CheckRecord | undefined {
  if (!event.subtype?.some((one) => one.code === "recognition-check")) return undefined;
  const entities = event.entity ?? [];
  const named = entities.filter((one) => one.what?.identifier?.system === systems.reminder);
  const whole = named.find((one) => detailOf(one, "policy") !== undefined);
  const resident = entities.map((one) => residentOf(one.what)).find((one) => one !== undefined);
  const institution = event.agent[0]?.who?.identifier?.value as InstitutionCode | undefined;
  const uuid = whole?.what?.identifier?.value;
  if (whole === undefined || resident === undefined || institution === undefined || !uuid || !event.id) return undefined;
  const visit = visitOf(whole);
  const [department, name] = [detailOf(whole, "department"), detailOf(whole, "departmentName")];
  return {
    id: event.id,
    uuid,
    at: new Date(event.recorded),
    refused: event.outcome === "4",
    client: event.agent[0]?.name ?? institution,
    institution,
    ...practitionerOf(event, institution),
    resident,
    purpose: event.purposeOfEvent?.[0]?.coding?.[0]?.code === "ETREAT" ? "ETREAT" : "TREAT",
    ...(visit === undefined ? {} : { visit }),
    setting: (detailOf(whole, "setting") ?? "outpatient") as Setting,
    ...(department === undefined ? {} : { department: { code: department, ...(name === undefined ? {} : { name }) } }),
    emergency: detailOf(whole, "emergency") === "true",
    policy: detailOf(whole, "policy") ?? "",
    orders: [...new URLSearchParams(detailOf(whole, "orders"))].map(([id, meant]) => orderOf(id, meant)),
    reminders: named.filter((one) => one !== whole).map((one) => reminderOf(one, entities)),
    silent: entities.flatMap(silenceOf),
  };
}

function orderOf(id: string, meant: string): RecordedOrder {
  if (meant.startsWith("panel:")) return { id, panel: meant.slice(6) };
  return meant === "" ? { id } : { id, item: meant };
}

function reminderOf(entity: AuditEventEntity, all: readonly AuditEventEntity[]): RecordedReminder {
  const uuid = entity.what?.identifier?.value ?? "";
  const panel = detailOf(entity, "panel");
  const unknown = detailOf(entity, "unknown") ?? "";
  return {
    uuid,
    order: detailOf(entity, "order") ?? "",
    item: detailOf(entity, "item") ?? "",
    ...(panel === undefined ? {} : { panel }),
    case: detailOf(entity, "case") ?? "",
    results: all.flatMap((one) => resultOf(one, uuid)),
    own: Number(detailOf(entity, "own") ?? 0),
    unknown: unknown === "" ? [] : unknown.split(","),
  };
}

function resultOf(entity: AuditEventEntity, uuid: string): RecordedResult[] {
  const address = addressOf(entity.what);
  const decided = detailOf(entity, uuid);
  if (address === undefined || decided === undefined) return [];
  const { recognition, daysLeft, ...rest } = Object.fromEntries(new URLSearchParams(decided));
  return [
    {
      address,
      version: detailOf(entity, "version") ?? "",
      recognition: recognition as RecordedResult["recognition"],
      ...(daysLeft === undefined ? {} : { daysLeft: Number(daysLeft) }),
      ...rest,
    },
  ];
}

function visitOf(whole: AuditEventEntity): CheckRecord["visit"] {
  const number = detailOf(whole, "visit");
  return number === undefined ? undefined : { number, kind: (detailOf(whole, "setting") ?? "outpatient") as Setting };
}

function silenceOf(entity: AuditEventEntity): CheckRecord["silent"][number][] {
  const { system, value } = entity.what?.identifier ?? {};
  if (system !== systems.institution || value === undefined) return [];
  return (entity.detail ?? []).map(({ type, valueString }) => ({
    source: value as InstitutionCode,
    kind: type as Kind,
    cause: valueString as Silence["cause"],
  }));
}

function practitionerOf(event: AuditEvent, institution: string): Pick<CheckRecord, "practitioner"> {
  const agent = event.agent.find((one) => one.who?.identifier?.system === systems.practitioner);
  const id = agent?.who?.identifier?.value?.slice(institution.length + 1);
  const role = agent?.role?.[0]?.text;
  return id ? { practitioner: { id, ...(role === undefined ? {} : { role }) } } : {};
}

function detailOf(entity: AuditEventEntity, type: string): string | undefined {
  return entity.detail?.find((one) => one.type === type)?.valueString;
}

/** Reads a check by its id; undefined when there is none. Throws `Fault("store-down")`. */
export async function readCheck(store: Pick<FhirStore, "read">, id: string): Promise<CheckRecord | undefined> {
  const event = await store.read("DEFAULT", "AuditEvent", id);
  return event === undefined ? undefined : recordOf(event);
}

/** The check a card speaks of by its UUID, and the reminder; without one the UUID names the check as a whole. */
export async function findReminder(
  store: Pick<FhirStore, "search">,
  uuid: string,
): Promise<{ readonly check: CheckRecord; readonly reminder?: RecordedReminder } | undefined> {
  const params = { "hutong-what": `${systems.reminder}|${uuid}`, subtype: `${systems.auditKind}|recognition-check` };
  const { resources } = await store.search("DEFAULT", "AuditEvent", params, 10);
  for (const check of resources.flatMap((one) => recordOf(one) ?? [])) {
    const reminder = check.reminders.find((one) => one.uuid === uuid);
    if (reminder !== undefined) return { check, reminder };
    if (check.uuid === uuid) return { check };
  }
  return undefined;
}
