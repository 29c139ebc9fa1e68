import type { ResourceId } from "../kernel/brand.ts";
import type { Row, Run, Scope } from "./compiled.ts";
import type { Template } from "./compiled-template.ts";
import { mapHead, mapRepeated } from "./map-members.ts";
import type { MappedSheet } from "./mapped.ts";
import type { Member } from "./member.ts";
import { personFacts } from "./person-facts.ts";
import { giveUpRows, settleRows } from "./row-fate.ts";
import { type Owner, openSheet } from "./sheet-scope.ts";

/** One head row with the rows joined to it, and whose it is. */
export interface SheetSource {
  readonly head: Row;
  readonly joined: ReadonlyMap<string, readonly Row[]>;
  readonly institution: Owner;
}

/**
 * Maps one head row with its joined rows to a sheet. A joined row that fails becomes an issue and the sheet goes on; when the head fails there is no
 * sheet, and each of its rows becomes an issue. A template without `emit` gives no sheet.
 */
export function mapSheet(template: Template, source: SheetSource, run: Run): MappedSheet | undefined {
  const { head, joined, institution } = source;
  if (template.emissions.length === 0) return undefined;
  const scope = openSheet(head, institution, joined, run);
  const { sheet } = scope;
  const state = {
    retracted: template.retracted?.(scope) === true,
    reviewed: template.reviewed === undefined ? undefined : isReviewed(template.reviewed(scope)),
  };
  const repeated = mapRepeated(template.emissions, scope, state);
  scope.row = head;
  const members = mapHead(template.emissions, scope, state);
  if (members === undefined) {
    const what = scope.failed ? "could not be mapped" : "is left out by the template's $if";
    giveUpRows(head, joined, run, `its sheet (line ${head.line} of ${head.file}) ${what}`);
    return undefined;
  }
  const [first] = members;
  if (first === undefined) return undefined;
  settleRows(head, joined, new Set(repeated.map((member) => member.row)));
  const all = once([...members, ...repeated]);
  const own = new Set(all.map((member) => member.resource.id));
  const person =
    template.person === undefined ? undefined : personFacts(template.person, first.resource.id as ResourceId, scope);
  return {
    ...institution,
    head: `${first.resource.resourceType}/${first.resource.id}`,
    order: orderOf(template, scope),
    mapping: template.mapping,
    generation: template.version,
    members: all.map(({ row: _row, ...member }) => member),
    parents: [...sheet.references.values()].filter((parent) => !own.has(parent.id)),
    aliases: [...sheet.aliases.values()],
    ...(person === undefined ? {} : { person }),
  };
}

/** A reviewer's name or time says that somebody reviewed; so does `true`. */
function isReviewed(value: unknown): boolean {
  return value !== undefined && value !== false;
}

/** Each resource once: two entries of `emit` may make the same one (the reviewer is also the author). */
function once(members: readonly Member[]): readonly Member[] {
  const seen = new Set<string | undefined>();
  return members.filter(({ resource: { id } }) => {
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Sortable text of the template's `order`; "" when none of its parts is there. */
export function orderOf(template: Template, scope: Scope): string {
  const parts = template.order.map(({ leaf, whole }) => {
    const value = leaf(scope);
    return value === undefined ? "" : whole ? String(value).padStart(15, "0") : String(value);
  });
  return parts.every((part) => part === "") ? "" : parts.map((part) => part || "-").join(" ");
}
