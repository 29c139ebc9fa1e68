import { type AstNode, parametersOf, wrong } from "./expression-names.ts";
import { functions } from "./functions.ts";
import { didYouMean } from "./suggest.ts";

// Functions of FHIRPath that a mapping may call. Left out on purpose: what reads time or the server (now, resolve, trace, weight), what turns
// decimals into JavaScript numbers (toDecimal, sum, …), and the tree walkers (repeat, descendants), which mean nothing on flat rows.
const fhirpathFunctions = (
  "all any combine contains count distinct empty endsWith exists first iif indexOf intersect isDistinct last length lower matches not " +
  "ofType replaceMatches select single skip split join tail take toInteger toString trim union upper where"
).split(" ");

/** Every function an expression may call: ours, and the allowed ones of FHIRPath. */
const callable: ReadonlySet<string> = new Set([...fhirpathFunctions, ...Object.keys(functions)]);

/** Checks the name of every function and every pattern of a parsed expression; throws what is wrong with it. */
export function checkCalls(node: AstNode): void {
  if (node.type === "FunctionInvocation") {
    const name = node.text ?? "";
    if (!callable.has(name)) throw wrong(`calls the function ${name}, which mappings do not have${didYouMean(name, callable)}`);
    const [first] = parametersOf(node);
    if (functions[name]?.table === true && !/^'.*'$/.test(first?.text ?? "")) throw wrong(tableNeeded(name));
    if (name === "matches" || name === "replaceMatches") checkPattern(patternOf(node), name);
  }
  for (const child of node.children ?? []) checkCalls(child);
}

/** What is wrong with a table function whose first argument is no literal. */
export function tableNeeded(name: string): string {
  return `calls ${name} without the name of a table in quotation marks, as in ${name}('sex')`;
}

function patternOf(node: AstNode): string | undefined {
  const text = parametersOf(node)[0]?.text ?? "";
  return /^'.*'$/s.test(text) ? text.slice(1, -1) : undefined;
}

/** A pattern is a literal that compiles and has no repetition inside a repetition: `(a+)+` would stop the engine for minutes on one value. */
function checkPattern(pattern: string | undefined, name: string): void {
  if (pattern === undefined) throw wrong(`calls ${name} with a pattern that is no literal text`);
  const plain = pattern.replaceAll("\\\\", "\\");
  try {
    new RegExp(plain, "u");
  } catch {
    throw wrong(`calls ${name} with a pattern that is no regular expression`);
  }
  if (repeatsInRepetition(plain))
    throw wrong(`calls ${name} with a pattern that repeats inside a repetition, which may take minutes for one value`);
}

function repeatsInRepetition(pattern: string): boolean {
  const text = pattern.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
  const groups: boolean[] = [];
  let inside = false;
  for (let at = 0; at < text.length; at++) {
    const repeats = /^(?:[*+]|\{\d+,\d*\})/.test(text.slice(at + 1));
    if (text[at] === "(") {
      groups.push(inside);
      inside = false;
    } else if (text[at] === ")") {
      if (inside && repeats) return true;
      inside = inside || repeats || (groups.pop() ?? false);
    } else if (repeats) inside = true;
  }
  return false;
}
