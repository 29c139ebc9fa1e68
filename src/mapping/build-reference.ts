import type { Built } from "./assemble.ts";
import { type Place, type Row, type Scope, tell, type Value } from "./compiled.ts";
import type { Environment } from "./expression-names.ts";
import { type IdentityRule, identityOf, lackingKey } from "./identity.ts";
import { didYouMean } from "./suggest.ts";

interface ReferenceContext {
  readonly env: Environment;
  readonly rules: ReadonlyMap<string, IdentityRule>;
  /** Name in `with` of the row in hand; undefined = the head's. */
  readonly row: string | undefined;
}

/** A reference to the resource that an entry of `ids` names, or what is wrong with asking for it here. */
export function buildReference(name: string, place: Place, context: ReferenceContext): Built | { readonly wrong: string } {
  const rule = context.rules.get(name);
  if (rule === undefined)
    return { wrong: `refers to ${name}, which has no entry in ids${didYouMean(name, context.rules.keys())}` };
  const rowOf = rowOfRule(rule, context);
  if (rowOf === undefined)
    return { wrong: `refers to ${name}, which is made of rows of ${rule.home}: say it under $each: ${rule.home}` };
  return { build: (scope) => reference(rule, rowOf(scope), scope, place) };
}

/** How to find the row that a rule's key stands in, from where the reference is; undefined when it cannot be known. */
function rowOfRule({ home }: IdentityRule, { env, row }: ReferenceContext): ((scope: Scope) => Row | undefined) | undefined {
  if (home === undefined) return (scope) => scope.sheet.head;
  if (home === row) return (scope) => scope.row;
  const slot = env.around?.get(home)?.slot;
  return slot === undefined ? undefined : (scope) => scope.around[slot];
}

function reference(rule: IdentityRule, row: Row | undefined, scope: Scope, place: Place): Value {
  if (row === undefined) return undefined;
  const made = rule.home === undefined ? undefined : scope.sheet.made.get(rule.name);
  if (made !== undefined && !made.has(row)) return undefined; // this row did not become one: told where it failed
  const identity = identityOf(rule, scope, row);
  if (identity === undefined) {
    const { reason, column } = lackingKey(rule, scope, row);
    const placed = column === undefined || row !== scope.row ? place : { ...place, column };
    tell(scope, { severity: "error", code: "missing-key", reason }, placed);
    return undefined;
  }
  const { id, kind, key } = identity;
  if (!scope.sheet.references.has(id)) scope.sheet.references.set(id, { type: rule.type as "Patient", id, kind, key });
  return { reference: `${rule.type}/${id}` };
}
