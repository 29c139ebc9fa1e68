import type { InstitutionCode, ResidentId } from "../../../src/kernel/brand.ts";
import type { Frame, MonthFacts } from "../../../src/ordering/figures/count-month.ts";
import { monthNamed } from "../../../src/ordering/figures/month.ts";
import type { RecognitionFact } from "../../../src/ordering/outcomes/facts.ts";
import { dayIn } from "../../../src/recognition/region-time.ts";

const offset = "+08:00";
const shownBy = (institution: string) => institution as InstitutionCode;

/** November as C counts it a year later: everything is settled. */
export const november: Frame = {
  institution: "c-county",
  month: monthNamed(offset, "2026-11"),
  answerWindowMs: 72 * 3_600_000,
  now: new Date("2027-11-01T00:00:00+08:00"),
  dayOf: (at) => dayIn(offset, at),
};

let told = 0;

/** A fact of C about the case `of`, told at a time of the region's clock (`11-05 10:00`, year 2026). */
export function fact(
  kind: RecognitionFact["kind"],
  at: string,
  more: Partial<RecognitionFact> & { readonly of?: string } = {},
): RecognitionFact {
  const { of = "case-1", ...rest } = more;
  told += 1;
  return {
    id: `fact-${told}`,
    kind,
    at: new Date(`2026-${at.replace(" ", "T")}:00${offset}`),
    case: of,
    item: "creatinine",
    institution: shownBy("c-county"),
    department: { code: "03.07", name: "肾病专业" },
    setting: "outpatient",
    emergency: false,
    source: shownBy("a-provincial"),
    resident: `resident-of-${of}` as ResidentId,
    ...rest,
  };
}

/** A reminder with so many results that must, may and are not eligible. */
export function reminder(
  at: string,
  [must, may, ineligible]: readonly [number, number, number],
  more: Parameters<typeof fact>[2] = {},
): RecognitionFact {
  const { source: _, ...rest } = fact("reminder", at, more);
  return { ...rest, shown: { must, may, ineligible, own: 0, unknown: 0, sources: [] } };
}

/** These facts and nothing else. */
export function only(...own: readonly RecognitionFact[]): MonthFacts {
  return { own, ofOthers: [], typed: [], reported: new Map() };
}
