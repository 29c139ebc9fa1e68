import fhirpath from "fhirpath";
import { type Column, type Leaf, type NamedTable, type Place, type Scope, tell, type Value } from "./compiled.ts";
import type { Environment } from "./expression-names.ts";
import { functions } from "./functions.ts";

const builtIn = new Set(["startsWith", "replace", "substring"]); // the engine has its own

/** Runs an expression that is outside the fast subset on the FHIRPath engine, compiled once; it sees the same names and registered functions. */
export function evaluateSlowly(text: string, env: Environment, place: Place): Leaf {
  let current: Scope | undefined;
  const bound = Object.entries(functions)
    .filter(([name]) => !builtIn.has(name))
    .map(([name, registered]) => {
      const apply = (inputs: unknown[], ...args: unknown[]): Value[] => {
        if (current === undefined) throw new Error("no row in hand");
        const table = registered.table === true ? env.tables.get(String(args.shift())) : undefined;
        const leaf = registered.bind({
          input: () => unwrap(inputs[0]),
          args: args.map((arg) => () => unwrap(Array.isArray(arg) ? arg[0] : arg)),
          place,
          ...(table === undefined ? {} : { table: table satisfies NamedTable }),
        });
        const value = leaf(current);
        return value === undefined ? [] : [value];
      };
      return [name, { fn: apply, arity: aritiesOf(registered.arity, registered.table === true), nullable: false }];
    });
  const options = { userInvocationTable: Object.fromEntries(bound), async: false as const };
  const compiled = fhirpath.compile(text, undefined, options) as (row: object, variables: Record<string, unknown>) => unknown[];
  return (scope) => {
    current = scope;
    const variables: Record<string, unknown> = {};
    if (env.head !== undefined) variables[env.head.name] = plainRow(env.head.columns, scope.sheet.head.cells);
    for (const [name, { slot, columns }] of env.around ?? [])
      variables[name] = plainRow(columns, scope.around[slot]?.cells ?? []);
    for (const [name, { slot }] of env.lets) variables[name] = scope.lets[slot] ?? [];
    let values: unknown[];
    try {
      values = compiled(plainRow(env.columns, scope.row.cells), variables);
    } catch {
      // The engine's own words may hold the value.
      const reason = "the expression does not work on what this row holds (a text where a number is needed, or several values)";
      tell(scope, { severity: "error", code: "bad-value", reason }, place);
      return undefined;
    }
    if (values.length > 1)
      tell(
        scope,
        { severity: "error", code: "bad-value", reason: `the expression gave ${values.length} values for one element` },
        place,
      );
    return unwrap(values[0]);
  };
}

/** A row as FHIRPath sees it: null-prototype, so that `constructor` and its kind are empty; absent cells are not there. */
function plainRow(columns: ReadonlyMap<string, Column>, cells: readonly (string | undefined)[]): object {
  const row = Object.create(null) as Record<string, string>;
  for (const [name, column] of columns) {
    const cell = cells[column.index];
    if (cell !== undefined) row[name] = cell;
  }
  return row;
}

function aritiesOf([fewest, most]: readonly [number, number], table: boolean): Record<number, string[]> {
  const arities: Record<number, string[]> = {};
  for (let count = fewest; count <= most; count++) {
    arities[count] = Array.from({ length: count }, (_none, index) => (table && index === 0 ? "String" : "AnyAtRoot"));
  }
  return arities;
}

function unwrap(value: unknown): Value {
  if (value === null || value === undefined) return undefined;
  const data = typeof value === "object" && "data" in value && "path" in value ? (value as { data: unknown }).data : value;
  return (data ?? undefined) as Value;
}
