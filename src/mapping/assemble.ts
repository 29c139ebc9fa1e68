import type { Scope } from "./compiled.ts";
import { type Leaf, type Place, tell, type Value } from "./compiled.ts";
import type { ElementType } from "./element-types.ts";

/** A compiled subtree: built once when nothing in it depends on a row, else for every row. */
export type Built = { readonly constant: Value } | { readonly build: Leaf };

/** What a subtree gives for the row in hand. */
export function valueIn(built: Built, scope: Scope): Value {
  return "constant" in built ? built.constant : built.build(scope);
}

/** One field of an object. */
export interface Part {
  readonly name: string;
  readonly element: ElementType;
  readonly built: Built;
}

/** An object is kept when at least one of its row-dependent fields is; constants alone do not keep it. */
export function objectLeaf(parts: readonly Part[], needed: ReadonlySet<string>, place: Place): Leaf {
  const fields = parts.map(({ name, built }) =>
    "constant" in built
      ? { name, constant: built.constant, build: undefined }
      : { name, constant: undefined, build: built.build },
  );
  const choices = new Map<string, number>();
  for (const { element } of parts)
    if (element.choice !== undefined) choices.set(element.choice, (choices.get(element.choice) ?? 0) + 1);
  const contested = parts.filter(({ element }) => (choices.get(element.choice ?? "") ?? 0) > 1).map(({ name }) => name);
  const required = parts
    .filter(({ name, element }) => needed.has(element.choice ?? name) && !contested.includes(name))
    .map(({ name }) => name);
  const anyOf = [...choices]
    .filter(([choice, count]) => count > 1 && needed.has(choice))
    .map(([choice]) => ({ choice, names: parts.filter((part) => part.element.choice === choice).map(({ name }) => name) }));
  const check = (out: Record<string, Value>, scope: Scope): void => {
    if (contested.length > 1 && contested.filter((name) => out[name] !== undefined).length > 1) {
      tell(
        scope,
        { severity: "error", code: "two-values", reason: `more than one of ${contested.join(", ")} is filled` },
        place,
      );
    }
    for (const name of required) if (out[name] === undefined) missing(scope, place, name);
    for (const { choice, names } of anyOf) if (names.every((name) => out[name] === undefined)) missing(scope, place, choice);
  };
  return (scope) => {
    const out: Record<string, Value> = {};
    let filled = false;
    for (const field of fields) {
      const value = field.build === undefined ? field.constant : field.build(scope);
      if (value === undefined) continue;
      out[field.name] = value;
      if (field.build !== undefined) filled = true;
    }
    if (!filled) return undefined;
    check(out, scope);
    return out;
  };
}

function missing(scope: Scope, place: Place, name: string): void {
  const element = `${place.element}.${name}`;
  const told = scope.run.issues.some((issue) => issue.line === scope.row.line && issue.element?.startsWith(element) === true);
  if (told) return; // why it is empty
  const miss = scope.miss?.row === scope.row && scope.miss.place.element === element ? scope.miss : undefined;
  tell(
    scope,
    {
      severity: "error",
      code: "missing-element",
      reason: `${element} is required and came out empty${miss === undefined ? "" : `: ${miss.reason}`}`,
    },
    miss?.place ?? { ...place, element },
  );
}

/** One item of a repeating element: a value, or with `$each` as many as there are rows. */
export interface ListItem {
  readonly built: Built;
  readonly many: boolean;
}

/** The values of a repeating element; absent ones are left out, and no value at all is no element. */
export function listOf(items: readonly ListItem[]): Built {
  if (items.every(({ built }) => "constant" in built)) {
    const values = items.map(({ built }) => (built as { constant: Value }).constant).filter((value) => value !== undefined);
    return { constant: values.length === 0 ? undefined : Object.freeze(values) };
  }
  const [only] = items;
  if (items.length === 1 && only !== undefined && "build" in only.built) {
    const { build } = only.built;
    if (only.many) return only.built;
    return {
      build(scope) {
        const value = build(scope);
        return value === undefined ? undefined : [value];
      },
    };
  }
  return {
    build(scope) {
      const values: Value[] = [];
      for (const { built, many } of items) {
        const value = valueIn(built, scope);
        if (value === undefined) continue;
        if (many) values.push(...(value as Value[]));
        else values.push(value);
      }
      return values.length === 0 ? undefined : values;
    },
  };
}
