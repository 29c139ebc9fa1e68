import type { Patient, Resource } from "@medplum/fhirtypes";
import { compareIssues, issueOf, ownIssue, withIssue } from "../fhir/issue.ts";
import { withReplacement } from "../fhir/replacement.ts";
import type { Write } from "../fhir/store.ts";
import { updateOf } from "../fhir/update-of.ts";
import { isRuled, type Ruling, ruled } from "./ruling.ts";
import { type Row, refOf, type Sheet } from "./sheet.ts";
import { covers, type Lists, listsOf, mergedLists, uniteLists, withLists } from "./sheet-lists.ts";
import { type Stored, storedFrom } from "./stored.ts";
import { withVisitPatient } from "./visits.ts";

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
  /** A later issue takes the place of an earlier one. */
  readonly reissued: boolean;
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
    reissued: headFate === "updated" && isReissue(sheet.head, storedHead),
    verify:
      sheet.writesHead && sends.some((one) => headFate === undefined || (headFate === "created" && one.fate === "updated")),
  };
}

/** Whether this row's issue is another than the stored one, which is a real one. */
export function isReissue(head: Row, stored: Pick<Stored, "issue"> | undefined): boolean {
  return stored?.issue !== undefined && stored.issue.order < head.issue.order;
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

function planRow(row: Row, before: Stored | undefined, ruling: Ruling): PlannedRow {
  const later = before?.issue === undefined ? 1 : compareIssues(row.issue, ownIssue(before.issue));
  if (later > 0) {
    const resource = ruled(row, ruling);
    return { row, before, fate: before === undefined ? "created" : "updated", resource, misruled: false };
  }
  const misruled = before?.issue !== undefined && !isRuled(row.ref, before.issue, ruling);
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
  if (before?.issue === undefined) return { send: withIssue(kept(head.resource, before), head.issue) };
  const mine = listsOf(head.resource);
  const here = everyRef(rows);
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
  return { send: withIssue(kept(resource, before), head.issue), changesRuling };
}

/** What others told of a resource stays, whatever its own record says later: to whom a Patient gave way, who is known by a visit alone. */
function kept(resource: Resource, before: Pick<Stored, "replacement" | "visitPatient"> | undefined): Resource {
  if (resource.resourceType === "Patient") return withReplacement(resource satisfies Patient, before?.replacement);
  return before?.visitPatient === undefined ? resource : withVisitPatient(resource, before.visitPatient);
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
  const content = mineIsLater ? kept(sheet.head.resource, storedFrom(storedHead)) : storedHead;
  const changed = mineIsLater || !covers(listsOf(storedHead), lists);
  const rows = storedRows.flatMap((resource) => {
    const stored = issueOf(resource);
    const ref = refOf(resource);
    if (stored === undefined || isRuled(ref, stored, issue)) return [];
    return [updateOf(resource, ruled({ ref, resource, issue: ownIssue(stored) }, issue))];
  });
  return { rows, head: changed ? updateOf(storedHead, withIssue(withLists(content, lists), issue)) : undefined };
}

function rulingOf(head: Row, stored: Stored | undefined): Ruling {
  if (stored?.issue === undefined) return head.issue;
  return compareIssues(head.issue, stored.issue) >= 0 ? head.issue : stored.issue;
}

function everyRef(rows: readonly Row[]): Lists {
  const all = rows.map((row) => row.ref);
  return { result: all, imagingStudy: all, rows: all };
}
