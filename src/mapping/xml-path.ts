import { childrenOf, ownText, type XmlAttribute, type XmlElement } from "./xml-document.ts";

interface Name {
  /** Undefined = any namespace. */
  readonly uri: string | undefined;
  /** `*` = any name. */
  readonly local: string;
}

type Predicate =
  | { readonly kind: "place"; readonly place: number }
  | {
      readonly kind: "equal";
      readonly steps: readonly Step[];
      readonly attribute: Name | undefined;
      readonly value: string;
    };

interface Step {
  readonly name: Name;
  readonly predicates: readonly Predicate[];
}

/** A compiled path to elements and what is taken of the first one. */
export interface XmlPath {
  /** Where it starts: at the row, so many rows further out, or at the root. */
  readonly from: "root" | number;
  readonly steps: readonly Step[];
  readonly take: "row" | "own-text" | "all-text" | Name;
}

const namePart = /^(?:(?<prefix>[\p{L}_][\p{L}\p{N}_.-]*):)?(?<local>[\p{L}_][\p{L}\p{N}_.-]*|\*)/u;

/**
 * Compiles a path that was checked when the feed was compiled: `code/@code`, `value/text()`, `^/id[@root='1.2']/@extension`, `/ClinicalDocument/title`,
 * `@row`. A prefix means the namespace the feed declares for it; a name without one that of the prefix "", else a name in any namespace.
 */
export function parseXmlPath(path: string, namespaces: Readonly<Record<string, string>>): XmlPath {
  let rest = path;
  let from: XmlPath["from"] = 0;
  if (rest.startsWith("/")) [from, rest] = ["root", rest.slice(1)];
  for (; from !== "root" && rest.startsWith("^/"); rest = rest.slice(2)) from++;
  if (rest === "@row") return { from, steps: [], take: "row" };
  const steps = splitPath(rest);
  const last = steps.at(-1) ?? "";
  const take: XmlPath["take"] =
    last === "text()" ? "own-text" : last.startsWith("@") ? nameOf(last.slice(1), namespaces, true) : "all-text";
  return { from, steps: (take === "all-text" ? steps : steps.slice(0, -1)).map((step) => stepOf(step, namespaces)), take };
}

/** Cuts at slashes outside predicates. */
function splitPath(path: string): string[] {
  return path.match(/(?:[^/[]|\[(?:'[^']*'|"[^"]*"|[^\]'"])*\])+/g) ?? [];
}

function nameOf(text: string, namespaces: Readonly<Record<string, string>>, attribute = false): Name {
  const { prefix, local = text } = namePart.exec(text)?.groups ?? {};
  return { uri: prefix === undefined && attribute ? undefined : namespaces[prefix ?? ""], local };
}

function stepOf(text: string, namespaces: Readonly<Record<string, string>>): Step {
  const open = text.indexOf("[");
  const predicates = open < 0 ? [] : (text.slice(open).match(/\[(?:'[^']*'|"[^"]*"|[^\]'"])*\]/g) ?? []);
  return {
    name: nameOf(open < 0 ? text : text.slice(0, open), namespaces),
    predicates: predicates.map((predicate) => predicateOf(predicate.slice(1, -1), namespaces)),
  };
}

function predicateOf(text: string, namespaces: Readonly<Record<string, string>>): Predicate {
  if (/^\d+$/.test(text)) return { kind: "place", place: Number(text) };
  const equals = text.indexOf("=");
  const steps = splitPath(text.slice(0, equals));
  const last = steps.at(-1) ?? "";
  const attribute = last.startsWith("@") ? nameOf(last.slice(1), namespaces, true) : undefined;
  return {
    kind: "equal",
    steps: (attribute === undefined ? steps : steps.slice(0, -1)).map((step) => stepOf(step, namespaces)),
    attribute,
    value: text.slice(equals + 2, -1),
  };
}

/** Every element that an absolute path means, in the order of the document. */
export function elementsAt(root: XmlElement, { steps }: XmlPath): XmlElement[] {
  const [first, ...deeper] = steps;
  return first === undefined ? [] : follow(matching([root], first), deeper);
}

/** Text that a path means from an element, trimmed; what is taken is marked as read. Undefined when it is not there or empty. */
export function textAt(start: XmlElement, path: XmlPath): string | undefined {
  const [first, ...deeper] = path.steps;
  const found =
    path.from === "root" && first !== undefined ? follow(matching([start], first), deeper) : follow([start], path.steps);
  for (const element of found) {
    const text = take(element, path.take);
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

function take(element: XmlElement, what: XmlPath["take"]): string | undefined {
  if (what === "row") return undefined;
  if (what === "own-text") {
    element.read = true;
    return ownText(element);
  }
  if (what === "all-text") return allText(element).trim();
  const attribute = attributeOf(element, what);
  if (attribute !== undefined) attribute.read = true;
  return attribute?.value.trim();
}

function allText(element: XmlElement): string {
  element.read = true;
  return element.content.map((part) => (typeof part === "string" ? part : allText(part))).join("");
}

function follow(from: readonly XmlElement[], steps: readonly Step[]): XmlElement[] {
  let found = [...from];
  for (const step of steps) found = found.flatMap((element) => matching(childrenOf(element), step));
  return found;
}

function matching(siblings: readonly XmlElement[], { name, predicates }: Step): XmlElement[] {
  let found = siblings.filter((element) => isNamed(element, name));
  for (const predicate of predicates) {
    found =
      predicate.kind === "place"
        ? found.slice(predicate.place - 1, predicate.place)
        : found.filter((element) => holds(element, predicate));
  }
  return found;
}

function holds(element: XmlElement, { steps, attribute, value }: Extract<Predicate, { kind: "equal" }>): boolean {
  return follow([element], steps).some((found) => {
    if (attribute === undefined) {
      if (ownText(found) !== value) return false;
      found.read = true;
      return true;
    }
    const given = attributeOf(found, attribute);
    if (given?.value !== value) return false;
    given.read = true;
    return true;
  });
}

function attributeOf(element: XmlElement, name: Name): XmlAttribute | undefined {
  return element.attributes.find((attribute) => isNamed(attribute, name));
}

function isNamed({ local, uri }: { readonly local: string; readonly uri: string }, name: Name): boolean {
  return (name.local === "*" || name.local === local) && (name.uri === undefined || name.uri === uri);
}
