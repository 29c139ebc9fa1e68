import { valueIn } from "./assemble.ts";
import { bindLets } from "./compile-scope.ts";
import { type Row, type Scope, tell } from "./compiled.ts";
import type { Emission } from "./compiled-template.ts";
import { identityOf, lackingKey } from "./identity.ts";
import { type Member, memberOf, outranks, type SheetState } from "./member.ts";
import { tellRow } from "./row-fate.ts";

/** Members made of joined rows. Afterwards a join keeps only rows that became a resource; rows that `$if` leaves out of every entry are told. */
export function mapRepeated(emissions: readonly Emission[], scope: Scope, state: SheetState): Member[] {
  const members: Member[] = [];
  const used = new Map<string, Set<Row>>();
  for (const emission of emissions) {
    if (emission.each === undefined) continue;
    const made = mapRows(emission, emission.each, scope, state);
    members.push(...made.values());
    const rows = used.get(emission.each) ?? new Set<Row>();
    used.set(emission.each, rows);
    for (const row of scope.sheet.made.get(emission.rule.name) ?? []) rows.add(row);
  }
  for (const [name, rows] of used) {
    const all = scope.sheet.joined.get(name) ?? [];
    for (const row of all) {
      if (rows.has(row) || row.fate !== "unread") continue;
      tellRow(scope.run, row, "left-out", "the template's $if leaves this row out");
      row.fate = "issue";
    }
    scope.sheet.joined.set(
      name,
      all.filter((row) => rows.has(row)),
    );
  }
  return members;
}

/** One entry of `emit` over the rows of a join, by id. */
function mapRows(emission: Emission, name: string, scope: Scope, state: SheetState): Map<string, Member> {
  const kept = new Map<string, Member>();
  const rows = new Set<Row>();
  for (const row of scope.sheet.joined.get(name) ?? []) {
    scope.row = row;
    if (emission.slot !== undefined) scope.around[emission.slot] = row;
    const member = mapResource(emission, scope, state);
    if (member === undefined) {
      if (scope.failed && row.fate === "unread") row.fate = "issue";
      continue;
    }
    rows.add(row);
    const id = member.resource.id ?? "";
    const other = kept.get(id);
    kept.set(id, other === undefined ? member : winnerOf(member, other, rows, scope));
  }
  scope.sheet.made.set(emission.rule.name, rows);
  return kept;
}

/** Of two rows with one id the retracted, then the greater digest stays; the row of the other one is told, unless both say the same. */
function winnerOf(member: Member, other: Member, rows: Set<Row>, { run }: Scope): Member {
  const [winner, loser] = outranks(member, other) ? [member, other] : [other, member];
  if (JSON.stringify(member.resource) === JSON.stringify(other.resource)) return winner;
  if (loser.row.fate === "unread")
    tellRow(run, loser.row, "superseded", "another row of this sheet has the same key; that one is kept");
  loser.row.fate = "issue";
  rows.delete(loser.row);
  return winner;
}

/** Resources made of the head row, the head first; undefined when one of them failed. */
export function mapHead(emissions: readonly Emission[], scope: Scope, state: SheetState): Member[] | undefined {
  const members: Member[] = [];
  for (const [index, emission] of emissions.entries()) {
    if (emission.each !== undefined) continue;
    const member = mapResource(emission, scope, state);
    if (scope.failed) return undefined;
    if (member !== undefined) members.push(member);
    else if (index === 0) {
      // A row that another template took is not left out.
      if (scope.row.fate !== "mapped") tellRow(scope.run, scope.row, "left-out", "the template's $if leaves this row out");
      return undefined;
    }
  }
  return members;
}

/** One resource of the row in hand; undefined when `$if` leaves it out or an error was told. */
function mapResource(emission: Emission, scope: Scope, state: SheetState): Member | undefined {
  scope.failed = false;
  bindLets(emission.lets, scope);
  if (emission.condition !== undefined && emission.condition(scope) !== true) return undefined;
  if (scope.failed) return undefined;
  const identity = identityOf(emission.rule, scope);
  if (identity === undefined) {
    const { reason, column } = lackingKey(
      emission.rule,
      scope,
      emission.rule.home === undefined ? scope.sheet.head : scope.row,
    );
    const place = column === undefined ? emission.place : { ...emission.place, column };
    tell(scope, { severity: "error", code: "missing-key", reason }, place);
    return undefined;
  }
  const fields = valueIn(emission.fields, scope);
  if (scope.failed) return undefined;
  return memberOf(emission, identity, fields, scope, state);
}
