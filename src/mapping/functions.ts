import type { CodeRow } from "./code-table.ts";
import { type Leaf, type NamedTable, type Place, type Scope, tell, type Value } from "./compiled.ts";
import { printedNumber, printedRange } from "./decimal.ts";
import { maskValue } from "./mask.ts";

/** What a registered function is bound to when a mapping is compiled. */
export interface BoundArguments {
  readonly input: Leaf;
  readonly args: readonly Leaf[];
  /** The code table named by the first argument of a table function. */
  readonly table?: NamedTable;
  readonly place: Place;
}

/** A function that mappings may call on a value: `column.name(arguments)`. */
export interface RegisteredFunction {
  /** Fewest and most arguments, the table's name included. */
  readonly arity: readonly [number, number];
  /** The first argument is the literal name of a code table. */
  readonly table?: true;
  /** Names its value has, when that is an object of our own make. */
  readonly properties?: readonly string[];
  bind(bound: BoundArguments): Leaf;
}

/** All registered functions by name; each is tested in test/mapping/compile-feed.test.ts. An absent input gives an absent value. */
export const functions: Readonly<Record<string, RegisteredFunction>> = {
  /** Target code of a table's line. */
  code: { arity: [1, 2], table: true, bind: (bound) => tableLeaf(bound, (row) => row.code) },
  /** Target Coding of a table's line. */
  coding: { arity: [1, 2], table: true, bind: (bound) => tableLeaf(bound, (row) => row.coding) },
  /** A table's whole line: coding, code, ucum, unit, unitSystem, factor. */
  row: {
    arity: [1, 2],
    table: true,
    properties: ["coding", "code", "ucum", "unit", "unitSystem", "factor"],
    bind: (bound) => tableLeaf(bound, (row) => row),
  },
  /** A printed result as {comparator?, value}, times an exact factor; nothing when it is not one number. */
  number: {
    arity: [0, 1],
    properties: ["comparator", "value"],
    bind: (bound) => textLeaf(bound, (text, [factor]) => printedNumber(text, factor)),
  },
  /** A printed range as {low?, high?}, times an exact factor; nothing when it is not one. */
  range: {
    arity: [0, 1],
    properties: ["low", "high"],
    bind: (bound) => textLeaf(bound, (text, [factor]) => printedRange(text, factor)),
  },
  /** The registry's code of the institution that the supplier means; a code it does not know is counted as a miss. */
  institution: { arity: [0, 0], bind: institutionLeaf },
  /** Year of a date or time. */
  yearOf: { arity: [0, 0], bind: (bound) => textLeaf(bound, (text) => text.slice(0, 4)) },
  /** The text without a leading mark. */
  without: {
    arity: [1, 1],
    bind: (bound) =>
      textLeaf(bound, (text, [mark]) =>
        mark !== undefined && text.startsWith(mark) ? text.slice(mark.length).trim() || undefined : text,
      ),
  },
  /** The value, or the argument when there is none. For texts; codes go through tables. */
  orElse: {
    arity: [1, 1],
    bind:
      ({ input, args: [other] }) =>
      (scope) =>
        input(scope) ?? other?.(scope),
  },
  /** The UTF-8 bytes of the text as base64, for Attachment.data. */
  base64: { arity: [0, 0], bind: (bound) => textLeaf(bound, (text) => Buffer.from(text, "utf8").toString("base64")) },
  startsWith: {
    arity: [1, 1],
    bind: (bound) => textLeaf(bound, (text, [start]) => (start === undefined ? undefined : text.startsWith(start))),
  },
  replace: {
    arity: [2, 2],
    bind: (bound) =>
      textLeaf(bound, (text, [old, fresh]) =>
        old === undefined || fresh === undefined ? undefined : text.replaceAll(old, fresh),
      ),
  },
  substring: {
    arity: [1, 2],
    bind: (bound) =>
      textLeaf(
        bound,
        (text, [start, length]) =>
          text.slice(Number(start), length === undefined ? undefined : Number(start) + Number(length)) || undefined,
      ),
  },
};

function textLeaf({ input, args }: BoundArguments, apply: (text: string, args: (string | undefined)[]) => Value): Leaf {
  const [first] = args;
  if (args.length === 1 && first !== undefined) {
    return (scope) => {
      const text = input(scope);
      return text === undefined ? undefined : apply(String(text), [textOf(first(scope))]);
    };
  }
  return (scope) => {
    const text = input(scope);
    if (text === undefined) return undefined;
    return apply(
      String(text),
      args.map((arg) => textOf(arg(scope))),
    );
  };
}

function tableLeaf({ input, args: [unit], table, place }: BoundArguments, pick: (row: CodeRow) => Value): Leaf {
  if (table === undefined) throw new Error("a table function is bound without its table");
  return (scope) => {
    const code = input(scope);
    if (code === undefined) return undefined;
    const printed = textOf(unit?.(scope));
    const row = table.table.find(String(code), printed);
    if (row !== undefined) return pick(row);
    missed(scope, table, String(code), printed, place);
    return undefined;
  };
}

function missed(scope: Scope, table: NamedTable, code: string, unit: string | undefined, place: Place): void {
  scope.run.counter.missed(table.name, code, unit);
  const reason = `the table ${table.name} has no line for a code like ${maskValue(code)}; the report's table misses list it`;
  if (table.onMiss === "keep") {
    scope.miss = { row: scope.row, place, reason };
    return;
  }
  tell(scope, { severity: "error", code: table.onMiss === "skip" ? "left-out" : "table-miss", reason }, place);
}

function institutionLeaf({ input }: BoundArguments): Leaf {
  return (scope) => {
    const code = input(scope);
    if (code === undefined) return undefined;
    const known = scope.run.deps.institutionOf(scope.run.supplier, String(code));
    if (known === undefined) scope.run.counter.missed("institution", String(code), undefined);
    return known?.tenant;
  };
}

function textOf(value: Value): string | undefined {
  return value === undefined || typeof value === "object" ? undefined : String(value);
}
