import type { YAMLMap } from "yaml";
import type { Leaf, Scope } from "./compiled.ts";
import { compileExpression, expressionIn } from "./expression.ts";
import type { Environment, Let } from "./expression-names.ts";
import type { MappingProblem } from "./mapped.ts";
import { entriesOf, mapOf, scalarOf, type YamlSource } from "./yaml-source.ts";

/** What `$let` and `$if` of an object are compiled against. */
export interface ScopeContext {
  readonly source: YamlSource;
  readonly mapping: string;
  readonly env: Environment;
  readonly problems: MappingProblem[];
}

/** The values that a `$let` names, in order, and the environment in which they are known. */
export interface CompiledLets {
  readonly env: Environment;
  readonly lets: readonly { readonly slot: number; readonly leaf: Leaf }[];
  /** Tells the names that nothing used; called once the object is compiled. */
  checkUsed(): void;
}

/** Compiles the `$let` of an object; without one, the environment as it is. */
export function compileLets(map: YAMLMap, element: string, context: ScopeContext): CompiledLets {
  const { source, mapping, problems } = context;
  const written = mapOf(map.get("$let", true));
  if (written === undefined) return { env: context.env, lets: [], checkUsed: () => undefined };
  const lets = new Map<string, Let>(context.env.lets);
  const env: Environment = { ...context.env, lets };
  const compiled: { slot: number; leaf: Leaf }[] = [];
  const own: { name: string; bound: Let; line: number }[] = [];
  for (const { key, value, line } of entriesOf(source, written)) {
    const told = (reason: string) => problems.push({ file: source.file, line, reason: `$let ${key} ${reason}` });
    if (key === env.head?.name || env.around?.has(key) === true) told("has the name of a row; choose another");
    const text = String(scalarOf(value)?.value ?? "");
    const one = compileExpression(expressionIn(text) ?? text, env, { mapping, line, element: `${element} $let ${key}` });
    const slot = lets.get(key)?.slot ?? lets.size;
    if ("wrong" in one) told(one.wrong);
    else compiled.push({ slot, leaf: one.leaf });
    const properties = "wrong" in one ? undefined : one.properties;
    const bound: Let = { slot, used: false, ...(properties === undefined ? {} : { properties }) };
    lets.set(key, bound);
    own.push({ name: key, bound, line });
  }
  const checkUsed = (): void => {
    for (const { name, bound, line } of own)
      if (!bound.used) problems.push({ file: source.file, line, reason: `$let ${name} is used by nothing` });
  };
  return { env, lets: compiled, checkUsed };
}

/** Binds the values for the row in hand. */
export function bindLets(lets: CompiledLets["lets"], scope: Scope): void {
  for (const { slot, leaf } of lets) scope.lets[slot] = leaf(scope);
}

/** Compiles the `$if` of an object; undefined when it has none or it is wrong, which is told. */
export function compileCondition(map: YAMLMap, element: string, context: ScopeContext): Leaf | undefined {
  const entry = entriesOf(context.source, map).find(({ key }) => key === "$if");
  if (entry === undefined) return undefined;
  const { source, mapping, env, problems } = context;
  const text = String(scalarOf(entry.value)?.value ?? "");
  const test = compileExpression(expressionIn(text) ?? text, env, { mapping, line: entry.line, element });
  if (!("wrong" in test)) return test.leaf;
  problems.push({ file: source.file, line: entry.line, reason: `${element} $if ${test.wrong}` });
  return undefined;
}
