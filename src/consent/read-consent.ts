import type { Consent } from "@medplum/fhirtypes";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { intervalOf } from "./interval.ts";
import { type Category, codeSystems, type GrantedConsent, type Purpose } from "./model.ts";

/** A stored Consent as its resident may see it; the reverse of `buildConsent`. For showing only: decisions read the Consent itself. */
export function readConsent(consent: Consent, now: Date): GrantedConsent {
  const { provision, dateTime = "" } = consent;
  const codes = (system: string, codings: Consent["category"][number]["coding"]) =>
    (codings ?? []).flatMap((coding) => (coding.system === system && coding.code !== undefined ? [coding.code] : []));
  const actors = (role: string) =>
    (provision?.actor ?? []).flatMap(({ role: concept, reference }) =>
      codes(codeSystems.role, concept?.coding).includes(role) ? [reference?.identifier?.value as InstitutionCode] : [],
    );
  const sources = actors("CST");
  const { start, end = "" } = provision?.period ?? {};
  const visit = visitOf(consent);
  return {
    id: consent.id ?? "",
    version: consent.meta?.versionId ?? "",
    status: consent.status !== "active" ? "withdrawn" : isOver(end, now) ? "expired" : "active",
    grantedAt: dateTime,
    recipients: actors("IRCP"),
    ...(sources.length === 0 ? {} : { sources }),
    categories: codes(codeSystems.category, provision?.class) as Category[],
    purposes: codes(codeSystems.purpose, provision?.purpose) as Purpose[],
    period: { ...(start === undefined ? {} : { start }), end },
    ...(provision?.dataPeriod === undefined ? {} : { dataPeriod: provision.dataPeriod }),
    ...(visit === undefined ? {} : { visit }),
  };
}

function visitOf(consent: Consent): GrantedConsent["visit"] {
  const bound = consent.extension?.find((one) => one.url === extensions.consentVisit)?.valueIdentifier;
  if (bound?.system !== systems.visit || bound.value === undefined) return undefined;
  const slash = bound.value.indexOf("/");
  return { institution: bound.value.slice(0, slash) as InstitutionCode, number: bound.value.slice(slash + 1) };
}

function isOver(end: string, now: Date): boolean {
  const last = intervalOf(end);
  return last !== undefined && now.getTime() >= last.until;
}
