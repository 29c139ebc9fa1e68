import { decide, mayPermit, permits } from "../../consent/decide.ts";
import type { ConsentBasis, Decision } from "../../consent/model.ts";
import type { Kind } from "../../recognition/policy-schema.ts";
import type { LocalPatient } from "../../sources/answer.ts";
import type { Permits } from "../../sources/check-answer.ts";
import { locate } from "../../sources/locate.ts";
import type { RecognitionCheck } from "./check.ts";
import type { CheckDeps } from "./check-deps.ts";

/** A local Patient that may be asked about, why it is this resident, and for which kinds of results. The list is the permission. */
export interface CheckedPatient extends LocalPatient {
  readonly basis: string;
  readonly kinds: readonly Kind[];
  /** The ordering institution's own: asked without consent, shown apart. */
  readonly own: boolean;
}

/** What consent says of a check at one instant, and what it leaves. */
export type JudgedCheck =
  | { readonly kind: "deny"; readonly reason: Extract<Decision, { kind: "deny" }>["reason"] }
  | PermittedCheck;

/** A permit, and which local Patients and results it leaves. */
export interface PermittedCheck {
  readonly kind: "permit";
  readonly basis: readonly ConsentBasis[];
  /** When the question was asked; a disclosure must follow at once. */
  readonly at: Date;
  readonly patients: readonly CheckedPatient[];
  readonly permits: Permits;
}

/**
 * Asks consent and the record locator, fresh and both at once; the same two reads for a resident nobody knows.
 * Throws `Fault("store-down")`: then nothing may be shown.
 */
export async function judgeCheck(
  deps: CheckDeps,
  check: Pick<RecognitionCheck, "asker" | "resident" | "visit" | "emergency">,
  need: { kinds: readonly Kind[]; from: Date },
): Promise<JudgedCheck> {
  const at = deps.now();
  const [first, located] = await Promise.all([deps.consentsOf([check.resident]), locate(deps.readGolden, check.resident)]);
  const found = located.residents.length === 1 ? first : await deps.consentsOf(located.residents);
  const recipient = check.asker.institution;
  const from = need.from.toISOString();
  const decision = decide(
    found,
    {
      recipient,
      purpose: check.emergency === true ? "ETREAT" : "TREAT",
      categories: need.kinds,
      from,
      ...(check.visit === undefined ? {} : { visit: { institution: recipient, number: check.visit.number } }),
    },
    at,
  );
  if (decision.kind === "deny") return decision;
  const { basis, residual } = decision;
  const patients = located.links.flatMap(({ institution, patient, basis: why }): CheckedPatient[] => {
    const own = institution === recipient;
    const kinds = own ? need.kinds : need.kinds.filter((category) => mayPermit(residual, { institution, category, from }));
    return kinds.length === 0 ? [] : [{ institution, patient, basis: why, kinds, own }];
  });
  return { kind: "permit", basis, at, patients, permits: (item) => permits(residual, item) };
}
