import { Fault } from "../kernel/fault.ts";

const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const deepest = 32;
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/**
 * JSON as two readers of it would agree on: valid UTF-8, no key twice, no lone surrogate, at most 32 levels deep,
 * no `__proto__`, `constructor` or `prototype` as a key. Throws `Fault("request-invalid")` without repeating any of it.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong("is not valid JSON");
  }
  checkKeys(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw wrong("is not valid UTF-8");
  }
}

/** Walks the tokens of a text that is known to be valid JSON: `JSON.parse` itself keeps the last of two equal keys in silence. */
function checkKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let string: string | undefined;
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : undefined);
    else if (token === "}" || token === "]") open.pop();
    if (open.length > deepest) throw wrong("is nested too deeply");
    if (token === ":") checkKey(string ?? "", open.at(-1));
    string = token.startsWith('"') ? (JSON.parse(token) as string) : undefined;
    if (string !== undefined && !string.isWellFormed()) throw wrong("holds half a character");
  }
}

function checkKey(key: string, seen: Set<string> | undefined): void {
  if (forbidden.has(key)) throw wrong("holds a key that is not allowed");
  if (seen?.has(key)) throw wrong("holds a key twice");
  seen?.add(key);
}

function wrong(reason: string): Fault {
  return new Fault("request-invalid", { problems: [{ field: "body", reason }] });
}
