import fhirpath from "fhirpath";
import { Fault } from "../kernel/fault.ts";
import type { Column, Leaf, NamedTable, Place, Scope, Value } from "./compiled.ts";
import { explainSyntax } from "./explain-syntax.ts";
import { evaluateSlowly } from "./expression-fallback.ts";
import { checkCalls, tableNeeded } from "./expression-functions.ts";
import { bareColumn, columnIn, type Known, knownOf } from "./expression-known.ts";
import {
  type AstNode,
  checkNames,
  constantIn,
  type Environment,
  nameOf,
  parametersOf,
  rowsNamed,
  use,
  wrong,
} from "./expression-names.ts";
import { functions } from "./functions.ts";
import { didYouMean } from "./suggest.ts";

/** A compiled expression and what is known of its value before any row is read. */
export interface CompiledExpression extends Known {
  readonly leaf: Leaf;
  /** Set when it is nothing but that column. */
  readonly column?: Column;
}

interface Context {
  readonly env: Environment;
  readonly place: Place;
}

/** Not in the fast subset: the whole expression goes to the FHIRPath engine. */
const slow = Symbol("slow");
type Compiled = Leaf | typeof slow;

/**
 * Compiles FHIRPath to a closure. Columns, `%names`, registered functions, `iif`, `exists`, `empty`, `not`, `=`, `!=`, `and`, `or`, `&`, `+` and
 * literals become closures; anything else runs on the FHIRPath engine. A name the feed does not declare is an error, never an empty value.
 */
export function compileExpression(
  text: string,
  env: Environment,
  place: Place,
): CompiledExpression | { readonly wrong: string } {
  try {
    const tree = fhirpath.parse(text) as unknown as AstNode;
    checkCalls(tree);
    checkNames(tree, env, false);
    const column = bareColumn(tree, env);
    if (column !== undefined) return { column, leaf: columnLeaf(column.index) };
    const compiled = compileNode(tree, { env, place });
    return { leaf: compiled === slow ? evaluateSlowly(text, env, place) : compiled, ...knownOf(tree, env) };
  } catch (error) {
    return { wrong: error instanceof Fault ? error.message : explainSyntax(error, text, env.columns.keys()) };
  }
}

/** The leaf of `{{ … }}`, or undefined when the text is a literal; a half-open pair of braces is a problem. */
export function expressionIn(text: string): string | undefined {
  return /^\{\{([\s\S]*)\}\}$/.exec(text.trim())?.[1]?.trim();
}

function columnLeaf(index: number): Leaf {
  return (scope) => scope.row.cells[index];
}

type NodeCompiler = (node: AstNode, context: Context) => Compiled;

const passOn: NodeCompiler = (node, context) => {
  const [child] = node.children ?? [];
  return child === undefined || node.children?.length !== 1 ? slow : compileNode(child, context);
};

const compilers: Readonly<Record<string, NodeCompiler>> = {
  EntireExpression: passOn,
  TermExpression: passOn,
  InvocationTerm: passOn,
  ParenthesizedTerm: passOn,
  LiteralTerm: (node) => literal(node),
  MemberInvocation: (node, { env }) => columnLeaf(use(env.columns, nameOf(node), env, "").index),
  ExternalConstantTerm(node, { env }) {
    const slot = env.lets.get(nameOf(node))?.slot;
    return slot === undefined ? slow : (scope) => scope.lets[slot];
  },
  InvocationExpression: (node, context) => invocation(node, context),
  FunctionInvocation: (node, context) => (node.text === "iif" ? iif(node, context) : slow),
  EqualityExpression: (node, context) =>
    node.text === "=" || node.text === "!=" ? binary(node, context, equality(node.text)) : slow,
  AndExpression: (node, context) =>
    binary(node, context, (a, b) => (a === false || b === false ? false : a === true && b === true ? true : undefined)),
  OrExpression(node, context) {
    if (node.text !== "or") return slow;
    return binary(node, context, (a, b) => (a === true || b === true ? true : a === false && b === false ? false : undefined));
  },
  AdditiveExpression(node, context) {
    if (node.text === "&") return binary(node, context, (a, b) => `${a ?? ""}${b ?? ""}`);
    return slow;
  },
};

function compileNode(node: AstNode, context: Context): Compiled {
  return compilers[node.type]?.(node, context) ?? slow;
}

