import fhirpath from "fhirpath";
import { Fault } from "../kernel/fault.ts";
import type { Column, Leaf, NamedTable, Place, Scope, Value } from "./compiled.ts";
import { evaluateSlowly } from "./expression-fallback.ts";
import { type AstNode, checkNames, constantIn, type Environment, nameOf, use, wrong } from "./expression-names.ts";
import { functions } from "./functions.ts";

/** A compiled expression; `column` is set when it is nothing but that column, so its type is known before any row is read. */
export interface CompiledExpression {
  readonly leaf: Leaf;
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
    checkNames(tree, env, false);
    const column = bareColumn(tree, env);
    if (column !== undefined) return { column, leaf: columnLeaf(column.index) };
    const compiled = compileNode(tree, { env, place });
    return { leaf: compiled === slow ? evaluateSlowly(text, env, place) : compiled };
  } catch (error) {
    return { wrong: error instanceof Fault ? error.message : syntaxProblem(error) };
  }
}

function syntaxProblem(error: unknown): string {
  const [first = ""] = String((error as Error).message).split("\n");
  const place = /column: (\d+); message: (.*?)( expecting .*)?$/.exec(first);
  const what = place === null ? first : `${place[2]} at character ${Number(place[1]) + 1}`;
  return `is not FHIRPath: ${what} (a name that is a word of FHIRPath, like day, or is not in Latin letters, stands in backticks)`;
}

function columnLeaf(index: number): Leaf {
  return (scope) => scope.row.cells[index];
}

function bareColumn(node: AstNode, env: Environment): Column | undefined {
  let at: AstNode | undefined = node;
  while (at !== undefined && ["EntireExpression", "TermExpression", "InvocationTerm"].includes(at.type)) {
    if (at.children?.length !== 1) return undefined;
    at = at.children[0];
  }
  return at?.type === "MemberInvocation" ? env.columns.get(nameOf(at)) : undefined;
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
    const slot = env.lets.get(nameOf(node));
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

function parameters(node: AstNode): readonly AstNode[] {
  const list = node.children?.[0]?.children?.find((child) => child.type === "ParamList");
  return list?.children ?? [];
}

function iif(node: AstNode, context: Context): Compiled {
  const leaves = parameters(node).map((parameter) => compileNode(parameter, context));
  const [test, yes, no] = leaves;
  if (test === undefined || yes === undefined || leaves.includes(slow)) return slow;
  return (scope) => ((test as Leaf)(scope) === true ? (yes as Leaf)(scope) : (no as Leaf | undefined)?.(scope));
}

function invocation(node: AstNode, context: Context): Compiled {
  const [left, right] = node.children ?? [];
  if (left === undefined || right === undefined) return slow;
  const head = context.env.head;
  if (right.type === "MemberInvocation" && head !== undefined && constantIn(left) === head.name) {
    const { index } = use(head.columns, nameOf(right), context.env, "");
    return (scope: Scope) => scope.sheet.head.cells[index];
  }
  const input = compileNode(left, context);
  if (right.type === "MemberInvocation") {
    const name = nameOf(right);
    return input === slow ? slow : (scope) => property(input(scope), name);
  }
  return right.type === "FunctionInvocation" ? call(input, right, context) : slow;
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
  const params = parameters(node);
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
  if (!/^'.*'$/.test(text)) throw wrong(`${functionName} needs the name of a table in quotation marks as its first argument`);
  const table = env.tables.get(text.slice(1, -1));
  if (table === undefined) throw wrong(`names the table ${text}, and there is no tables/${text.slice(1, -1)}.csv`);
  return table;
}
