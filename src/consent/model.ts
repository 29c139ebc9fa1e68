import type { Consent } from "@medplum/fhirtypes";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";

/** What kind of data is asked for: visits and diagnoses, laboratory results, imaging reports and studies. */
export type Category = "record" | "lab" | "imaging";

/** Why somebody asks (v3-ActReason): treatment, emergency treatment, override of a deny, the person's own request. */
export type Purpose = "TREAT" | "ETREAT" | "BTG" | "PATRQT";

/** A visit as the institution that runs it numbers it. */
export interface VisitKey {
  readonly institution: InstitutionCode;
  readonly number: string;
}

/** Either end may be open. Dates are FHIR `date` or `instant`; a date without time is that whole day, UTC+08:00. */
export interface Dates {
  readonly start?: string;
  readonly end?: string;
}

/** What a resident allows, before it becomes a FHIR Consent. */
export interface Grant {
  /** Who may look; at least one. */
  readonly recipients: readonly InstitutionCode[];
  /** Whose data; absent = every institution's. */
  readonly sources?: readonly InstitutionCode[];
  readonly categories: readonly Category[];
  readonly purposes: readonly Purpose[];
  /** While the right lasts; `end` is required so that no right lasts for ever by forgetting. */
  readonly period: { readonly start?: string; readonly end: string };
  /** Only data of these dates. */
  readonly dataPeriod?: Dates;
  /** Only within this visit of one of the recipients. */
  readonly visit?: VisitKey;
}

/** A Consent of ours read back, as its resident may see it. */
export interface GrantedConsent extends Grant {
  readonly id: string;
  readonly version: string;
  readonly status: "active" | "expired" | "withdrawn";
  /** Instant. */
  readonly grantedAt: string;
}

/** Who asks for what. The source is not part of it: which institutions may be asked is the answer. */
export interface AccessRequest {
  /** The institution that would see the data. */
  readonly recipient: InstitutionCode;
  readonly purpose: Purpose;
  readonly categories: readonly Category[];
  /** Data dates asked for; open ends ask for everything. */
  readonly from?: string;
  readonly to?: string;
  /** The visit the request is made in, as the recipient asserts it; a consent bound to a visit holds only for this one. */
  readonly visit?: VisitKey;
}

/** The active Consents of a resident (and of every golden Patient this one replaced). `complete: false` = there are more than could be read. */
export interface FoundConsents {
  readonly consents: readonly Consent[];
  readonly complete: boolean;
}

/** Which Consent, in which version, a permit rests on; goes to the audit. */
export interface ConsentBasis {
  readonly id: string;
  readonly version: string;
}

/** Names that fit, and whether a name stands among them that cannot be resolved (it might fit as well). */
export interface Names {
  readonly codes: readonly string[];
  readonly unresolved: boolean;
}

/** One provision after its request part was decided; what is left asks about the data. */
export interface Rule {
  /** What it says where it applies; `none` = nothing by itself, only its exceptions speak. */
  readonly effect: "permit" | "deny" | "none";
  /** False: some part of it could not be understood. Such a rule never permits, and denies wherever it might apply. */
  readonly sure: boolean;
  readonly sources?: Names;
  readonly categories?: Names;
  readonly dates?: { readonly from: number; readonly until: number } | "unreadable";
  /** Exceptions to this level: the deepest that applies wins, among siblings a deny. */
  readonly exceptions: readonly Rule[];
}

/** What a permit leaves to be asked of every single resource: `permits(residual, item)`. */
export interface Residual {
  /** The categories that were asked for and may hold something that is permitted. */
  readonly categories: readonly Category[];
  readonly consents: readonly { readonly basis: ConsentBasis; readonly rule: Rule }[];
}

/**
 * The answer to a request. A reason goes to the audit, never to the caller:
 * `none-given` no consent at all; `not-covered` none for this; `denied` the resident said no; `too-many` not all of them could be read.
 */
export type Decision =
  | { readonly kind: "permit"; readonly basis: readonly ConsentBasis[]; readonly residual: Residual }
  | { readonly kind: "deny"; readonly reason: "none-given" | "not-covered" | "denied" | "too-many" };

/** One resource that might be released. */
export interface DataItem {
  /** The institution whose data it is. */
  readonly institution: InstitutionCode;
  readonly category: Category;
  /** When it was collected, started or authored (FHIR date, dateTime or instant); missing = not permitted wherever a consent limits dates. */
  readonly date?: string;
}

/** A stretch of data that might be asked for; `institution` absent = any. */
export interface DataScope {
  readonly institution?: InstitutionCode;
  readonly category: Category;
  readonly from?: string;
  readonly to?: string;
}

/** Makes sure the golden Patient a Consent points at exists (create-only). Identity provides it. */
export type EnsureResident = (resident: ResidentId) => Promise<void>;

/** Code systems of the elements a consent is decided by. */
export const codeSystems = {
  scope: "http://terminology.hl7.org/CodeSystem/consentscope",
  role: "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
  purpose: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
  policy: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
  action: "http://terminology.hl7.org/CodeSystem/consentaction",
  category: "urn:hutong:category",
} as const;
