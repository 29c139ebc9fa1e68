import type { Condition, Patient, Resource } from "@medplum/fhirtypes";
import { compareIssues, type Issue, issueOf, ownIssue, withIssue } from "../fhir/issue.ts";
import type { Write } from "../fhir/store.ts";
import { type Lists, listNames, listsOf, mergedLists, type Row, type Sheet, uniteLists, withLists } from "./sheet.ts";

/** What is stored under an id, as far as deciding needs it: `id,meta,extension` and a report's lists. */
export interface Stored {
  readonly version: string;
  /** Undefined on a stub: whatever comes outranks it. */
  readonly issue: Issue | undefined;
  readonly lists: Lists;
}

/** What happens to one row. `older` = a later issue is stored already; `unchanged` = this very issue is. */
export type Fate = "created" | "updated" | "unchanged" | "older";

/** What to send for one part of a sheet. */
export interface Plan {
  readonly creates: readonly Resource[];
  readonly updates: readonly (Write & { kind: "update" })[];
  readonly fates: ReadonlyMap<Row, Fate>;
  /** Stored rows may have to follow the head (they vanished, the sheet was withdrawn, they went in another transaction): judged when the export ends. */
  readonly settle: boolean;
  /** Rows are sent under a head that does not go with them: read once more afterwards, somebody may have moved it meanwhile. */
  readonly verify: boolean;
}

/** The issue that decides for a whole sheet: the head's own. */
type Ruling = Pick<Issue, "order" | "state">;

/** The elements a search must return for `storedFrom`. */
export const decidingElements = ["id", "meta", "extension", ...listNames] as const;

/** What deciding needs of a stored resource. */
export function storedFrom(resource: Resource): Stored {
  return { version: resource.meta?.versionId ?? "1", issue: issueOf(resource), lists: listsOf(resource) };
}

/**
 * Decides what to send for a sheet, given what is stored: what is missing is created, a later issue is an update under its version,
 * an earlier or equal one is not sent. Pure; the same sheets in any order and partition end in the same resources.
 */
export function planSheet(sheet: Sheet, stored: (ref: string) => Stored | undefined): Plan {
  const storedHead = stored(sheet.head.ref);
  const ruling = rulingOf(sheet.head, storedHead);
  const planned = sheet.rows.map((row) => planRow(row, stored(row.ref), ruling));
  const head = sheet.writesHead ? planHead(sheet, storedHead) : undefined;
  const sends = planned.filter((one) => one.resource !== undefined);
  const headFate = head?.send === undefined ? undefined : storedHead === undefined ? "created" : "updated";
  // A row that stays as it is was not guarded by the transaction that changes what its head says.
  const unguarded = head?.changesRuling === true && planned.some((one) => one.fate === "unchanged" || one.fate === "older");
  const all =
    head === undefined
      ? planned
      : [...planned, { row: sheet.head, before: storedHead, resource: head.send, fate: headFate ?? head.fate }];
  return {
    creates: all.flatMap((one) => (one.fate === "created" ? (one.resource ?? []) : [])),
    updates: all.flatMap(({ fate, resource, before }) =>
      fate === "updated" && resource !== undefined
        ? [{ kind: "update" as const, resource, ifMatch: before?.version ?? "1" }]
        : [],
    ),
    fates: new Map(all.flatMap(({ row, fate }) => (fate === undefined ? [] : [[row, fate]]))),
    settle: head?.settle === true || unguarded || planned.some((one) => one.misruled),
    verify:
      ruling !== undefined &&
      sheet.writesHead &&
      sends.some((one) => headFate === undefined || (headFate === "created" && one.fate === "updated")),
  };
}

interface PlannedRow {
  readonly row: Row;
  readonly before: Stored | undefined;
  readonly fate: Fate;
  /** What to send, if anything. */
  readonly resource: Resource | undefined;
  /** What is stored stays, but not in the state its head demands. */
  readonly misruled: boolean;
}

function planRow(row: Row, before: Stored | undefined, ruling: Ruling | undefined): PlannedRow {
  const later = before?.issue === undefined ? 1 : compareIssues(row.issue, ownIssue(before.issue));
  if (later > 0) {
    const resource = ruled(row.resource, row.issue, ruling);
    return { row, before, fate: before === undefined ? "created" : "updated", resource, misruled: false };
  }
  const misruled = before?.issue !== undefined && !isRuled(before.issue, ruling);
  return { row, before, fate: later === 0 ? "unchanged" : "older", resource: undefined, misruled };
}

interface PlannedHead {
  /** What to send now, if anything. */
  readonly send?: Resource;
  readonly fate?: Fate;
  readonly changesRuling?: boolean;
  readonly settle?: boolean;
}

