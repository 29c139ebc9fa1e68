import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Reference } from "@medplum/fhirtypes";
import { residentReference } from "../fhir/reference.ts";
import { systems } from "../fhir/systems.ts";
import type { ResidentId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";

const dcm = "http://dicom.nema.org/resources/ontology/DCM";
const restful = "http://terminology.hl7.org/CodeSystem/audit-event-type";

interface AuditTraits {
  readonly type: Coding;
  readonly action: "C" | "R" | "U" | "D" | "E";
  readonly display: string;
}

/** Every kind of event that is audited, with its event type after IHE BALP: 110106 export, 110107 import, 110113 security alert (consent decisions too). */
export const auditKinds = {
  "export-finished": {
    type: { system: dcm, code: "110107", display: "Import" },
    action: "E",
    display: "An export was worked through",
  },
  "raw-expired": {
    type: { system: dcm, code: "110107", display: "Import" },
    action: "D",
    display: "The raw files of an export were deleted: they were older than the setting keeps them",
  },
  "mapping-uploaded": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "C",
    display: "A version of a feed's mapping was brought in",
  },
  "mapping-activated": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "U",
    display: "A version of a feed's mapping was made to count",
  },
  "mapping-retired": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "U",
    display: "A version of a feed's mapping was taken back",
  },
  "mapping-work-started": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "E",
    display: "Raw exports of a period are tried or worked through with a version of their mapping",
  },
  "mapping-work-stopped": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "U",
    display: "A dry-run or replay of a mapping was stopped",
  },
  "mapping-replayed": {
    type: { system: dcm, code: "110107", display: "Import" },
    action: "E",
    display: "Raw exports of a period were worked through again",
  },
  "lookup-accepted": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "E",
    display: "A lookup was accepted; the consent decision is its outcome",
  },
  "lookup-run": {
    type: { system: restful, code: "rest", display: "RESTful Operation" },
    action: "R",
    display: "A lookup asked its sources; nothing was disclosed",
  },
  "lookup-woken": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "U",
    display: "A waiting lookup was set free by a consent",
  },
  disclosure: {
    type: { system: dcm, code: "110106", display: "Export" },
    action: "R",
    display: "Records were shown to an institution",
  },
  "disclosure-cut": {
    type: { system: dcm, code: "110106", display: "Export" },
    action: "R",
    display: "A disclosure was cut after a withdrawal",
  },
  "recognition-check": {
    type: { system: dcm, code: "110106", display: "Export" },
    action: "R",
    display: "Prior results were checked for recognition and shown",
  },
  "recognition-history": {
    type: { system: dcm, code: "110106", display: "Export" },
    action: "R",
    display: "What exists about a patient was shown when the patient was identified",
  },
  "result-transcribed": {
    type: { system: dcm, code: "110107", display: "Import" },
    action: "C",
    display: "An institution typed in a result that the patient brought on paper",
  },
  "recognition-answered": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "C",
    display: "A doctor answered whether an earlier result is recognised",
  },
  "recognition-referenced": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "C",
    display: "An earlier result was quoted in the record of a visit",
  },
  "recognition-viewed": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "R",
    display: "The report or the images of an earlier result were opened",
  },
  "recognition-revoked": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "U",
    display: "An answer about recognition was taken back",
  },
  "recognition-appealed": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "C",
    display: "An answer about recognition was appealed against",
  },
  "recognition-fault-reported": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "C",
    display: "A fault of a result was reported to its source",
  },
  "recognition-amended": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "U",
    display: "An earlier result that was shown or recognised was changed, voided or lost its certificate",
  },
  "recognition-outcomes-read": {
    type: { system: restful, code: "rest", display: "RESTful Operation" },
    action: "R",
    display: "An institution read its own answers about recognition",
  },
  "notice-opened": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "C",
    display: "An institution is told that something it was shown or relied on does not stand any more",
  },
  "notice-acknowledged": {
    type: { system: dcm, code: "110100", display: "Application Activity" },
    action: "U",
    display: "An institution took note of a notice",
  },
  "notice-escalated": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "U",
    display: "A notice that nobody took note of was put before the operator",
  },
  "consent-given": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "C",
    display: "A resident gave a consent",
  },
  "consent-withdrawn": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "U",
    display: "A resident withdrew a consent",
  },
  "identity-decided": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "U",
    display: "A steward decided whose a record is",
  },
  "link-corrected": {
    type: { system: dcm, code: "110113", display: "Security Alert" },
    action: "U",
    display: "A record was taken from a resident it did not belong to",
  },
  "patient-registered": {
    type: { system: dcm, code: "110107", display: "Import" },
    action: "C",
    display: "An institution registered a patient of its own",
  },
  "cross-reference-read": {
    type: { system: restful, code: "rest", display: "RESTful Operation" },
    action: "R",
    display: "An institution asked which of its own records are one person",
  },
  "reviews-read": {
    type: { system: restful, code: "rest", display: "RESTful Operation" },
    action: "R",
    display: "A steward read identity reviews",
  },
  "access-log-read": {
    type: { system: restful, code: "rest", display: "RESTful Operation" },
    action: "R",
    display: "A resident read who looked",
  },
  refusal: { type: { system: dcm, code: "110113", display: "Security Alert" }, action: "E", display: "A request was refused" },
  "authentication-failed": {
    type: { system: dcm, code: "110114", display: "User Authentication" },
    action: "E",
    display: "Requests without a valid token, counted per client and minute",
  },
} as const satisfies Record<string, AuditTraits>;

