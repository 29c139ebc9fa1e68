import type { ResourceId } from "../kernel/brand.ts";
import { type Row, type Run, type Scope, type Sheet, tell, type Value } from "./compiled.ts";
import type { Emission, Template } from "./compiled-template.ts";
import { identityOf } from "./identity.ts";
import type { MappedSheet, PersonFacts } from "./mapped.ts";
import { type Member, memberOf, outranks } from "./member.ts";
import { giveUpRows, settleRows, tellRow } from "./row-fate.ts";

/** One head row with the rows joined to it, and whose it is. */
export interface SheetSource {
  readonly head: Row;
  readonly joined: ReadonlyMap<string, readonly Row[]>;
  readonly institution: { readonly tenant: Sheet["tenant"]; readonly campus?: string };
}

/**
 * Maps one head row with its joined rows to a sheet. A joined row that fails becomes an issue and the sheet goes on; when the head fails there is no
 * sheet, and each of its rows becomes an issue.
 */
export function mapSheet(template: Template, source: SheetSource, run: Run): MappedSheet | undefined {
  const { head, joined, institution } = source;
  const sheet: Sheet = {
    head,
    ...institution,
    joined: new Map(joined),
    ids: new Map(),
    rowIds: new Map(),
    references: new Map(),
  };
  const scope: Scope = { run, sheet, row: head, lets: [], failed: false };
  const retracted = template.retracted?.(scope) === true;
  const repeated = template.emissions.flatMap((emission) =>
    emission.each === undefined ? [] : mapRepeated(emission, emission.each, scope, retracted),
  );
  scope.row = head;
  const members = mapHead(template, scope, retracted);
  if (members === undefined) {
    giveUpRows(head, joined, run, "its sheet could not be mapped");
    return undefined;
  }
  const [first] = members;
  if (first === undefined) return undefined;
  settleRows(head, joined, new Set(repeated.map((member) => member.row)));
  const all = [...members, ...repeated];
  const own = new Set(all.map((member) => member.resource.id));
  const person = template.person === undefined ? undefined : personOf(template.person, first.resource.id as ResourceId, scope);
  return {
    ...institution,
    head: `${first.resource.resourceType}/${first.resource.id}`,
    order: orderOf(template, scope),
    mapping: template.mapping,
    members: all.map(({ row: _row, ...member }) => member),
    parents: [...sheet.references.values()].filter((parent) => !own.has(parent.id)),
    ...(person === undefined ? {} : { person }),
  };
}

/** Members made of joined rows; of two rows with one id the retracted, then the greater digest stays. The join keeps only rows that became resources. */
function mapRepeated(emission: Emission, name: string, scope: Scope, retracted: boolean): Member[] {
  const kept = new Map<string, Member>();
  for (const row of scope.sheet.joined.get(name) ?? []) {
    scope.row = row;
    const member = mapResource(emission, scope, retracted);
    if (member === undefined) {
      if (row.fate === "unread") row.fate = "issue";
      continue;
    }
    const id = member.resource.id ?? "";
    const other = kept.get(id);
    if (other === undefined) kept.set(id, member);
    else {
      const [winner, loser] = outranks(member, other) ? [member, other] : [other, member];
      kept.set(id, winner);
      if (loser.row.fate === "unread")
        tellRow(scope.run, loser.row, "superseded", "another row of this sheet has the same key; that one is kept");
      loser.row.fate = "issue";
    }
  }
  const members = [...kept.values()];
  const rows = new Set(members.map((member) => member.row));
  scope.sheet.joined.set(
    name,
    (scope.sheet.joined.get(name) ?? []).filter((row) => rows.has(row)),
  );
  return members;
}

/** Resources made of the head row, the head first; undefined when one of them failed. */
function mapHead(template: Template, scope: Scope, retracted: boolean): Member[] | undefined {
  const members: Member[] = [];
  for (const [index, emission] of template.emissions.entries()) {
    if (emission.each !== undefined) continue;
    const member = mapResource(emission, scope, retracted);
    if (scope.failed) return undefined;
    if (member !== undefined) members.push(member);
    else if (index === 0) {
      tellRow(scope.run, scope.row, "left-out", "the template's $if leaves this row out");
      return undefined;
    }
  }
  return members;
}

/** One resource of the row in hand; undefined when `$if` leaves it out or an error was told. */
function mapResource(emission: Emission, scope: Scope, retracted: boolean): Member | undefined {
  scope.failed = false;
  for (const { slot, leaf } of emission.lets) scope.lets[slot] = leaf(scope);
  if (emission.condition !== undefined && emission.condition(scope) !== true) {
    if (emission.each !== undefined) tellRow(scope.run, scope.row, "left-out", "the template's $if leaves this row out");
    return undefined;
  }
  const identity = identityOf(emission.rule, scope);
  if (identity === undefined) {
    tell(
      scope,
      { severity: "error", code: "missing-key", reason: `no key of ${emission.type} is complete in this row` },
      emission.place,
    );
    return undefined;
  }
  const fields = "constant" in emission.fields ? emission.fields.constant : emission.fields.build(scope);
  if (scope.failed) return undefined;
  return memberOf(emission, identity, fields, scope, retracted);
}

function orderOf(template: Template, scope: Scope): string {
  const parts = template.order.map(({ leaf, whole }) => {
    const value = leaf(scope);
    return value === undefined ? "" : whole ? String(value).padStart(15, "0") : String(value);
  });
  return parts.every((part) => part === "") ? "" : parts.map((part) => part || "-").join(" ");
}

function personOf(leaves: NonNullable<Template["person"]>, patientId: ResourceId, scope: Scope): PersonFacts {
  const text = (leaf: ((scope: Scope) => Value) | undefined): string | undefined => {
    const value = leaf?.(scope);
    return value === undefined ? undefined : String(value);
  };
  const number = text(leaves.identityNumber);
  const [name, birthDate, sex, phone] = [text(leaves.name), text(leaves.birthDate), text(leaves.sex), text(leaves.phone)];
  return {
    patientId,
    ...(number === undefined ? {} : { identity: { type: text(leaves.identityType) ?? "unknown", number } }),
    ...(name === undefined ? {} : { name }),
    ...(birthDate === undefined ? {} : { birthDate: birthDate.slice(0, 10) }),
    ...(sex === "male" || sex === "female" ? { sex } : {}),
    ...(phone === undefined ? {} : { phone }),
  };
}
