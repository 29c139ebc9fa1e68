import { type Column, fieldOf, type Identity, type Leaf, type Row, type Scope, type Sheet, type Value } from "./compiled.ts";

/** One way to make the id of a resource: the parts of its business key. */
export interface KeyAlternative {
  /** Tells keys of different make apart (`card`, `file`, `visit`); "" when there is only one make. */
  readonly name: string;
  readonly parts: readonly Leaf[];
  /** The parts as written: columns, or expressions. */
  readonly texts: readonly string[];
  /** Columns that the parts read; the institution's own column, which stands for the place, is not among them. */
  readonly reads: ReadonlySet<Column>;
}

/** How the ids of one entry of `ids` are computed. */
export interface IdentityRule {
  /** The entry: `Patient`, or `Practitioner/reviewer` where a template knows several of one type. */
  readonly name: string;
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
  AllergyIntolerance: "allergy",
  Composition: "composition",
  Condition: "condition",
  DiagnosticReport: "lab-report",
  DocumentReference: "document",
  Encounter: "visit",
  ImagingStudy: "imaging-study",
  Immunization: "immunization",
  Location: "location",
  MedicationRequest: "medication-order",
  Observation: "lab-result",
  Organization: "organization",
  Patient: "patient",
  Practitioner: "practitioner",
  PractitionerRole: "practitioner-role",
  Procedure: "procedure",
  ServiceRequest: "order",
  Specimen: "specimen",
};

/** A local Patient's keys from the best to the weakest, in every feed, so that two feeds of an institution mean the same Patient. */
export const patientKeys = ["card", "file", "visit"] as const;

/** The id of an entry of `ids` for a row (the head's where the entry is the head's); undefined when no key is complete. Computed once a row or sheet. */
export function identityOf(rule: IdentityRule, scope: Scope, row = scope.row): Identity | undefined {
  const { sheet } = scope;
  if (rule.home === undefined) {
    if (!sheet.ids.has(rule.name)) sheet.ids.set(rule.name, compute(rule, scope, sheet.head));
    return sheet.ids.get(rule.name);
  }
  const known = computedIn(sheet.rowIds, rule.name);
  if (!known.has(row)) known.set(row, compute(rule, scope, row));
  return known.get(row);
}

/** Why a row has no key, in words, and the column to look at first. */
export function lackingKey(rule: IdentityRule, scope: Scope, row: Row): { readonly reason: string; readonly column?: Column } {
  const before = scope.row;
  scope.row = row;
  const lacks = rule.alternatives.map(({ name, parts, texts }) => {
    const empty = texts.filter((_text, index) => parts[index]?.(scope) === undefined);
    return { name, empty: empty.map((text) => asPrinted(text, row)), first: row.table.byName.get(empty[0] ?? "") };
  });
  scope.row = before;
  const [first] = lacks;
  const texts =
    lacks.length === 1
      ? [`${first?.empty.join(" and ")} ${first?.empty.length === 1 ? "is" : "are"} empty`]
      : lacks.map(({ name, empty }) => `${name || "a key"} lacks ${empty.join(" and ")}`);
  const column = first?.first;
  const where = row === before ? "" : ` in its sheet's row (line ${row.line} of ${row.file})`;
  return { reason: `${rule.name} has no key${where}: ${texts.join("; ")}`, ...(column === undefined ? {} : { column }) };
}

/** A column by its heading in the file and its name in the feed. */
function asPrinted(text: string, row: Row): string {
  const column = row.table.byName.get(text);
  const field = column === undefined ? text : fieldOf(column);
  return field === text ? text : `${field} (${text})`;
}

/** A key part that is the sheet's own place: the campus where the registry knows one, else the institution. Spelled alike in every feed. */
export function placeLeaf(): Leaf {
  return (scope) => scope.sheet.campus ?? scope.sheet.tenant;
}

/** Whether a key part is the column that names the institution. */
export function namesInstitution(column: Column | undefined, institution: Column | undefined): boolean {
  return column !== undefined && column.name === institution?.name;
}

function computedIn(all: Sheet["rowIds"], name: string): Map<Row, Identity | undefined> {
  const known = all.get(name);
  if (known !== undefined) return known;
  const fresh = new Map<Row, Identity | undefined>();
  all.set(name, fresh);
  return fresh;
}

function compute(rule: IdentityRule, scope: Scope, row: Row): Identity | undefined {
  const before = scope.row;
  scope.row = row;
  try {
    for (const [index, alternative] of rule.alternatives.entries()) {
      const identity = identityBy(alternative, rule, scope);
      if (identity === undefined) continue;
      if (rule.type === "Patient" && index + 1 < rule.alternatives.length) addAliases(rule, index, identity, scope);
      return identity;
    }
    return undefined;
  } finally {
    scope.row = before;
  }
}

function identityBy({ name, parts }: KeyAlternative, { type, kind }: IdentityRule, scope: Scope): Identity | undefined {
  const key: Value[] = parts.map((part) => part(scope));
  if (key.includes(undefined)) return undefined;
  const text = name === "" ? key.map(String) : [name, ...key.map(String)];
  return { id: scope.run.deps.ids(scope.sheet.tenant, type, kind, ...text), kind, key: text };
}

/** Weaker complete keys of a Patient than the one taken; a visit is no alias, because what hangs on it is found through its Encounter. */
function addAliases(rule: IdentityRule, taken: number, into: Identity, scope: Scope): void {
  for (const alternative of rule.alternatives.slice(taken + 1)) {
    if (alternative.name === "visit") continue;
    const weaker = identityBy(alternative, rule, scope);
    if (weaker !== undefined && weaker.id !== into.id)
      scope.sheet.aliases.set(weaker.id, { id: weaker.id, key: weaker.key, into: into.id });
  }
}
