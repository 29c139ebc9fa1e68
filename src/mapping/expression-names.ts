import { Fault } from "../kernel/fault.ts";
import type { Column, NamedTable } from "./compiled.ts";

/** Names an expression may use. */
export interface Environment {
  /** Columns of the row in hand. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The sheet's head row as `%name`; its columns are `%name.column`. */
  readonly head?: { readonly name: string; readonly columns: ReadonlyMap<string, Column> };
  /** Slots of the names bound by `$let`. */
  readonly lets: ReadonlyMap<string, number>;
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
    if (env.head !== undefined && constant === env.head.name && right?.type === "MemberInvocation") {
      use(env.head.columns, nameOf(right), env, `%${constant}.`);
    }
  }
  const items = insideItems || (node.type === "FunctionInvocation" && itemFunctions.has(node.text ?? ""));
  for (const child of node.children ?? []) checkNames(child, env, items);
}

/** The column of a name, marked as read; throws when there is none. */
export function use(columns: ReadonlyMap<string, Column>, name: string, env: Environment, prefix: string): Column {
  const column = columns.get(name);
  if (column === undefined) throw wrong(`names the column ${prefix}${name}, which the feed does not declare`);
  env.used.add(column);
  return column;
}

function knownConstant(name: string, env: Environment): void {
  if (env.lets.has(name) || name === env.head?.name) return;
  throw wrong(`names %${name}, which is neither in $let nor the name of the sheet's table`);
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
