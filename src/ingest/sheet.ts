import type { Resource } from "@medplum/fhirtypes";
import { compareIssues, type Issue } from "../fhir/issue.ts";
import type { Replacement } from "../fhir/replacement.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { PersonFacts } from "../mapping/mapped.ts";
import { mergedLists, withLists } from "./sheet-lists.ts";

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
  /** The row as the mapping gave it, where its subject gave way to another Patient since. */
  readonly told?: Row;
}

/** A resource that a sheet refers to and does not bring. */
export interface Parent {
  readonly type: Resource["resourceType"];
  readonly id: string;
  /** The business key behind the id; a Patient's begins with its make (`card`, `file`, `visit`). */
  readonly key?: readonly string[];
}

/** A statement that one Patient of the tenant gives way to another. */
export interface GivingWay {
  readonly id: string;
  readonly replacement: Replacement;
}

/** A record of a visit that names a person. */
export interface VisitPerson {
  readonly encounter: string;
  readonly into: string;
  readonly issue: Issue;
}

/** One sheet, or the part of it that goes into one transaction. */
export interface Sheet {
  readonly tenant: InstitutionCode;
  readonly head: Row;
  /** Whether the head is written with this part; if not, it only tells which issue is current. */
  readonly writesHead: boolean;
  readonly rows: readonly Row[];
  readonly parents: readonly Parent[];
  readonly givingWay: readonly GivingWay[];
  /** Whom the rows of a visit name, also those that a later one took the place of. */
  readonly persons: readonly VisitPerson[];
  /** Patients of these rows that are known by a visit alone, with their visits. */
  readonly visits: readonly { readonly patient: string; readonly encounter: string }[];
  /** Places of this sheet in the export, counted from 1; more than one when its rows came apart. */
  readonly places: readonly number[];
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
    rows: distinctRows([...a.rows, ...b.rows]),
    parents: [...new Map([...a.parents, ...b.parents].map((parent) => [`${parent.type}/${parent.id}`, parent])).values()],
    givingWay: [...a.givingWay, ...b.givingWay],
    persons: [...a.persons, ...b.persons],
    visits: [...a.visits, ...b.visits],
    places: [...a.places, ...b.places],
  };
}

function laterRow(a: Row, b: Row): Row {
  return compareIssues(a.issue, b.issue) >= 0 ? a : b;
}

/** Each resource once, in its latest issue: two writes of one identity in a transaction would silently become one. */
export function distinctRows(rows: readonly Row[]): readonly Row[] {
  const byRef = new Map<string, Row>();
  for (const row of rows) {
    const before = byRef.get(row.ref);
    byRef.set(row.ref, before === undefined ? row : laterRow(before, row));
  }
  return byRef.size === rows.length ? rows : [...byRef.values()];
}