function planHead({ head, rows }: Sheet, before: Stored | undefined): PlannedHead {
  if (before?.issue === undefined) return { send: withIssue(head.resource, head.issue) };
  const mine = listsOf(head.resource);
  const here = everyRef({ result: rows.map((row) => row.ref), imagingStudy: [] });
  // Rows that went in other transactions did not know of the stored head, nor of what others did since.
  if (!covers(here, mine)) return { settle: true };
  const later = compareIssues(head.issue, before.issue);
  const sameIssue = head.issue.order === before.issue.order;
  if (later <= 0) {
    if (sameIssue && !covers(before.lists, mine)) return { settle: true };
    return { fate: later === 0 ? "unchanged" : "older" };
  }
  // A new issue, or the withdrawal of this one, also decides for rows that came earlier and are not delivered again.
  const changesRuling = !sameIssue || head.issue.state !== before.issue.state;
  if (changesRuling && !covers(here, before.lists)) return { settle: true };
  const resource = sameIssue ? withLists(head.resource, uniteLists(mine, before.lists)) : head.resource;
  return { send: withIssue(resource, head.issue), changesRuling };
}

/** A sheet whose stored rows must follow its head, with everything read whole. */
export interface Settled {
  /** Rows first, the head last: until the head is written, a replay finds everything to do again. */
  readonly rows: readonly (Write & { kind: "update" })[];
  readonly head: (Write & { kind: "update" }) | undefined;
}

/** Decides the head and every row known to the store, from whole resources. Pure. */
export function settleSheet(sheet: Sheet, storedHead: Resource, storedRows: readonly Resource[]): Settled {
  const before = issueOf(storedHead) ?? { order: "", digest: "", state: "present" };
  const mineIsLater = compareIssues(sheet.head.issue, before) > 0;
  const issue = mineIsLater ? sheet.head.issue : before;
  const lists = mergedLists(sheet.head, { issue: before, resource: storedHead });
  const content = mineIsLater ? sheet.head.resource : storedHead;
  const changed = mineIsLater || !covers(listsOf(storedHead), lists);
  const rows = storedRows.flatMap((resource) => {
    const stored = issueOf(resource);
    if (stored === undefined || isRuled(stored, issue)) return [];
    return [update(ruled(resource, ownIssue(stored), issue), resource)];
  });
  return { rows, head: changed ? update(withIssue(withLists(content, lists), issue), storedHead) : undefined };
}

function update({ meta, ...resource }: Resource, stored: Resource): Write & { kind: "update" } {
  const { versionId: _, lastUpdated: __, source: ___, ...kept } = meta ?? {};
  const clean = Object.keys(kept).length === 0 ? resource : { ...resource, meta: kept };
  return { kind: "update", resource: clean as Resource, ifMatch: stored.meta?.versionId ?? "1" };
}

function rulingOf(head: Row, stored: Stored | undefined): Ruling | undefined {
  if (head.resource.resourceType !== "DiagnosticReport") return undefined;
  if (stored?.issue === undefined) return head.issue;
  return compareIssues(head.issue, stored.issue) >= 0 ? head.issue : stored.issue;
}

/** The row's resource with its issue, and withdrawn where the row or its sheet says so. */
function ruled(resource: Resource, own: Issue, ruling: Ruling | undefined): Resource {
  const issue = ruledIssue(own, ruling);
  return withIssue(issue.state === "present" ? resource : withdrawn(resource), issue);
}

function isRuled(stored: Issue, ruling: Ruling | undefined): boolean {
  return ruledIssue(ownIssue(stored), ruling).state === stored.state;
}

/** A row of an earlier issue than its head's has vanished; a withdrawn head withdraws the rows of its issue. */
function ruledIssue(own: Issue, ruling: Ruling | undefined): Issue {
  if (ruling === undefined) return own;
  if (own.order < ruling.order)
    return { ...own, state: "vanished", ...(own.state === "retracted" ? { own: "retracted" } : {}) };
  if (own.order === ruling.order && ruling.state === "retracted" && own.state === "present")
    return { ...own, state: "retracted", own: "present" };
  return own;
}

/** The resource marked as entered in error, in the way of its type. */
function withdrawn(resource: Resource): Resource {
  switch (resource.resourceType) {
    case "Patient":
      return { ...resource, active: false } satisfies Patient;
    case "Condition":
    case "AllergyIntolerance": {
      const system = `http://terminology.hl7.org/CodeSystem/${resource.resourceType === "Condition" ? "condition-ver-status" : "allergyintolerance-verification"}`;
      const { clinicalStatus: _, ...rest } = resource;
      return { ...rest, verificationStatus: { coding: [{ system, code: "entered-in-error" }] } } as Condition;
    }
    default:
      return { ...resource, status: "entered-in-error" } as Resource;
  }
}

function everyRef(lists: Lists): Lists {
  const all = [...lists.result, ...lists.imagingStudy];
  return { result: all, imagingStudy: all };
}

/** Whether every row named in `some` is named in `all` too. */
function covers(all: Lists, some: Lists): boolean {
  return listNames.every((name) => {
    if (some[name].length === 0) return true;
    const known = new Set(all[name]);
    return some[name].every((ref) => known.has(ref));
  });
}
