import type { Column, Leaf, Table } from "./compiled.ts";
import type { Environment } from "./expression-names.ts";
import { type IdentityRule, type KeyAlternative, namesInstitution, patientKeys, placeLeaf, usualKinds } from "./identity.ts";

/** A business key as written: its columns, or its make with its columns. */
export type KeyFile = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** The `ids` of a template as written: `Type: [columns]`, or `{kind?, each?, key | first_of}` with named alternatives. */
export type IdsFile = Readonly<
  Record<
    string,
    | readonly string[]
    | { readonly kind?: string; readonly each?: string; readonly key?: KeyFile; readonly first_of?: readonly KeyFile[] }
  >
>;

/** What the keys of a template are compiled against. */
export interface IdsContext {
  readonly table: Table;
  /** For each entry that is emitted the join it repeats over; undefined = the head row. */
  readonly homes: ReadonlyMap<string, string | undefined>;
  /** Names in `with`. */
  readonly joins: readonly string[];
  readonly envOf: (name: string | undefined) => Environment | undefined;
  readonly expression: (text: string, path: PropertyKey[], env?: Environment) => Leaf;
  /** Tells a problem at a path of the template. */
  readonly wrong: (path: PropertyKey[], reason: string) => void;
}

/** Compiles how each entry's id is made. The institution's column in a key becomes the campus (or institution) the registry names. */
export function compileIds(ids: IdsFile, context: IdsContext): Map<string, IdentityRule> {
  return new Map(
    Object.entries(ids).map(([name, entry]) => {
      const type = name.split("/", 1)[0] ?? name;
      const settings = "slice" in entry ? {} : entry;
      const home = settings.each ?? (context.homes.has(name) ? context.homes.get(name) : homeOf(entry, context));
      if (settings.each !== undefined && context.envOf(settings.each) === undefined)
        context.wrong(["ids", name, "each"], `ids.${name} is made of rows of ${settings.each}, which is not in "with"`);
      const given = writtenKeys(entry).flatMap(({ key, path }, index, all) =>
        namedKeys(type, key, { index, count: all.length, path: ["ids", name, ...path] }),
      );
      if (type === "Patient") checkPatientKeys(given, context);
      const env = context.envOf(home);
      const alternatives = env === undefined ? [] : given.map((one) => compileKey(one, env, context)); // a wrong join is told where it stands
      const kind = settings.kind ?? usualKinds[type] ?? type.toLowerCase();
      return [name, { name, type, kind, alternatives, ...(home === undefined ? {} : { home }) }];
    }),
  );
}

/** Where an entry that is only referred to is made: of the head row, unless its columns are only those of a join. */
function homeOf(entry: IdsFile[string], { envOf, joins }: IdsContext): string | undefined {
  const parts = writtenKeys(entry).flatMap(({ key }) => Object.values(key).flat());
  const has = (name: string | undefined) => parts.every((part) => part === place || envOf(name)?.columns.has(part) === true);
  return has(undefined) ? undefined : joins.find(has);
}

/** A key with its make and its place in the template. */
interface WrittenKey {
  readonly name: string;
  readonly parts: readonly string[];
  readonly path: readonly PropertyKey[];
}

function writtenKeys(entry: IdsFile[string]): { readonly key: KeyFile; readonly path: PropertyKey[] }[] {
  if ("slice" in entry) return [{ key: entry as readonly string[], path: [] }];
  if (entry.first_of !== undefined) return entry.first_of.map((key, index) => ({ key, path: ["first_of", index] }));
  return entry.key === undefined ? [] : [{ key: entry.key, path: ["key"] }];
}

/** The makes of a key; a Patient's keys without names are card, file, visit in this order, one alone is the file number. */
export function namedKeys(
  type: string,
  key: KeyFile,
  { index, count, path }: { readonly index: number; readonly count: number; readonly path: readonly PropertyKey[] },
): WrittenKey[] {
  if (!("slice" in key)) return Object.entries(key).map(([name, parts]) => ({ name, parts, path: [...path, name] }));
  const parts = key as readonly string[];
  if (type === "Patient") return [{ name: count === 1 ? "file" : (patientKeys[index] ?? String(index)), parts, path }];
  return [{ name: count === 1 ? "" : String(index), parts, path }];
}

/** In a key: the campus, or the institution where it has none, as the institution's column means it. */
const place = "$institution";

/** Compiles one key. */
export function compileKey(
  { name, parts, path }: WrittenKey,
  env: Environment,
  { table, expression }: Pick<IdsContext, "table" | "expression">,
): KeyAlternative {
  const institution = table.institution !== undefined && "column" in table.institution ? table.institution.column : undefined;
  const reads = new Set<Column>();
  const traced = { ...env, used: reads };
  const leaves = parts.map((part, index) => {
    if (part === place) return placeLeaf();
    const column = env.columns.get(part);
    if (!namesInstitution(column, institution)) return expression(part, [...path, index], traced);
    if (column !== undefined) env.used.add(column);
    return placeLeaf();
  });
  for (const column of reads) env.used.add(column);
  return { name, parts: leaves, texts: parts, reads };
}

function checkPatientKeys(given: readonly WrittenKey[], { wrong }: IdsContext): void {
  let weakest = -1;
  for (const { name, path } of given) {
    const rank = patientKeys.indexOf(name as "card");
    if (rank < 0) wrong([...path], `a Patient's key is one of ${patientKeys.join(", ")}, not ${name}`);
    else if (rank <= weakest) wrong([...path], `a Patient's keys stand from best to weakest: ${patientKeys.join(", ")}`);
    weakest = Math.max(weakest, rank);
  }
}
