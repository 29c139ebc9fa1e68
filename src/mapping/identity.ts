import type { Column, Identity, Leaf, Row, Scope, Value } from "./compiled.ts";

/** One way to make the id of a resource type: the parts of its business key. */
export interface KeyAlternative {
  /** Tells keys of different make apart (`card`, `file`, `visit`); "" when there is only one make. */
  readonly name: string;
  readonly parts: readonly Leaf[];
}

/** How the ids of one resource type are computed in a template. */
export interface IdentityRule {
  readonly type: string;
  /** Number range: part of the id. */
  readonly kind: string;
  /** The first one with all its parts present is taken. */
  readonly alternatives: readonly KeyAlternative[];
  /** Name in `with` of the rows it is computed from; undefined = the sheet's head row. */
  readonly home?: string;
}

/** The number range a resource type belongs to when the template does not say. */
export const usualKinds: Readonly<Record<string, string>> = {
  Patient: "patient",
  Encounter: "visit",
  DiagnosticReport: "lab-report",
  Observation: "lab-result",
  ImagingStudy: "imaging-study",
};

/** The id of a type for the row in hand (or its sheet); undefined when no key is complete. Computed once per row or sheet. */
export function identityOf(rule: IdentityRule, scope: Scope): Identity | undefined {
  const { sheet } = scope;
  if (rule.home === undefined) {
    if (!sheet.ids.has(rule.type)) sheet.ids.set(rule.type, compute(rule, scope, sheet.head));
    return sheet.ids.get(rule.type);
  }
  const cached = sheet.rowIds.get(scope.row);
  if (cached !== undefined) return cached;
  const identity = compute(rule, scope, scope.row);
  if (identity !== undefined) sheet.rowIds.set(scope.row, identity);
  return identity;
}

/** A key part that is the sheet's own place: the campus where the registry knows one, else the institution. Spelled alike in every feed. */
export function placeLeaf(): Leaf {
  return (scope) => scope.sheet.campus ?? scope.sheet.tenant;
}

/** Whether a key part is the column that names the institution. */
export function namesInstitution(column: Column | undefined, institution: Column | undefined): boolean {
  return column !== undefined && column.name === institution?.name;
}

function compute(rule: IdentityRule, scope: Scope, row: Row): Identity | undefined {
  const before = scope.row;
  scope.row = row;
  try {
    for (const { name, parts } of rule.alternatives) {
      const key: Value[] = parts.map((part) => part(scope));
      if (key.includes(undefined)) continue;
      const text = name === "" ? key.map(String) : [name, ...key.map(String)];
      return { id: scope.run.deps.ids(scope.sheet.tenant, rule.type, rule.kind, ...text), kind: rule.kind, key: text };
    }
    return undefined;
  } finally {
    scope.row = before;
  }
}
