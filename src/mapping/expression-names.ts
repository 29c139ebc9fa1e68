import { Fault } from "../kernel/fault.ts";
import type { Column, NamedTable } from "./compiled.ts";
import { didYouMean } from "./suggest.ts";

/** A name bound by `$let`. */
export interface Let {
  readonly slot: number;
  /** Something reads it: set while compiling. */
  used: boolean;
  /** Names its value has, when they are known: those of a table's line or of a number. */
  readonly properties?: readonly string[];
}

/** A row around the one in hand: of a `$each` outside. */
export interface RowAround {
  readonly slot: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** Names an expression may use. */
export interface Environment {
  /** Columns of the row in hand. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The sheet's head row as `%name`; its columns are `%name.column`. */
  readonly head?: { readonly name: string; readonly columns: ReadonlyMap<string, Column> };
  /** Rows of the `$each`s in hand, by the name in `with`; their columns are `%name.column`. */
  readonly around?: ReadonlyMap<string, RowAround>;
  readonly lets: ReadonlyMap<string, Let>;
  readonly tables: ReadonlyMap<string, NamedTable>;
  /** Columns that something reads: added to while compiling. */
  readonly used: Set<Column>;
}

/** A node of the parser's tree. */
export interface AstNode {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly AstNode[];
}

/** What is wrong with an expression; thrown and caught while compiling only. */
export const wrong = (detail: string) => new Fault("configuration-wrong", { detail });
const itemFunctions = new Set(["where", "select", "all", "exists", "repeat", "any"]);

/** Walks the whole tree: every root name is a column, every `%name` is known, every function exists. */
export function checkNames(node: AstNode, env: Environment, insideItems: boolean): void {
  const [first] = node.children ?? [];
  if (node.type === "InvocationTerm" && first?.type === "MemberInvocation" && !insideItems)
    use(env.columns, nameOf(first), env, "");
  if (node.type === "ExternalConstantTerm") knownConstant(nameOf(node), env);
  if (node.type === "InvocationExpression") {
    const right = node.children?.[1];
    const constant = first === undefined ? undefined : constantIn(first);
    if (constant !== undefined && right?.type === "MemberInvocation") checkMember(constant, nameOf(right), env);
  }
  const items = insideItems || (node.type === "FunctionInvocation" && itemFunctions.has(node.text ?? ""));
  for (const child of node.children ?? []) checkNames(child, env, items);
}

function checkMember(constant: string, member: string, env: Environment): void {
  const known = env.lets.get(constant)?.properties;
  if (known !== undefined && !known.includes(member))
    throw wrong(`asks %${constant} for ${member}; it has ${known.join(", ")}${didYouMean(member, known)}`);
  const columns = rowsNamed(constant, env);
  if (columns !== undefined) use(columns, member, env, `%${constant}.`);
}

/** Columns of the row that `%name` stands for; undefined when it is no row. */
export function rowsNamed(name: string, env: Environment): ReadonlyMap<string, Column> | undefined {
  if (env.lets.has(name)) return undefined;
  return env.around?.get(name)?.columns ?? (name === env.head?.name ? env.head.columns : undefined);
}

/** The column of a name, marked as read; throws when there is none. */
export function use(columns: ReadonlyMap<string, Column>, name: string, env: Environment, prefix: string): Column {
  const column = columns.get(name);
  if (column === undefined)
    throw wrong(`names the column ${prefix}${name}, which the feed does not declare${didYouMean(name, columns.keys())}`);
  env.used.add(column);
  return column;
}

function knownConstant(name: string, env: Environment): void {
  const known = [...env.lets.keys(), ...(env.around?.keys() ?? []), ...(env.head === undefined ? [] : [env.head.name])];
  const bound = env.lets.get(name);
  if (bound !== undefined) bound.used = true;
  if (!known.includes(name))
    throw wrong(`names %${name}, which is neither in $let nor the name of a row around${didYouMean(name, known)}`);
}

/** The name of a bare `%name`, or undefined. */
export function constantIn(node: AstNode): string | undefined {
  const inner = node.type === "TermExpression" ? node.children?.[0] : undefined;
  return inner?.type === "ExternalConstantTerm" ? nameOf(inner) : undefined;
}

/** A name as it stands in the feed: backticks are only quotation marks. */
export function nameOf(node: AstNode): string {
  return (node.text ?? "").replace(/^`(.*)`$/, "$1");
}

/** The arguments of a call. */
export function parametersOf(call: AstNode): readonly AstNode[] {
  return call.children?.[0]?.children?.find((child) => child.type === "ParamList")?.children ?? [];
}