export type AuditKind = keyof typeof auditKinds;

/** Who acted: the client that held the token, the institution behind it, the practitioner it named. */
export interface AuditAgent {
  readonly client: string;
  readonly institution?: string;
  readonly practitioner?: { readonly id: string; readonly role?: string };
  readonly resident?: ResidentId;
}

/** One thing the event is about: a report with its version, a Consent, a Task; details are codes and counts, never values. */
export interface AuditEntity {
  readonly what: Reference;
  readonly detail?: Readonly<Record<string, string>>;
}

/** What an event tells. `id` is computed by the caller, so that telling it twice stores it once. */
export interface AuditFacts {
  readonly id: string;
  readonly kind: AuditKind;
  /** A second kind it is as well: a check that showed results is a disclosure too, and one event costs half of two. */
  readonly also?: AuditKind;
  readonly at: Date;
  readonly outcome: "success" | "refused" | "failed";
  readonly agent: AuditAgent;
  readonly resident?: ResidentId;
  /** v3-ActReason code, e.g. `TREAT`. */
  readonly purpose?: string;
  readonly entities?: readonly AuditEntity[];
  /** A code, e.g. `consent-withdrawn`; goes to the audit, never to the caller. */
  readonly reason?: string;
}

/** An AuditEvent (IHE BALP shape) that names the resident by identifier and every released thing with its version. */
export function auditEvent(facts: AuditFacts): AuditEvent {
  const traits = auditKinds[facts.kind];
  const purpose =
    facts.purpose === undefined
      ? {}
      : {
          purposeOfEvent: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActReason", code: facts.purpose }] }],
        };
  return {
    resourceType: "AuditEvent",
    id: facts.id,
    type: traits.type,
    subtype: [facts.kind, ...(facts.also === undefined ? [] : [facts.also])].map((code) => ({
      system: systems.auditKind,
      code,
      display: auditKinds[code].display,
    })),
    action: traits.action,
    recorded: instant(facts.at),
    outcome: facts.outcome === "success" ? "0" : facts.outcome === "refused" ? "4" : "8",
    ...(facts.reason === undefined ? {} : { outcomeDesc: facts.reason }),
    ...purpose,
    agent: agentsOf(facts.agent),
    source: { observer: { display: "Hutong" } },
    entity: entitiesOf(facts),
  };
}

function agentsOf(agent: AuditAgent): AuditEventAgent[] {
  const client: AuditEventAgent = {
    type: { coding: [{ system: dcm, code: "110150", display: "Application" }] },
    who: { identifier: { system: systems.institution, value: agent.institution ?? agent.client } },
    name: agent.client,
    requestor: agent.practitioner === undefined && agent.resident === undefined,
  };
  const person: AuditEventAgent[] = [];
  if (agent.practitioner !== undefined) {
    const { id, role } = agent.practitioner;
    const value = `${agent.institution ?? agent.client}/${id}`;
    person.push({
      who: { identifier: { system: systems.practitioner, value } },
      ...(role === undefined ? {} : { role: [{ text: role }] }),
      requestor: true,
    });
  }
  if (agent.resident !== undefined) person.push({ who: residentReference(agent.resident), requestor: true });
  return [client, ...person];
}

function entitiesOf(facts: AuditFacts): AuditEventEntity[] {
  const role = (code: string) => ({ system: "http://terminology.hl7.org/CodeSystem/object-role", code });
  const resident = facts.resident === undefined ? [] : [{ what: residentReference(facts.resident), role: role("1") }];
  const others = (facts.entities ?? []).map(({ what, detail }) => ({
    what,
    role: role("4"),
    ...(detail === undefined ? {} : { detail: Object.entries(detail).map(([type, valueString]) => ({ type, valueString })) }),
  }));
  return [...resident, ...others];
}
