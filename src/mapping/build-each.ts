import type { YAMLMap } from "yaml";
import { type Built, valueIn } from "./assemble.ts";
import type { Column, Row, Value } from "./compiled.ts";
import type { ElementContext } from "./element-context.ts";
import type { ElementType } from "./element-types.ts";
import type { Environment } from "./expression-names.ts";
import { didYouMean } from "./suggest.ts";
import { mapOf, scalarOf, seqOf } from "./yaml-source.ts";

/** Compiles what one row becomes. */
type BuildRow = (map: YAMLMap, context: ElementContext) => Built;

/** The name that `$each` of an object gives, or undefined when it repeats over nothing. */
export function eachOf(map: YAMLMap): string | undefined {
  const name = scalarOf(map.get("$each", true))?.value;
  return name === undefined ? undefined : String(name);
}

/** Joined rows become the values of a repeating element, or with `$join` one text. `$on` takes only the rows that belong to the row in hand. */
export function buildEach(
  map: YAMLMap,
  element: ElementType,
  context: ElementContext,
  buildRow: BuildRow,
): Built | { readonly wrong: string } {
  const name = eachOf(map) ?? "";
  const env = context.each(name);
  if (env === undefined && context.joins.includes(name)) return { constant: undefined }; // the join is wrong, which is told there
  if (env === undefined) return { wrong: `repeats over ${name}, which is not in "with"${didYouMean(name, context.joins)}` };
  const separator = scalarOf(map.get("$join", true))?.value;
  if (separator === undefined && !element.repeats)
    return { wrong: "may stand only once, so $each fills it only with $join (the text between the rows)" };
  const matches = matchOf(map, context.env, env);
  if ("wrong" in matches) return matches;
  const slot = context.env.around?.size ?? 0;
  const around = new Map([...(context.env.around ?? []), [name, { slot, columns: env.columns }] as const]);
  const one = buildRow(map, { ...context, row: name, env: { ...env, lets: context.env.lets, around } });
  return {
    build(scope) {
      const before = scope.row;
      const values: Value[] = [];
      for (const row of scope.sheet.joined.get(name) ?? []) {
        if (!matches.fit(before, row)) continue;
        scope.row = row;
        scope.around[slot] = row;
        const value = valueIn(one, scope);
        if (value !== undefined) values.push(value);
      }
      scope.row = before;
      if (values.length === 0) return undefined;
      if (element.type === "Reference") return distinct(values);
      return separator === undefined ? values : values.join(String(separator));
    },
  };
}

/** Two rows may name the same resource (one reviewer, many results): it is referred to once. */
function distinct(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

interface Match {
  fit(outer: Row, inner: Row): boolean;
}

function matchOf(map: YAMLMap, outer: Environment, inner: Environment): Match | { readonly wrong: string } {
  const written = map.get("$on", true);
  if (written === undefined) return { fit: () => true };
  const names = seqOf(written)?.items.map((item) => String(scalarOf(item)?.value ?? ""));
  const pairs = names?.map((name) => [name, name] as const) ?? pairsOf(map);
  const columns: [Column, Column][] = [];
  for (const [one, other] of pairs) {
    const [left, right] = [outer.columns.get(one), inner.columns.get(other)];
    if (left === undefined || right === undefined)
      return { wrong: `$on names ${left === undefined ? one : other}, which one of the two tables does not have` };
    outer.used.add(left).add(right);
    columns.push([left, right]);
  }
  if (columns.length === 0) return { wrong: "$on is a list of columns, or pairs of columns (outer: inner)" };
  return {
    fit: (head, row) =>
      columns.every(([left, right]) => {
        const cell = row.cells[right.index];
        return cell !== undefined && cell === head.cells[left.index];
      }),
  };
}

function pairsOf(map: YAMLMap): (readonly [string, string])[] {
  const written = mapOf(map.get("$on", true));
  return written === undefined
    ? []
    : written.items.map((pair) => [String(scalarOf(pair.key)?.value), String(scalarOf(pair.value)?.value)]);
}
