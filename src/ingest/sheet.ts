import type { DiagnosticReport, Resource } from "@medplum/fhirtypes";
import { compareIssues, type Issue } from "../fhir/issue.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { MappedResource, MappedSheet, PersonFacts } from "../mapping/mapped.ts";

/** One resource of a sheet with the issue its own row tells. `ref` is its literal reference in the tenant. */
export interface Row {
  readonly ref: string;
  readonly resource: Resource;
  readonly issue: Issue;
  readonly file: string;
  readonly line: number;
  /** `<feed>/<template>@<version>` that made it. */
  readonly mapping: string;
  readonly person?: PersonFacts;
}

/** A resource that a sheet refers to and does not bring. */
export interface Parent {
  readonly type: Resource["resourceType"];
  readonly id: string;
}

/** One sheet, or the part of it that goes into one transaction. */
export interface Sheet {
  readonly tenant: InstitutionCode;
  readonly head: Row;
  /** Whether the head is written with this part; if not, it only tells which issue is current. */
  readonly writesHead: boolean;
  readonly rows: readonly Row[];
  readonly parents: readonly Parent[];
  /** Places of this sheet in the export, counted from 1; more than one when its rows came apart. */
  readonly places: readonly number[];
}

/** Lists by which a report names its rows; a row in neither is not known to belong to it. */
export const listNames = ["result", "imagingStudy"] as const;
export type Lists = Readonly<Record<(typeof listNames)[number], readonly string[]>>;

/** The rows a report names, as literal references; empty for every other type. */
export function listsOf(resource: Resource): Lists {
  const report = resource as DiagnosticReport;
  const refs = (name: (typeof listNames)[number]) =>
    resource.resourceType === "DiagnosticReport" ? (report[name] ?? []).flatMap((one) => one.reference ?? []) : [];
  return { result: refs("result"), imagingStudy: refs("imagingStudy") };
}

/** Both lists of rows, each once and sorted, so that the order of delivery leaves no trace. */
export function uniteLists(a: Lists, b: Lists): Lists {
  const unite = (name: (typeof listNames)[number]) => [...new Set([...a[name], ...b[name]])].sort();
  return { result: unite("result"), imagingStudy: unite("imagingStudy") };
}

/** The report with these lists in place of its own; any other resource as it is. */
export function withLists<T extends Resource>(resource: T, lists: Lists): T {
  if (resource.resourceType !== "DiagnosticReport") return resource;
  const { result: _, imagingStudy: __, ...rest } = resource as DiagnosticReport;
  const filled = listNames.filter((name) => lists[name].length > 0);
  return {
    ...rest,
    ...Object.fromEntries(filled.map((name) => [name, lists[name].map((reference) => ({ reference }))])),
  } as T;
}

/** What the mapping gave, as the writer wants it: references computed, the report's lists sorted. `place` counts sheets of the export. */
export function toSheet(mapped: MappedSheet, place: number): Sheet {
  const [first, ...others] = mapped.members;
  if (first === undefined) throw new TypeError("a mapped sheet has no head");
  const { order, mapping } = mapped;
  const head = toRow(first, mapping, { order, digest: first.digest, state: first.state });
  // A row's resource also tells what stands on its sheet (times, reviewer): of two issues that differ only there, one must win for ever.
  const rows = others.map((member) =>
    toRow(member, mapping, { order, digest: `${member.digest}.${first.digest}`, state: member.state }),
  );
  const lists = listsOf(head.resource);
  const resource = withLists(head.resource, uniteLists(lists, lists));
  const person = mapped.person === undefined ? {} : { person: mapped.person };
  return {
    tenant: mapped.tenant,
    head: { ...head, resource, ...person },
    writesHead: true,
    rows: distinct(rows),
    parents: mapped.parents,
    places: [place],
  };
}

function toRow({ resource, file, line }: MappedResource, mapping: string, issue: Issue): Row {
  return { ref: refOf(resource), resource, issue, file, line, mapping };
}

/** Literal reference of a resource inside its partition. */
export function refOf(resource: Resource): string {
  return `${resource.resourceType}/${resource.id}`;
}

/**
 * Two deliveries of one sheet as one: of each row and of the head the later issue; the report's lists are the union of the lists of its
 * latest issue. The result is the same whichever came first.
 */
export function mergeSheets(a: Sheet, b: Sheet): Sheet {
  const head = laterRow(a.head, b.head);
  return {
    ...a,
    head: { ...head, resource: withLists(head.resource, mergedLists(a.head, b.head)) },
    writesHead: a.writesHead || b.writesHead,
    rows: distinct([...a.rows, ...b.rows]),
    parents: [...new Map([...a.parents, ...b.parents].map((parent) => [`${parent.type}/${parent.id}`, parent])).values()],
    places: [...a.places, ...b.places],
  };
}

/** The lists of the later issue, or of both when they are of one issue. */
export function mergedLists(a: Pick<Row, "issue" | "resource">, b: Pick<Row, "issue" | "resource">): Lists {
  if (a.issue.order === b.issue.order) return uniteLists(listsOf(a.resource), listsOf(b.resource));
  return listsOf((a.issue.order > b.issue.order ? a : b).resource);
}

function laterRow(a: Row, b: Row): Row {
  return compareIssues(a.issue, b.issue) >= 0 ? a : b;
}

/** Each resource once, in its latest issue: two writes of one identity in a transaction would silently become one. */
function distinct(rows: readonly Row[]): readonly Row[] {
  const byRef = new Map<string, Row>();
  for (const row of rows) {
    const before = byRef.get(row.ref);
    byRef.set(row.ref, before === undefined ? row : laterRow(before, row));
  }
  return byRef.size === rows.length ? rows : [...byRef.values()];
}
