import type { InstitutionCode } from "../../kernel/brand.ts";
import type { FiguresDeps } from "./figures-deps.ts";
import { figuresId, figuresIn } from "./measure-report.ts";
import { type Month, monthAt, monthsBetween } from "./month.ts";
import { readMonth } from "./read-month.ts";
import type { MonthFigures } from "./tally.ts";

/** More months, or so many institutions' months that are not stored, are not counted within one request. */
const mostMonths = 36;
const mostCounted = 60;
const countedAtOnce = 4;

/** Which figures: of these institutions, in these months of the region (`2026-11`), both included. */
interface FiguresAsked {
  readonly institutions: readonly InstitutionCode[];
  readonly from: string;
  readonly until: string;
  /** Count everything from the events now, also what is stored: to see that it is the same. */
  readonly recount?: boolean;
}

/** A month of an institution and where its figures come from. */
export interface FoundMonth {
  readonly figures: MonthFigures;
  readonly source: "stored" | "counted";
}

export type FiguresRead =
  | { readonly kind: "read"; readonly months: readonly FoundMonth[] }
  | { readonly kind: "wrong"; readonly field: string; readonly reason: string };

/**
 * The figures of a period: settled months as they are stored, everything else counted from the events now. A month is never left out: a period that would need too
 * much counting is refused. Throws `Fault("store-down")`.
 */
export async function readFigures(deps: FiguresDeps, asked: FiguresAsked): Promise<FiguresRead> {
  const { catalogue } = await deps.recognitionData();
  const { utcOffset } = catalogue.head;
  const current = monthAt(utcOffset, deps.now());
  if (asked.until > current.name) return wrong("until", "must not be a month to come");
  const months = monthsBetween(utcOffset, asked.from, asked.until);
  if (months.length === 0) return wrong("from", "must not be later than until");
  if (months.length > mostMonths) return wrong("from", `must be within ${mostMonths} months of until`);
  const wanted = asked.institutions.flatMap((institution) => months.map((month) => ({ institution, month })));
  const stored = asked.recount === true ? new Map<string, MonthFigures>() : await storedOf(deps, wanted);
  const missing = wanted.filter((one) => !stored.has(nameOf(one)));
  if (missing.length > mostCounted)
    return wrong(
      "from",
      `${missing.length} months of institutions are not stored; ask for at most ${mostCounted} of these at once`,
    );
  const counted = await countAll(deps, missing);
  return {
    kind: "read",
    months: wanted.flatMap((one): FoundMonth[] => {
      const kept = stored.get(nameOf(one));
      if (kept !== undefined) return [{ figures: kept, source: "stored" }];
      const figures = counted.get(nameOf(one));
      return figures === undefined ? [] : [{ figures, source: "counted" }];
    }),
  };
}

interface Wanted {
  readonly institution: InstitutionCode;
  readonly month: Month;
}

/** What is stored and settled; a month that can still change is counted anew. */
async function storedOf(deps: FiguresDeps, wanted: readonly Wanted[]): Promise<Map<string, MonthFigures>> {
  const ids = wanted.map(({ institution, month }) => figuresId(deps.suite, institution, month.name));
  const reports = await deps.store.readMany("DEFAULT", "MeasureReport", ids);
  const figures = reports.flatMap((report) => figuresIn(report) ?? []).filter((one) => one.settled);
  return new Map(figures.map((one) => [`${one.institution}/${one.month}`, one]));
}

async function countAll(deps: FiguresDeps, missing: readonly Wanted[]): Promise<Map<string, MonthFigures>> {
  const counted = new Map<string, MonthFigures>();
  const waiting = missing.values();
  const count = async () => {
    for (const one of waiting) counted.set(nameOf(one), await readMonth(deps, one.institution, one.month));
  };
  await Promise.all(Array.from({ length: countedAtOnce }, count));
  return counted;
}

function nameOf({ institution, month }: Wanted): string {
  return `${institution}/${month.name}`;
}

function wrong(field: string, reason: string): FiguresRead {
  return { kind: "wrong", field, reason };
}
