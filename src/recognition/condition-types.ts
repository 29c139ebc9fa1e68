import { type AstNode, argumentsOf, environment, nameIn, wrong } from "./condition-syntax.ts";
import { elementTypes, hasType } from "./fhir-elements.ts";

/** Types an expression may give: of FHIR (`Quantity`, `Observation.component`), of FHIRPath (`System.Boolean`), or a name (`%order`). Undefined = anything. */
type Types = ReadonlySet<string> | undefined;

/**
 * The types an expression gives over resources of the root types. A misspelt element would not fail when it is asked but be empty for ever, so it is found
 * here: throws what is wrong.
 */
export function typesOf(tree: AstNode, roots: readonly string[]): Types {
  return walk(tree, new Set(roots));
}

const truth: Types = new Set(["System.Boolean"]);
const text: Types = new Set(["System.String"]);
const number: Types = new Set(["System.Decimal"]);

type Walker = (children: readonly AstNode[], context: Types, node: AstNode) => Types;

const truthOfParts: Walker = (children, context) => {
  for (const child of children) walk(child, context);
  return truth;
};
const typesOfParts: Walker = (children, context) => union(children.map((child) => walk(child, context)));

/** What each kind of node gives; what is not here gives what its only part gives. */
const walkers: Readonly<Record<string, Walker>> = {
  MemberInvocation: (_children, context, node) => member(context, nameIn(node)),
  FunctionInvocation: (_children, context, node) => call(node, context, context),
  InvocationExpression([left, right], context) {
    const input = walk(left, context);
    return right?.type === "FunctionInvocation" ? call(right, input, context) : walk(right, input);
  },
  IndexerExpression([left, index], context) {
    walk(index, context);
    return walk(left, context);
  },
  TypeExpression([left, type], context, node) {
    walk(left, context);
    const named = typeNamed(nameIn(type ?? node));
    return node.text === "as" ? named : truth;
  },
  ExternalConstantTerm: (_children, _context, node) => (nameIn(node) === "ageDays" ? number : new Set([`%${nameIn(node)}`])),
  LiteralTerm: ([literal]) => literals[literal?.type ?? ""],
  ThisInvocation: (_children, context) => context,
  IndexInvocation: () => number,
  UnionExpression: typesOfParts,
  AdditiveExpression: typesOfParts,
  MultiplicativeExpression: typesOfParts,
  EqualityExpression: truthOfParts,
  InequalityExpression: truthOfParts,
  MembershipExpression: truthOfParts,
  AndExpression: truthOfParts,
  OrExpression: truthOfParts,
  ImpliesExpression: truthOfParts,
};

const literals: Readonly<Record<string, Types>> = { StringLiteral: text, BooleanLiteral: truth, NumberLiteral: number };

/** What each function gives of its input. Arguments of those that ask each element (`inside`) are read from that element. */
const functions: Readonly<Record<string, { readonly gives: Types | "input" | "argument"; readonly inside?: true }>> = {
  ...all(["where"], { gives: "input", inside: true }),
  ...all(["select"], { gives: "argument", inside: true }),
  ...all(["all", "exists"], { gives: truth, inside: true }),
  ...all(["empty", "not", "contains", "startsWith", "endsWith", "subsetOf", "isDistinct", "allTrue", "anyTrue"], {
    gives: truth,
  }),
  ...all(["first", "last", "tail", "skip", "take", "single", "distinct", "intersect"], { gives: "input" }),
  ...all(["lower", "upper", "trim", "substring", "toString"], { gives: text }),
  ...all(["count", "indexOf", "length", "toInteger"], { gives: number }),
  extension: { gives: new Set(["Extension"]) },
  union: { gives: undefined },
  iif: { gives: undefined },
  ofType: { gives: "argument" },
};

/** Functions a condition may call. Left out on purpose: clocks and servers (now, resolve, …), tree walkers (repeat, descendants), patterns (matches, …). */
export const callable: ReadonlySet<string> = new Set(Object.keys(functions));

function walk(node: AstNode | undefined, context: Types): Types {
  if (node === undefined) return undefined;
  const children = node.children ?? [];
  const walker = walkers[node.type];
  return walker === undefined ? walk(children[0], context) : walker(children, context, node);
}

function member(input: Types, name: string): Types {
  if (input === undefined || input.has(name)) return input;
  const found = [...input].flatMap((type) => memberOf(type, name));
  if (found.length > 0) return new Set(found);
  throw wrong(`asks ${[...input].join(" or ")} for ${name}, which it does not have`);
}

function memberOf(type: string, name: string): readonly string[] {
  if (!type.startsWith("%")) return elementTypes(type, name) ?? [];
  return environment[type.slice(1)]?.includes(name) ? ["System.String", "System.Boolean", "System.Decimal"] : [];
}

function call(node: AstNode, input: Types, context: Types): Types {
  const name = nameIn(node);
  const known = functions[name];
  if (name === "ofType") return typeNamed(nameIn(argumentsOf(node)[0] ?? node));
  const given = argumentsOf(node).map((argument) => walk(argument, known?.inside ? input : context));
  if (known?.gives === "input") return input;
  return known?.gives === "argument" ? given[0] : known?.gives;
}

function typeNamed(name: string): Types {
  if (hasType(name)) return new Set([name]);
  throw wrong(`names the type ${name}, which FHIR R4 does not have`);
}

function union(parts: readonly Types[]): Types {
  return parts.includes(undefined) ? undefined : new Set(parts.flatMap((part) => [...(part ?? [])]));
}

function all<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]));
}
