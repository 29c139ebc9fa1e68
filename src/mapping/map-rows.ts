import type { Run, Table } from "./compiled.ts";
import type { Join, Template } from "./compiled-template.ts";
import type { JoinedRows } from "./joined-rows.ts";
import { mapMerge } from "./map-merge.ts";
import { mapSheet } from "./map-sheet.ts";
import type { MappedMerge, MappedSheet, OrphanRow, RowIssue } from "./mapped.ts";
import { orphanHead } from "./orphan-head.ts";
import type { Reading } from "./read-rows.ts";
import { resolveInstitution } from "./resolve-institution.ts";
import { giveUpRows } from "./row-fate.ts";
import type { StoredRow } from "./stored-row.ts";
import type { WaitingHeads } from "./waiting-heads.ts";

/** What the mapping of an export yields, file by file and the same every time. */
export type MappingEvent =
  | { readonly kind: "sheet"; readonly sheet: MappedSheet }
  | { readonly kind: "issue"; readonly issue: RowIssue }
  | { readonly kind: "orphan"; readonly orphan: OrphanRow }
  | { readonly kind: "merge"; readonly merge: MappedMerge };

/** One run over the files of an export. */
export interface Pass extends Reading {
  /** Tables whose rows are joined to heads. */
  readonly joined: ReadonlySet<Table>;
  /** Every join ties rows of one message or document together: each is mapped when it has been read. */
  readonly byRecord: boolean;
  children: JoinedRows;
  /** Head rows of files that hold joined tables too. */
  heads: WaitingHeads;
  gather(): Pick<Pass, "children" | "heads" | "rows">;
}

/** The issues that were told and not yet handed on. */
export function drain({ issues, counter }: Run): MappingEvent[] {
  if (issues.length === 0) return [];
  return issues.splice(0).map((issue) => {
    counter.issue(issue);
    return { kind: "issue", issue };
  });
}

/** Maps one head row with the rows joined to it, by every template of its table. */
export function mapHead(pass: Pass, head: StoredRow): MappingEvent[] {
  const isChild = pass.joined.has(head.table);
  if (isChild) head.fate = pass.children.fateOf(head);
  const templates = pass.feed.templates.filter((template) => template.table === head.table);
  const events: MappingEvent[] = [];
  if (templates.some((template) => template.joins.some((join) => !isLocal(join) && pass.held.failed(join.table)))) {
    pass.held.hold(head);
    head.fate = "issue";
  } else {
    const institution = resolveInstitution(head.table, head, pass.run);
    for (const template of templates) events.push(...mapThrough(pass, template, head, institution));
  }
  if (!isChild) count(pass, head.table, head.fate);
  else pass.children.settle([head]); // counted with the joined rows
  return events;
}

function mapThrough(
  pass: Pass,
  template: Template,
  head: StoredRow,
  institution: ReturnType<typeof resolveInstitution>,
): MappingEvent[] {
  const joined = new Map(template.joins.map((join) => [join.name, pass.children.of(join, head)]));
  const settle = () => {
    for (const rows of joined.values()) pass.children.settle(rows);
  };
  if (institution === undefined) {
    giveUpRows(head, joined, pass.run, "the institution of its sheet is not registered");
    settle();
    return drain(pass.run);
  }
  const sheet = mapSheet(template, { head, joined, institution }, pass.run);
  const merge = mapMerge(template, { head, institution }, pass.run);
  settle();
  const events = drain(pass.run);
  if (sheet !== undefined) events.push({ kind: "sheet", sheet });
  if (merge !== undefined) events.push({ kind: "merge", merge });
  return events;
}

/** Whether a join ties rows of one message or document together: then a broken file says nothing about the sheets of the others. */
export function isLocal({ columns }: Join): boolean {
  return columns.some(({ path }) => /(?:^|[./])@(?:row|message)$/.test(path));
}

/** At the end: joined rows that no sheet took are orphans, or held back when a file of their sheets could not be read. */
export function* settleChildren(pass: Pass): Generator<MappingEvent> {
  const uncertain = new Set<Table>();
  for (const template of pass.feed.templates) {
    for (const join of template.joins)
      if (!isLocal(join) && (pass.held.failed(template.table) || pass.held.failed(join.table))) uncertain.add(join.table);
  }
  for (const { table, fate, row } of pass.children.fates()) {
    count(pass, table, fate);
    if (fate !== "unread" || row === undefined) continue;
    if (uncertain.has(table)) pass.held.hold(row);
    else yield orphanOf(pass, row);
  }
}

/** A row that waits for a sheet that can be named, or an issue. */
function orphanOf({ feed, run }: Pass, row: StoredRow): MappingEvent {
  const orphan = orphanHead(feed.templates, row, run);
  const { file, line, table } = row;
  const reason = `no sheet in this export has the key of this ${table.name} row`;
  const issue: RowIssue = { severity: "error", code: "orphan", file, line, reason };
  run.counter.issue(issue);
  return orphan === undefined ? { kind: "issue", issue } : { kind: "orphan", orphan };
}

function count({ run }: Pass, table: Table, fate: StoredRow["fate"]): void {
  if (fate === "mapped") run.counter.mapped(table.name);
  else run.counter.skipped(table.name);
}
