import type { Scope } from "./compiled.ts";
import { type Leaf, type Place, tell, type Value } from "./compiled.ts";
import type { ElementType } from "./element-types.ts";

/** A compiled subtree: built once when nothing in it depends on a row, else for every row. */
export type Built = { readonly constant: Value } | { readonly build: Leaf };

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
  const check = (out: Record<string, Value>, scope: Scope): void => {
    if (contested.length > 1 && contested.filter((name) => out[name] !== undefined).length > 1) {
      tell(
        scope,
        { severity: "error", code: "two-values", reason: `more than one of ${contested.join(", ")} is filled` },
        place,
      );
    }
    for (const name of required) if (out[name] === undefined) missing(scope, place, name);
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
  tell(
    scope,
    { severity: "error", code: "missing-element", reason: `${element} is required and came out empty` },
    { ...place, element },
  );
}

/** The values of a repeating element; absent ones are left out, and no value at all is no element. */
export function listOf(items: readonly Built[]): Built {
  if (items.every((item) => "constant" in item)) {
    const values = items.map((item) => (item as { constant: Value }).constant).filter((value) => value !== undefined);
    return { constant: values.length === 0 ? undefined : Object.freeze(values) };
  }
  const [only] = items;
  if (items.length === 1 && only !== undefined && "build" in only) {
    return {
      build(scope) {
        const value = only.build(scope);
        return value === undefined ? undefined : [value];
      },
    };
  }
  return {
    build(scope) {
      const values: Value[] = [];
      for (const item of items) {
        const value = "constant" in item ? item.constant : item.build(scope);
        if (value !== undefined) values.push(value);
      }
      return values.length === 0 ? undefined : values;
    },
  };
}
