import type { Fault } from "../kernel/fault.ts";
import type { Ledger } from "./ledger.ts";
import type { Sheet } from "./sheet.ts";
import { listsOf, refsIn, withLists } from "./sheet-lists.ts";

/** What isolating needs of the run. */
interface IsolateDeps {
  readonly ledger: Ledger;
  /** `<tenant>/<Type>/<id>` of what the store refused: no report may name it. */
  readonly refused: Set<string>;
}

/**
 * Halves what was refused until the culprit stands alone, sheet by sheet, then row by row with the head last; the culprit becomes an issue
 * with its file and line, everything else is written by `how.write`.
 */
export async function isolateRefused(
  deps: IsolateDeps,
  sheets: readonly Sheet[],
  how: { readonly fault: Fault; readonly write: (sheets: readonly Sheet[]) => Promise<void> },
): Promise<void> {
  const { fault, write } = how;
  const [sheet] = sheets;
  if (sheet === undefined) return;
  if (sheets.length > 1) {
    const half = Math.ceil(sheets.length / 2);
    await write(sheets.slice(0, half));
    return write(sheets.slice(half));
  }
  if (sheet.writesHead && sheet.rows.length > 0) {
    await write([{ ...sheet, writesHead: false }]);
    return write([{ ...sheet, rows: [] }]);
  }
  if (sheet.rows.length > 1) {
    const half = Math.ceil(sheet.rows.length / 2);
    await write([{ ...sheet, rows: sheet.rows.slice(0, half) }]);
    return write([{ ...sheet, rows: sheet.rows.slice(half) }]);
  }
  const row = sheet.rows[0] ?? sheet.head;
  deps.refused.add(`${sheet.tenant}/${row.ref}`);
  deps.ledger.count(sheet.places[0] ?? 0, "refused");
  deps.ledger.issue(sheet.places[0] ?? 0, {
    severity: "error",
    code: refusals[fault.code] ?? "store-refused",
    file: row.file,
    line: row.line,
    element:
      fault.code === "store-refused" ? (fault.problems[0]?.field ?? row.resource.resourceType) : row.resource.resourceType,
    reason: fault.code === "store-down" ? "The FHIR store fails on this content every time." : fault.message,
  });
}

const refusals: Partial<Record<Fault["code"], string>> = { conflict: "store-conflict", "store-down": "store-failed" };

/** The sheet with no refused row, and none in its report's lists. */
export function withoutRefused(deps: Pick<IsolateDeps, "refused">, sheet: Sheet): Sheet {
  const isFine = (ref: string) => !deps.refused.has(`${sheet.tenant}/${ref}`);
  const lists = listsOf(sheet.head.resource);
  if (sheet.rows.every((row) => isFine(row.ref)) && refsIn(lists).every(isFine)) return sheet;
  const { result, imagingStudy, rows } = lists;
  const left = { result: result.filter(isFine), imagingStudy: imagingStudy.filter(isFine), rows: rows.filter(isFine) };
  return {
    ...sheet,
    head: { ...sheet.head, resource: withLists(sheet.head.resource, left) },
    rows: sheet.rows.filter((row) => isFine(row.ref)),
  };
}
