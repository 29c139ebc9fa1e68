import { decide, mayPermit, permits } from "../consent/decide.ts";
import type { AccessRequest, Decision, FoundConsents } from "../consent/model.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { AskedPatient } from "../sources/answer.ts";
import type { Permits } from "../sources/check-answer.ts";
import { locate } from "../sources/locate.ts";
import type { LookupRequest } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";

/** What consent says of a lookup at one instant, and what it leaves. */
export type Judged =
  | { readonly kind: "deny"; readonly reason: Extract<Decision, { kind: "deny" }>["reason"] }
  | {
      readonly kind: "permit";
      readonly basis: Extract<Decision, { kind: "permit" }>["basis"];
      /** When the check began; a disclosure must follow at once. */
      readonly at: Date;
      /** The linked local Patients that may be asked about. Institutions that are not permitted are not among them. */
      readonly patients: readonly AskedPatient[];
      readonly permits: Permits;
    };

/**
 * Asks consent, fresh, and the record locator, both at once: the one question behind accepting, running, reading and waking a lookup.
 * `more` are consents about to be stored. Throws `Fault("store-down")`: then nothing may go on.
 */
export async function judgeLookup(
  deps: LookupDeps,
  lookup: LookupRequest,
  more: FoundConsents["consents"] = [],
): Promise<Judged> {
  const at = deps.now();
  const [first, located] = await Promise.all([deps.consentsOf([lookup.resident]), locate(deps.readGolden, lookup.resident)]);
  const found = located.residents.length === 1 ? first : await deps.consentsOf(located.residents);
  const decision = decide({ ...found, consents: [...found.consents, ...more] }, accessRequest(lookup), at);
  if (decision.kind === "deny") return decision;
  const { basis, residual } = decision;
  // An institution's own records need no lookup: it has them.
  const others = located.links.filter((link) => link.institution !== lookup.asker.institution);
  const patients = others.flatMap(({ institution, patient }) => {
    const categories = residual.categories.filter((category) =>
      mayPermit(residual, { institution, category, ...datesOf(lookup) }),
    );
    return categories.length === 0 ? [] : [{ institution, patient, categories }];
  });
  return { kind: "permit", basis, at, patients, permits: (item) => permits(residual, item) };
}

/** The institutions among the permitted local Patients, in the order of their codes. */
export function institutionsIn(patients: readonly AskedPatient[]): InstitutionCode[] {
  return [...new Set(patients.map((one) => one.institution))].sort();
}

function accessRequest(lookup: LookupRequest): AccessRequest {
  const { asker, purpose, categories, visit } = lookup;
  return {
    recipient: asker.institution,
    purpose,
    categories,
    visit: { institution: asker.institution, number: visit.number },
    ...datesOf(lookup),
  };
}

function datesOf({ from, to }: LookupRequest): { from?: string; to?: string } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
