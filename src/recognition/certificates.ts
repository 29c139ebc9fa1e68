import type { Basic, Coding, Extension } from "@medplum/fhirtypes";
import { extensionOf, issueOf } from "../fhir/issue.ts";
import { addressOf } from "../fhir/reference.ts";
import { extensions, systems } from "../fhir/systems.ts";

/** One result of an external quality assessment (室间质评) of one laboratory for one item by one body. Days are `YYYY-MM-DD` of the region. */
export interface Certificate {
  readonly id: string;
  /** The laboratory that was assessed, by its registry code. */
  readonly laboratory: string;
  /** Item of the catalogue. */
  readonly item: string;
  readonly body: string;
  /** Level of that body as published: `national`, `provincial`, `municipal`. */
  readonly level?: string;
  /** Scope in which it counts, an id of the catalogue's scopes; undefined when the printed region is unknown (then it backs no mark). */
  readonly scope: string | undefined;
  readonly result: "passed" | "failed" | "unpublished" | "withdrawn";
  readonly from: string;
  /** Last day on which it counts. */
  readonly to: string;
  readonly published?: string;
  /** Days in which the samples of the assessment were measured: kept as evidence, no part of the decision. */
  readonly tested?: { readonly from: string; readonly to: string };
  /** A withdrawal that takes effect on a day; without it a withdrawn certificate never counted. */
  readonly withdrawnFrom?: string;
}

/** What a laboratory's quality record says about one item on one day. */
export type CertificateState = "valid" | "carried-over" | "expired" | "not-yet-published" | "failed" | "withdrawn" | "missing";

/** Every certificate, by laboratory and item, newest first. */
export interface Certificates {
  of(laboratory: string, item: string): readonly Certificate[];
  readonly size: number;
}

/** Indexes certificates for the decision. Among those of one laboratory and item the one that began last comes first. */
export function indexCertificates(certificates: readonly Certificate[]): Certificates {
  const index = new Map<string, Certificate[]>();
  for (const one of certificates) {
    const key = `${one.laboratory}|${one.item}`;
    const row = index.get(key);
    if (row === undefined) index.set(key, [one]);
    else row.push(one);
  }
  for (const row of index.values()) row.sort((a, b) => compare(b.from, a.from) || compare(b.id, a.id));
  return { of: (laboratory, item) => index.get(`${laboratory}|${item}`) ?? [], size: certificates.length };
}

/**
 * The state on the day of the test, as known today, and the certificate that gives it. `counts` narrows to certificates that could back a mark (their scope).
 * Bodies are judged apart and the best one is taken. Per body, newest first: a later failure or withdrawal ends what its earlier certificates gave, whatever their region;
 * "not yet published" is not "failed": until then the last certificate is carried over for `carryOverDays`.
 */
export function certificateOn(
  certificates: readonly Certificate[],
  on: { day: string; today: string; carryOverDays: number },
  counts: (certificate: Certificate) => boolean = () => true,
): { state: CertificateState; certificate?: Certificate } {
  let best: { state: CertificateState; certificate?: Certificate } = { state: "missing" };
  const decided = new Set<string>();
  for (const certificate of certificates) {
    if (decided.has(certificate.body) || certificate.from > on.day) continue;
    const state = stateOf(certificate, on);
    if (state === "failed" || state === "withdrawn") decided.add(certificate.body);
    if (rank[state] > rank[best.state] && counts(certificate)) best = { state, certificate };
  }
  return best;
}

const rank: Record<CertificateState, number> = {
  missing: 0,
  expired: 1,
  withdrawn: 2,
  failed: 3,
  "not-yet-published": 4,
  "carried-over": 5,
  valid: 6,
};

/** Whether a laboratory in this state may print a mark. */
export function isGood(state: CertificateState): boolean {
  return state === "valid" || state === "carried-over";
}

function stateOf(certificate: Certificate, on: { day: string; today: string; carryOverDays: number }): CertificateState {
  const { result, to, published, withdrawnFrom } = certificate;
  if (result === "unpublished" || (published !== undefined && published > on.today)) return "not-yet-published";
  if (result === "failed") return "failed";
  if (result === "withdrawn" && (withdrawnFrom === undefined || withdrawnFrom <= on.day)) return "withdrawn";
  if (on.day <= to) return "valid";
  return on.day <= plusDays(to, on.carryOverDays) ? "carried-over" : "expired";
}

/** The day so many days later, both `YYYY-MM-DD`. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What reading a certificate needs to know of the catalogue in force. */
export interface CertificateTerms {
  itemOf(codings: readonly Coding[]): { readonly id: string } | undefined;
  readonly scopes: { named(name: string): string | undefined };
}

/**
 * A certificate out of a `Basic` with the extension quality-certificate: parts `laboratory` (code or reference), `item` (Coding or CodeableConcept),
 * `body`, `level`, `region`, `testPeriod` and `validity` (Period), `published`, `result` (passed | failed | unpublished | withdrawn), `withdrawnFrom`.
 * Undefined when it was retracted, or lacks a part, or is about an item this catalogue does not hold.
 */
export function certificateOf(basic: Basic, terms: CertificateTerms): Certificate | undefined {
  const state = issueOf(basic)?.state;
  if (state !== undefined && state !== "present") return undefined;
  const part = (name: string) => extensionOf(basic, extensions.qualityCertificate)?.extension?.find((one) => one.url === name);
  const laboratory = institutionIn(part("laboratory"));
  const concept = part("item")?.valueCodeableConcept;
  const coding = part("item")?.valueCoding;
  const item = terms.itemOf(concept?.coding ?? (coding === undefined ? [] : [coding]));
  const result = results.find((known) => known === textOf(part("result")));
  const validity = part("validity")?.valuePeriod;
  const [from, to] = [dayOf(validity?.start), dayOf(validity?.end)];
  if (!basic.id || !laboratory || !item || !result || !from || !to) return undefined;
  const [published, withdrawnFrom] = [dayOf(textOf(part("published"))), dayOf(textOf(part("withdrawnFrom")))];
  const level = textOf(part("level"));
  const testPeriod = part("testPeriod")?.valuePeriod;
  const [testedFrom, testedTo] = [dayOf(testPeriod?.start), dayOf(testPeriod?.end)];
  return {
    id: basic.id,
    laboratory,
    item: item.id,
    body: textOf(part("body")) ?? "",
    ...(level === undefined ? {} : { level }),
    scope: terms.scopes.named(textOf(part("region")) ?? ""),
    result,
    from,
    to,
    ...(published === undefined ? {} : { published }),
    ...(testedFrom === undefined || testedTo === undefined ? {} : { tested: { from: testedFrom, to: testedTo } }),
    ...(withdrawnFrom === undefined ? {} : { withdrawnFrom }),
  };
}

const results = ["passed", "failed", "unpublished", "withdrawn"] as const;

function textOf(part: Extension | undefined): string | undefined {
  return part?.valueCode ?? part?.valueString ?? part?.valueDate ?? part?.valueDateTime;
}

function dayOf(date: string | undefined): string | undefined {
  const day = date?.slice(0, 10);
  return day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) ? day : undefined;
}

function institutionIn(part: Extension | undefined): string | undefined {
  const identifier = part?.valueReference?.identifier ?? part?.valueIdentifier;
  if (identifier?.system === systems.institution) return identifier.value;
  return addressOf(part?.valueReference)?.tenant ?? textOf(part);
}
