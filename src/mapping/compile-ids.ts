import type { Column, Leaf, Table } from "./compiled.ts";
import type { Environment } from "./expression-names.ts";
import { type IdentityRule, type KeyAlternative, namesInstitution, placeLeaf, usualKinds } from "./identity.ts";

type Alternative = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** The `ids` of a template as written: `Type: [columns]`, or `{kind?, key | first_of}` with named alternatives. */
export type IdsFile = Readonly<
  Record<
    string,
    readonly string[] | { readonly kind?: string; readonly key?: Alternative; readonly first_of?: readonly Alternative[] }
  >
>;

interface IdsContext {
  readonly table: Table;
  /** For each emitted type the join it repeats over; undefined = the head row. */
  readonly homes: ReadonlyMap<string, string | undefined>;
  readonly envOf: (name: string | undefined) => Environment | undefined;
  readonly expression: (text: string, path: PropertyKey[], env?: Environment) => Leaf;
}

// A local Patient's key is one of these, in every feed, so that two feeds of an institution mean the same Patient.
const patientKeys = ["card", "file", "visit"];

/** Compiles how each type's id is made. The institution's column in a key becomes the campus (or institution) the registry names. */
export function compileIds(ids: IdsFile, context: IdsContext): Map<string, IdentityRule> {
  const institution =
    context.table.institution !== undefined && "column" in context.table.institution
      ? context.table.institution.column
      : undefined;
  return new Map(
    Object.entries(ids).map(([type, entry]) => {
      const home = context.homes.get(type);
      const env = context.envOf(home);
      const given =
        "slice" in entry ? [entry as readonly string[]] : (entry.first_of ?? (entry.key === undefined ? [] : [entry.key]));
      const alternatives = given.flatMap((alternative, index): KeyAlternative[] =>
        named(type, alternative, index, given.length).map(([name, parts]) => ({
          name,
          parts: parts.map((part) =>
            namesInstitution(env?.columns.get(part), institution)
              ? marked(env, part)
              : context.expression(part, ["ids", type], env),
          ),
        })),
      );
      const kind = ("slice" in entry ? undefined : entry.kind) ?? usualKinds[type] ?? type.toLowerCase();
      return [type, { type, kind, alternatives, ...(home === undefined ? {} : { home }) }];
    }),
  );
}

function marked(env: Environment | undefined, part: string): Leaf {
  const column: Column | undefined = env?.columns.get(part);
  if (column !== undefined) env?.used.add(column);
  return placeLeaf();
}

function named(type: string, alternative: Alternative, index: number, count: number): [string, readonly string[]][] {
  if (!("slice" in alternative)) return Object.entries(alternative);
  const name =
    type === "Patient" ? (count === 1 ? "file" : (patientKeys[index] ?? String(index))) : count === 1 ? "" : String(index);
  return [[name, alternative as readonly string[]]];
}
