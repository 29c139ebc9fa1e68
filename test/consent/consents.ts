import type { Consent, ConsentProvision, ConsentProvisionActor } from "@medplum/fhirtypes";
import { buildConsent } from "../../src/consent/build-consent.ts";
import {
  type AccessRequest,
  type Category,
  codeSystems,
  type DataItem,
  type FoundConsents,
  type Grant,
} from "../../src/consent/model.ts";
import { institutionReference } from "../../src/fhir/reference.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";

export const noon = new Date("2026-11-18T12:00:00+08:00");
export const resident = `h${"1".repeat(40)}` as ResidentId;
export const at = (code: string) => code as InstitutionCode;

/** A lookup as c-county sends it. */
export const lookup: AccessRequest = { recipient: at("c-county"), purpose: "TREAT", categories: ["record", "lab", "imaging"] };

/** A grant to c-county for a year. */
export const aGrant: Grant = {
  recipients: [at("c-county")],
  categories: ["lab"],
  purposes: ["TREAT"],
  period: { end: "2027-11-18" },
};

/** All of them, as a complete search finds them. */
export const found = (...consents: readonly Consent[]): FoundConsents => ({ consents, complete: true });

/** The Consent of a grant given a year ago. */
export function granted(grant: Grant, number = 1): Consent {
  return {
    ...buildConsent(`h${number}` as ResourceId, resident, grant, new Date("2025-11-18T00:00:00Z")),
    meta: { versionId: "1" },
  };
}

/** A Consent of another system around a root provision. */
export function around(provision: ConsentProvision | undefined, more: Partial<Consent> = {}, number = 1): Consent {
  return {
    resourceType: "Consent",
    id: `f${number}`,
    meta: { versionId: "1" },
    status: "active",
    scope: { coding: [{ system: codeSystems.scope, code: "patient-privacy" }] },
    category: [{ text: "privacy" }],
    patient: { reference: `Patient/${resident}` },
    ...(provision === undefined ? {} : { provision }),
    ...more,
  };
}

export function actor(role: "IRCP" | "CST", code: string): ConsentProvisionActor {
  return { role: { coding: [{ system: codeSystems.role, code: role }] }, reference: institutionReference(code) };
}

/** `a-provincial lab 2026-11-15` */
export function item(text: string): DataItem {
  const [institution = "", category = "", date] = text.split(" ");
  return { institution: at(institution), category: category as Category, ...(date === undefined ? {} : { date }) };
}
