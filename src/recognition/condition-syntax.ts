import { Fault } from "../kernel/fault.ts";

/** A node of the FHIRPath parser's tree. */
export interface AstNode {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly AstNode[];
}

/** Names of a condition (`%order.setting`), and what each has; `%ageDays` is a number. */
export const environment: Readonly<Record<string, readonly string[]>> = {
  order: ["item", "kind", "setting", "emergency"],
  visit: ["kind", "department"],
  institution: ["code", "ji", "deng", "ownership", "province", "city", "county"],
  laboratory: ["code", "ji", "deng", "ownership", "province", "city", "county"],
  ageDays: [],
};

/** What is wrong with an expression; thrown and caught while it is checked only. */
export const wrong = (detail: string) => new Fault("configuration-wrong", { detail });

/** The name in the first Identifier below a node, without its backticks. */
export function nameIn(node: AstNode): string {
  return (nodesOf(node).find((one) => one.type === "Identifier")?.text ?? "").replace(/^`|`$/g, "");
}

/** A node and everything below it. */
export function nodesOf(node: AstNode): AstNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

/** The arguments of a function's call. */
export function argumentsOf(node: AstNode): readonly AstNode[] {
  return node.children?.[0]?.children?.find((one) => one.type === "ParamList")?.children ?? [];
}
