import { isDeepStrictEqual } from "node:util";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { Fault } from "../../kernel/fault.ts";
import type { FiguresDeps } from "./figures-deps.ts";
import { figuresId, figuresIn, measureReport } from "./measure-report.ts";
import type { Month } from "./month.ts";
import { readMonth } from "./read-month.ts";
import type { MonthFigures } from "./tally.ts";

/** What became of one institution's month: nothing happened in it, it stands as it stood, or it is new or has a new version. */
export type StoredFigures = "empty" | "unchanged" | "written";

/**
 * Counts an institution's month and keeps it as a MeasureReport of computed id in DEFAULT: created once, then a new version only where a figure changed. Two that
 * count at once write one. Throws `Fault("store-down")`, and `Fault("conflict")` when another writer was faster twice.
 */
export async function storeFigures(deps: FiguresDeps, institution: InstitutionCode, month: Month): Promise<StoredFigures> {
  const figures = await readMonth(deps, institution, month);
  const id = figuresId(deps.suite, institution, month.name);
  const report = measureReport(figures, { id, month, at: deps.now() });
  const fresh = figuresIn(report);
  for (let round = 0; round < 2; round++) {
    const stored = await deps.store.read("DEFAULT", "MeasureReport", id);
    if (stored === undefined && isEmpty(figures)) return "empty";
    if (stored !== undefined && isDeepStrictEqual(figuresIn(stored), fresh)) return "unchanged";
    const ifMatch = stored?.meta?.versionId;
    const outcome =
      ifMatch === undefined
        ? await deps.store.commit("DEFAULT", [{ kind: "put", resource: report }], { createOnly: true })
        : await deps.store.commit("DEFAULT", [{ kind: "update", resource: report, ifMatch }]);
    if (outcome.kind === "committed") return "written";
  }
  throw new Fault("conflict");
}

function isEmpty({ recogniser, recognised }: MonthFigures): boolean {
  return [recogniser, recognised].every(({ total }) => Object.keys(total.items).length === 0);
}
