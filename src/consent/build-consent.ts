import type { Coding, Consent, ConsentProvisionActor, Period } from "@medplum/fhirtypes";
import { institutionReference, localReference } from "../fhir/reference.ts";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import type { Problem } from "../kernel/fault.ts";
import { intervalOf, periodInterval } from "./interval.ts";
import { codeSystems, type Dates, type Grant } from "./model.ts";

/** What makes a well-shaped grant senseless, by field; empty = it can be recorded. Values are never repeated. */
export function grantProblems(grant: Grant, now: Date): Problem[] {
  const problems: Problem[] = [];
  const complain = (field: string, reason: string) => problems.push({ field, reason });
  if (grant.recipients.length === 0) complain("recipients", "must name at least one institution");
  if (grant.sources?.length === 0) complain("sources", "must name an institution, or be left out for all");
  if (grant.categories.length === 0) complain("categories", "must name at least one category");
  if (grant.purposes.length === 0) complain("purposes", "must name at least one purpose");
  const period = periodInterval(grant.period);
  if (period === "unreadable") complain("period", "must be dates, the end not before the start");
  else if (period.until <= now.getTime()) complain("period.end", "must lie in the future");
  if (grant.dataPeriod !== undefined && periodInterval(grant.dataPeriod) === "unreadable")
    complain("dataPeriod", "must be dates, the end not before the start");
  if (grant.visit !== undefined && !grant.recipients.includes(grant.visit.institution))
    complain("visit.institution", "must be one of the recipients");
  return problems;
}

/**
 * The FHIR Consent of a grant: opt-in policy, one root permit (as IHE PCF basic consents have it) with recipients as IRCP and sources as
 * CST actors. A start in the past becomes `at`: nothing is allowed backwards. The golden Patient is named literally, so it must exist.
 */
export function buildConsent(id: ResourceId, resident: ResidentId, grant: Grant, at: Date): Consent {
  const { start, end } = grant.period;
  const begins = start === undefined ? undefined : intervalOf(start);
  const visit = grant.visit && { system: systems.visit, value: `${grant.visit.institution}/${grant.visit.number}` };
  return {
    resourceType: "Consent",
    id,
    ...(visit === undefined ? {} : { extension: [{ url: extensions.consentVisit, valueIdentifier: visit }] }),
    status: "active",
    scope: { coding: [{ system: codeSystems.scope, code: "patient-privacy" }] },
    category: [{ coding: [{ system: "http://loinc.org", code: "59284-0", display: "Consent Document" }] }],
    patient: localReference("Patient", resident),
    dateTime: instant(at),
    policyRule: { coding: [{ system: codeSystems.policy, code: "OPTIN" }] },
    provision: {
      type: "permit",
      period: { start: start === undefined || begins === undefined || begins.from < at.getTime() ? instant(at) : start, end },
      actor: [
        ...grant.recipients.map((code) => actor("IRCP", code)),
        ...(grant.sources ?? []).map((code) => actor("CST", code)),
      ],
      action: [{ coding: [{ system: codeSystems.action, code: "access" }] }],
      purpose: grant.purposes.map((code): Coding => ({ system: codeSystems.purpose, code })),
      class: grant.categories.map((code): Coding => ({ system: codeSystems.category, code })),
      ...(grant.dataPeriod === undefined ? {} : { dataPeriod: periodOf(grant.dataPeriod) }),
    },
  };
}

function actor(role: "IRCP" | "CST", institution: InstitutionCode): ConsentProvisionActor {
  return { role: { coding: [{ system: codeSystems.role, code: role }] }, reference: institutionReference(institution) };
}

function periodOf({ start, end }: Dates): Period {
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}
