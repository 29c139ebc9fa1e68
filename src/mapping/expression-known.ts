import type { Column, NamedTable } from "./compiled.ts";
import { type AstNode, constantIn, type Environment, nameOf, parametersOf, rowsNamed } from "./expression-names.ts";
import { functions } from "./functions.ts";

/** What an expression says about its value before any row is read. */
export interface Known {
  /** Names the value has, when it is an object of a known make. */
  readonly properties?: readonly string[];
  /** Set when it is nothing but a code of that table. */
  readonly codesOf?: NamedTable;
}

/** What the last call of an expression says about its value. */
export function knownOf(tree: AstNode, env: Environment): Known {
  let at: AstNode | undefined = tree;
  while (at?.type === "EntireExpression" && at.children?.length === 1) at = at.children[0];
  const call = at?.type === "InvocationExpression" ? at.children?.[1] : undefined;
  const registered = call?.type === "FunctionInvocation" ? functions[call.text ?? ""] : undefined;
  if (call === undefined || registered === undefined) return {};
  const { properties } = registered;
  const table = call.text === "code" ? env.tables.get((parametersOf(call)[0]?.text ?? "").slice(1, -1)) : undefined;
  return { ...(properties === undefined ? {} : { properties }), ...(table === undefined ? {} : { codesOf: table }) };
}

/** The column of an expression that is nothing but a name. */
export function bareColumn(node: AstNode, env: Environment): Column | undefined {
  let at: AstNode | undefined = node;
  while (at !== undefined && ["EntireExpression", "TermExpression", "InvocationTerm"].includes(at.type)) {
    if (at.children?.length !== 1) return undefined;
    at = at.children[0];
  }
  return at?.type === "MemberInvocation" ? env.columns.get(nameOf(at)) : undefined;
}

/** The column whose value a call is made on: of the row in hand, or of a row around. */
export function columnIn(node: AstNode, env: Environment): Column | undefined {
  return bareColumn(node, env) ?? memberColumn(node, env);
}

/** The column of a `%row.column`. */
function memberColumn(node: AstNode, env: Environment): Column | undefined {
  const [left, right] = node.type === "InvocationExpression" ? (node.children ?? []) : [];
  const named = left === undefined ? undefined : constantIn(left);
  const columns = named === undefined ? undefined : rowsNamed(named, env);
  return right?.type === "MemberInvocation" ? columns?.get(nameOf(right)) : undefined;
}
