import type { z } from "zod";
import { didYouMean } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** What is wrong with a value, in words, and the path where it is. */
export interface Explained {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

interface Checked {
  readonly schema: z.ZodType;
  readonly whole: unknown;
}

/** Says of each problem what was found and what is expected. `whole` is the value that `schema` checked. */
export function explainIssues(issues: readonly Issue[], checked: Checked): Explained[] {
  return issues.flatMap((issue) => explain(issue, [], checked));
}

/** Names that may stand at a path of a schema; none when any may. */
function namesAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const { def } = schema as { def: Record<string, unknown> & { type: string } };
  if (def.innerType !== undefined) return namesAt(def.innerType, path);
  if (def.type === "union") return (def.options as unknown[]).flatMap((option) => namesAt(option, path));
  const [key, ...rest] = path;
  if (def.type === "object") {
    const shape = def.shape as Record<string, unknown>;
    if (key === undefined) return Object.keys(shape);
    return Object.hasOwn(shape, key) ? namesAt(shape[String(key)], rest) : [];
  }
  if (key === undefined) return [];
  return def.type === "record" ? namesAt(def.valueType, rest) : def.type === "array" ? namesAt(def.element, rest) : [];
}

function explain(issue: Issue, base: readonly PropertyKey[], checked: Checked): Explained[] {
  const path = [...base, ...issue.path];
  const found = valueAt(checked.whole, path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const hint = didYouMean(key, namesAt(checked.schema, path));
      return { path: [...path, key], reason: `${nameOf([...path, key])} is not known here${hint}` };
    });
  if (issue.code === "invalid_union") return explainUnion(issue, path, checked);
  return [{ path, reason: `${nameOf(path)} ${reasonOf(issue, found, path)}` }];
}

function reasonOf(issue: Issue, found: unknown, path: readonly PropertyKey[]): string {
  switch (issue.code) {
    case "invalid_type":
      return found === undefined ? `is missing: ${article(issue.expected)} is needed` : wrongKind(issue.expected, found, path);
    case "invalid_value":
      return `is ${shown(found)}; it may be ${issue.values.map(String).join(", ")}${didYouMean(String(found), issue.values.map(String))}`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? "is empty"
        : `is ${shown(found)}; it is at least ${String(issue.minimum)}`;
    case "too_big":
      return `is too long: at most ${String(issue.maximum)}`;
    case "invalid_format":
      return `is ${shown(found)}; ${issue.message.startsWith("Invalid") ? `it looks like ${issue.pattern ?? issue.format}` : `it ${issue.message}`}`;
    default:
      return issue.message;
  }
}

/** A value of the wrong kind, and how it is written right when that can be said. */
function wrongKind(expected: string, found: unknown, path: readonly PropertyKey[]): string {
  const said = `is ${kindOf(found)}; ${article(expected)} is needed`;
  if (expected === "string" && (typeof found === "number" || typeof found === "boolean"))
    return `${said}: write it in quotation marks, "${String(found)}"`;
  if (expected === "object" && typeof found === "string" && path.at(-2) === "columns") return `${said}: { header: ${found} }`;
  if (expected === "array" && typeof found === "string") return `${said}: [${JSON.stringify(found)}]`;
  return said;
}

/** Of the makes a value may have, the one it comes closest to is explained; when it has the kind of none, all kinds are named. */
function explainUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: readonly PropertyKey[],
  checked: Checked,
): Explained[] {
  const ofOtherKind = (one: Issue) => one.path.length === 0 && (one.code === "invalid_type" || one.code === "invalid_value");
  const near = issue.errors.filter((errors) => !errors.some(ofOtherKind));
  const [best] = near.toSorted((a, b) => a.length - b.length);
  const said = issue.message === "Invalid input" ? undefined : issue.message;
  if (said !== undefined) return [{ path, reason: `${nameOf(path)} ${shown(valueAt(checked.whole, path))} ${said}` }];
  if (best !== undefined) return best.flatMap((one) => explain(one, path, checked));
  const found = valueAt(checked.whole, path);
  const kinds = [...new Set(issue.errors.flatMap((errors) => errors.flatMap(expectedOf)))];
  const hint = typeof found === "string" ? didYouMean(found, kinds) : "";
  return [{ path, reason: `${nameOf(path)} is ${kindOf(found)}; needed is ${kinds.join(" or ")}${hint}` }];
}

function expectedOf(issue: Issue): string[] {
  if (issue.code === "invalid_type") return [article(issue.expected)];
  return issue.code === "invalid_value" ? issue.values.map(String) : [];
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map(String).join(".") || "the file";
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a whole number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of names to values",
  record: "a mapping of names to values",
};

function article(expected: string): string {
  return kinds[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping of names to values" : shown(value);
}

/** A value of the mapping as its author wrote it. */
function shown(value: unknown): string {
  if (typeof value === "string") return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  return value === null || value === undefined ? "empty" : typeof value === "object" ? kindOf(value) : `${String(value)}`;
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    whole,
  );
}
