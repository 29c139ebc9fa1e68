import type { AuditEvent } from "@medplum/fhirtypes";
import { addressOf } from "../fhir/reference.ts";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { ResidentId } from "../kernel/brand.ts";
import type { AuditKind } from "./audit-event.ts";

/** One line of "who looked": as much as the resident needs to judge it, no ids of other people. */
export interface AccessEntry {
  readonly at: string;
  readonly kind: AuditKind;
  readonly outcome: "success" | "refused" | "failed";
  readonly institution?: string;
  readonly practitioner?: string;
  readonly purpose?: string;
  /** Of an answer to a reminder: `adopted` (互认), `declined`, `incomplete`, `explained`. */
  readonly answer?: string;
  /** Who was told, and why, that what it had been shown does not stand any more: `amended`, `voided`, `certificate-withdrawn`, `link-corrected`. */
  readonly told?: { readonly institution: string; readonly why: string };
  /** Which institutions' records were shown, with how many reports and results each. */
  readonly shown: readonly { readonly institution: string; readonly count: number }[];
}

const told = [
  "lookup-accepted",
  "lookup-woken",
  "disclosure",
  "disclosure-cut",
  "recognition-check",
  "recognition-answered",
  "recognition-referenced",
  "recognition-viewed",
  "recognition-revoked",
  "recognition-fault-reported",
  "recognition-history",
  "notice-opened",
  "consent-given",
  "consent-withdrawn",
  "identity-decided",
  "link-corrected",
  "refusal",
];

/** Who asked for, saw or was refused the resident's records (`residents`: every golden id of the person), newest first; `limit` entries at most, `more` when older ones exist. */
export async function accessLog(
  store: FhirStore,
  residents: readonly ResidentId[],
  limit: number,
): Promise<{ entries: AccessEntry[]; more: boolean }> {
  const page = await store.search(
    "DEFAULT",
    "AuditEvent",
    {
      "hutong-what": residents.map((resident) => `${systems.resident}|${resident}`).join(","),
      subtype: told.map((kind) => `${systems.auditKind}|${kind}`).join(","),
      _sort: "-date",
    },
    limit,
  );
  return { entries: page.resources.map(entryOf), more: page.more };
}

function entryOf(event: AuditEvent): AccessEntry {
  const [client] = event.agent;
  const practitioner = event.agent.find((agent) => agent.who?.identifier?.system === systems.practitioner)?.who?.identifier
    ?.value;
  const institution = client?.who?.identifier?.value;
  const answer = event.entity
    ?.find((one) => one.what?.identifier?.system === systems.recognitionCase)
    ?.detail?.find((one) => one.type === "outcome")?.valueString;
  const purpose = event.purposeOfEvent?.[0]?.coding?.[0]?.code;
  return {
    at: event.recorded,
    kind: event.subtype?.[0]?.code as AuditKind,
    outcome: event.outcome === "0" ? "success" : event.outcome === "4" ? "refused" : "failed",
    ...(institution === undefined ? {} : { institution }),
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(answer === undefined ? {} : { answer }),
    ...toldIn(event),
    shown: shownIn(event),
  };
}

function toldIn(event: AuditEvent): Pick<AccessEntry, "told"> {
  if (event.subtype?.[0]?.code !== "notice-opened") return {};
  const named = event.entity?.find((one) => one.what?.identifier?.system === systems.institution)?.what?.identifier?.value;
  return named === undefined ? {} : { told: { institution: named, why: event.outcomeDesc ?? "" } };
}

function shownIn(event: AuditEvent): { institution: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const entity of event.entity ?? []) {
    const { tenant, type } = addressOf(entity.what) ?? {};
    // A Patient is named where its link changed, a DetectedIssue where something was said; no record was shown by that.
    if (tenant !== undefined && tenant !== "DEFAULT" && type !== "Patient" && type !== "DetectedIssue")
      counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
  }
  return [...counts]
    .map(([institution, count]) => ({ institution, count }))
    .sort((a, b) => a.institution.localeCompare(b.institution));
}