function literal(node: AstNode): Compiled {
  const [kind] = node.children ?? [];
  const text = kind?.text ?? "";
  if (kind?.type === "StringLiteral") {
    const value = unescapeLiteral(text.slice(1, -1));
    return () => value;
  }
  if (kind?.type === "BooleanLiteral") return () => text === "true";
  if (kind?.type === "NumberLiteral") return () => Number(text);
  return slow;
}

function unescapeLiteral(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_all, hex: string | undefined, char: string) =>
    hex === undefined
      ? (({ n: "\n", t: "\t", r: "\r", f: "\f" } as Record<string, string>)[char] ?? char)
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function equality(operator: string): (a: Value, b: Value) => Value {
  return operator === "="
    ? (a, b) => (a === undefined || b === undefined ? undefined : a === b)
    : (a, b) => (a === undefined || b === undefined ? undefined : a !== b);
}

function binary(node: AstNode, context: Context, apply: (a: Value, b: Value) => Value): Compiled {
  const [left, right] = node.children ?? [];
  if (left === undefined || right === undefined) return slow;
  const a = compileNode(left, context);
  const b = compileNode(right, context);
  return a === slow || b === slow ? slow : (scope) => apply(a(scope), b(scope));
}

function iif(node: AstNode, context: Context): Compiled {
  const leaves = parametersOf(node).map((parameter) => compileNode(parameter, context));
  const [test, yes, no] = leaves;
  if (test === undefined || yes === undefined || leaves.includes(slow)) return slow;
  return (scope) => ((test as Leaf)(scope) === true ? (yes as Leaf)(scope) : (no as Leaf | undefined)?.(scope));
}

function invocation(node: AstNode, context: Context): Compiled {
  const [left, right] = node.children ?? [];
  if (left === undefined || right === undefined) return slow;
  const named = constantIn(left);
  const columns = named === undefined ? undefined : rowsNamed(named, context.env);
  if (right.type === "MemberInvocation" && named !== undefined && columns !== undefined) {
    const { index } = use(columns, nameOf(right), context.env, `%${named}.`);
    const slot = context.env.around?.get(named)?.slot;
    if (slot === undefined) return (scope: Scope) => scope.sheet.head.cells[index];
    return (scope: Scope) => scope.around[slot]?.cells[index];
  }
  const input = compileNode(left, context);
  if (right.type === "MemberInvocation") {
    const name = nameOf(right);
    return input === slow ? slow : (scope) => property(input(scope), name);
  }
  if (right.type !== "FunctionInvocation") return slow;
  const column = columnIn(left, context.env);
  return call(input, right, column === undefined ? context : { ...context, place: { ...context.place, column } });
}

function property(value: Value, name: string): Value {
  return typeof value === "object" && Object.hasOwn(value, name)
    ? ((value as Record<string, Value>)[name] ?? undefined)
    : undefined;
}

const tests: Readonly<Record<string, (value: Value) => Value>> = {
  exists: (value) => value !== undefined,
  empty: (value) => value === undefined,
  not: (value) => (typeof value === "boolean" ? !value : undefined),
};

function call(input: Compiled, node: AstNode, context: Context): Compiled {
  const name = node.text ?? "";
  const params = parametersOf(node);
  const test = tests[name];
  if (test !== undefined && params.length === 0) return input === slow ? slow : (scope) => test(input(scope));
  const registered = functions[name];
  if (registered === undefined) return slow;
  const [fewest, most] = registered.arity;
  if (params.length < fewest || params.length > most)
    throw wrong(`calls ${name} with ${params.length} arguments; it takes ${fewest} to ${most}`);
  const table = registered.table === true ? namedTable(params[0], name, context.env) : undefined;
  const args = (table === undefined ? params : params.slice(1)).map((parameter) => compileNode(parameter, context));
  if (input === slow || args.includes(slow)) return slow;
  return registered.bind({ input, args: args as Leaf[], place: context.place, ...(table === undefined ? {} : { table }) });
}

function namedTable(node: AstNode | undefined, functionName: string, env: Environment): NamedTable {
  const text = node?.text ?? "";
  if (!/^'.*'$/.test(text)) throw wrong(tableNeeded(functionName));
  const table = env.tables.get(text.slice(1, -1));
  if (table === undefined) {
    const name = text.slice(1, -1);
    throw wrong(`names the table ${text}, and there is no tables/${name}.csv${didYouMean(name, env.tables.keys())}`);
  }
  return table;
}
