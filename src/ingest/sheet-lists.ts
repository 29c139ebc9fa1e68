import type { DiagnosticReport, Extension, Resource } from "@medplum/fhirtypes";
import { withExtensions } from "../fhir/extend.ts";
import type { Issue } from "../fhir/issue.ts";
import { extensions } from "../fhir/systems.ts";

/** Lists by which a head names the rows of its sheet: a report's own two, and `rows` (an extension) for whatever has no list of its own. */
export const listNames = ["result", "imagingStudy", "rows"] as const;
export type Lists = Readonly<Record<(typeof listNames)[number], readonly string[]>>;

/** Elements of a DiagnosticReport that hold its lists. */
export const listElements = ["result", "imagingStudy"] as const;

/** Types that stand for themselves, whichever sheet brings them: they neither vanish nor are withdrawn with a sheet. */
const standing: ReadonlySet<string> = new Set([
  ...["Patient", "Encounter", "Practitioner", "PractitionerRole", "Organization", "Location", "RelatedPerson"],
  ...["Device", "Medication", "Substance", "Basic"],
]);

/** Whether a row belongs to its sheet alone, so that the sheet decides about it. */
export function isOwnRow(ref: string): boolean {
  return !standing.has(ref.slice(0, ref.indexOf("/")));
}

/** The rows a head names, as literal references. */
export function listsOf(resource: Resource): Lists {
  const report = resource as DiagnosticReport;
  const refs = (name: (typeof listElements)[number]) =>
    resource.resourceType === "DiagnosticReport" ? (report[name] ?? []).flatMap((one) => one.reference ?? []) : [];
  const rows = (report.extension ?? []).flatMap((one) => (one.url === extensions.sheetRow ? (one.valueString ?? []) : []));
  return { result: refs("result"), imagingStudy: refs("imagingStudy"), rows };
}

/** The lists of a sheet as mapped: those of its head, and every row that none of them names. */
export function listsOfSheet(head: Resource, rows: readonly { readonly ref: string }[]): Lists {
  const { result, imagingStudy } = listsOf(head);
  const named = new Set([...result, ...imagingStudy]);
  const others = rows.map((row) => row.ref).filter((ref) => isOwnRow(ref) && !named.has(ref));
  const lists = { result, imagingStudy, rows: others };
  return uniteLists(lists, lists);
}

/** Both lists of rows, each once and sorted, so that the order of delivery leaves no trace. */
export function uniteLists(a: Lists, b: Lists): Lists {
  const unite = (name: (typeof listNames)[number]) => [...new Set([...a[name], ...b[name]])].sort();
  return { result: unite("result"), imagingStudy: unite("imagingStudy"), rows: unite("rows") };
}

/** The lists of the later issue, or of both when they are of one issue. */
export function mergedLists(
  a: { readonly issue: Issue; readonly resource: Resource },
  b: { readonly issue: Issue; readonly resource: Resource },
): Lists {
  if (a.issue.order === b.issue.order) return uniteLists(listsOf(a.resource), listsOf(b.resource));
  return listsOf((a.issue.order > b.issue.order ? a : b).resource);
}

/** Every row that any of the lists names. */
export function refsIn(lists: Lists): string[] {
  return listNames.flatMap((name) => lists[name]);
}

/** The head with these lists in place of its own. */
export function withLists<T extends Resource>(head: T, lists: Lists): T {
  const rows = lists.rows.map((valueString): Extension => ({ url: extensions.sheetRow, valueString }));
  const listed = withExtensions(head, extensions.sheetRow, rows);
  if (listed.resourceType !== "DiagnosticReport") return listed;
  const { result: _, imagingStudy: __, ...rest } = listed as unknown as DiagnosticReport;
  const filled = listElements.filter((name) => lists[name].length > 0);
  return {
    ...rest,
    ...Object.fromEntries(filled.map((name) => [name, lists[name].map((reference) => ({ reference }))])),
  } as unknown as T;
}

/** Whether every row named in `some` is named in `all` too. */
export function covers(all: Lists, some: Lists): boolean {
  return listNames.every((name) => {
    if (some[name].length === 0) return true;
    const known = new Set(all[name]);
    return some[name].every((ref) => known.has(ref));
  });
}
