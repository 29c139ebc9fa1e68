import type { Resource } from "@medplum/fhirtypes";
import { withoutRefused } from "./isolate-refused.ts";
import type { ExportIssue } from "./issue-list.ts";
import type { Row, Sheet } from "./sheet.ts";

/** What is wrong with a resource, by its profile: the element and the rule, never a value. None = it may be written. */
export type CheckResource = (resource: Resource) => readonly { readonly element: string; readonly reason: string }[];

/**
 * The sheet without the rows that are not what their profile allows, and an issue for each of these; no sheet when its head is wrong, and then each of
 * its rows is told too.
 */
export function checkSheet(
  check: CheckResource | undefined,
  sheet: Sheet,
): { readonly sheet?: Sheet; readonly wrong: readonly ExportIssue[] } {
  if (check === undefined || !sheet.writesHead) return { sheet, wrong: [] };
  const headIssue = issueOf(sheet.head, check);
  if (headIssue !== undefined) {
    const reason = "the head of its sheet is not what its profile allows";
    return { wrong: [headIssue, ...sheet.rows.map((row) => ({ ...placeOf(row), code: "sheet-failed", reason }))] };
  }
  const refused = new Set<string>();
  const wrong = sheet.rows.flatMap((row) => {
    const issue = issueOf(row, check);
    if (issue === undefined) return [];
    refused.add(`${sheet.tenant}/${row.ref}`);
    return [issue];
  });
  return { sheet: refused.size === 0 ? sheet : withoutRefused({ refused }, sheet), wrong };
}

function issueOf(row: Row, check: CheckResource): ExportIssue | undefined {
  const [problem] = check(row.resource);
  return problem === undefined ? undefined : { ...placeOf(row), code: "invalid-resource", ...problem };
}

function placeOf({ file, line, mapping }: Row) {
  return { severity: "error", file, line, mapping } as const;
}
