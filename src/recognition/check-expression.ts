import fhirpath from "fhirpath";
import { Fault } from "../kernel/fault.ts";
import { type AstNode, environment, nameIn, nodesOf, wrong } from "./condition-syntax.ts";
import { callable, typesOf } from "./condition-types.ts";

/** Characters and parts of an expression at most; what needs more is two conditions. */
const longest = 1_000;
const mostNodes = 400;
/** `where` in `where` in `where` asks each of n elements n² times. */
const deepest = 3;
const itemFunctions = new Set(["where", "select", "all", "exists"]);

/**
 * What is wrong with the expression of a condition over resources of these types, as the end of a sentence; undefined when it is right: it is FHIRPath,
 * bounded in length and depth, calls what conditions have, names what there is, and says true or false.
 */
export function checkExpression(text: string, roots: readonly string[]): string | undefined {
  if (text.length > longest) return `is longer than ${longest} characters`;
  try {
    const tree = parse(text);
    const nodes = nodesOf(tree);
    if (nodes.length > mostNodes) return "is too long: split it into several conditions";
    for (const node of nodes) checkName(node);
    if (depthOf(tree) > deepest) return `nests where, select, all and exists more than ${deepest} deep`;
    const types = [...(typesOf(tree, roots) ?? [])];
    const says = types.length === 0 || types.some((type) => type === "System.Boolean" || type === "boolean");
    return says ? undefined : `gives ${types.join(" or ")}, where a condition says true or false`;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

function parse(text: string): AstNode {
  try {
    return fhirpath.parse(text) as AstNode;
  } catch (error) {
    const [first = ""] = String((error as Error).message).split("\n");
    const [, column, said] = /column: (\d+); message: (.*?)(?: expecting .*)?$/.exec(first) ?? [];
    throw wrong(column === undefined ? "is not FHIRPath" : `is not FHIRPath: ${said} (character ${Number(column) + 1})`);
  }
}

function checkName(node: AstNode): void {
  const name = nameIn(node);
  if (node.type === "FunctionInvocation" && !callable.has(name))
    throw wrong(`calls the function ${name}, which conditions do not have`);
  if (node.type === "ExternalConstantTerm" && !Object.hasOwn(environment, name))
    throw wrong(`names %${name}; there are %${Object.keys(environment).join(", %")}`);
}

function depthOf(node: AstNode): number {
  const inner = Math.max(0, ...(node.children ?? []).map(depthOf));
  return node.type === "FunctionInvocation" && itemFunctions.has(nameIn(node)) ? inner + 1 : inner;
}
