import type { Resource } from "@medplum/fhirtypes";
import { digitsOf } from "../../src/kernel/exact-json.ts";
import { typeNames } from "./fhir-words.ts";

/** One line of a resource for reading: where in it, and what stands there. */
export interface FhirLine {
  readonly element: string;
  readonly text: string;
}

type Tree = Readonly<Record<string, unknown>>;

/** A resource as lines: codings, quantities, periods and references on one line each, long lists cut. */
export function fhirLines(resource: Resource): FhirLine[] {
  const { resourceType: _, id: __, ...rest } = resource;
  return Object.entries(rest).flatMap(([name, value]) => [...linesOf(name, value)]);
}

const mostOfList = 6;

function* linesOf(element: string, value: unknown): Generator<FhirLine> {
  if (Array.isArray(value)) {
    const texts = value.map(shortText);
    if (value.length > mostOfList && texts.every((text) => text !== undefined)) {
      yield { element, text: `${texts.slice(0, mostOfList).join("，")} … 共 ${value.length} 项` };
      return;
    }
    for (const item of value) yield* linesOf(element, item);
    return;
  }
  const short = shortText(value);
  if (short !== undefined) yield { element, text: short };
  else if (isExtension(value)) {
    const { url, ...inner } = value;
    const name = String(url).slice(String(url).lastIndexOf("/") + 1);
    for (const [key, one] of Object.entries(inner))
      for (const line of linesOf(key, one)) yield { element: `${element}[${name}]`, text: line.text };
  } else for (const [name, inner] of Object.entries(value as Tree)) yield* linesOf(`${element}.${name}`, inner);
}

/** The whole value on one line, for the data types people know at sight; undefined for anything bigger. */
function shortText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return String(value);
  if (isRaw(value)) return digitsOf(value as unknown as number);
  const tree = value as Tree;
  const names = Object.keys(tree);
  const shape = shapes.find(
    ({ some, only }) => some.some((name) => name in tree) && names.every((name) => only.includes(name)),
  );
  return shape?.text(tree);
}

interface Shape {
  /** One of these is there … */
  readonly some: readonly string[];
  /** … and nothing but these. */
  readonly only: readonly string[];
  text(tree: Tree): string;
}

// The first that fits counts.
const shapes: readonly Shape[] = [
  { some: ["reference"], only: ["reference", "display"], text: referenceText },
  { some: ["coding"], only: ["coding", "text"], text: conceptText },
  { some: ["unit", "comparator"], only: ["comparator", "value", "unit", "system", "code"], text: quantityText },
  { some: ["code"], only: ["system", "code", "display", "version"], text: codingText },
  { some: ["start", "end"], only: ["start", "end"], text: ({ start, end }) => `${start ?? "…"} 至 ${end ?? "…"}` },
  { some: ["text"], only: ["text"], text: ({ text }) => String(text) },
  { some: ["value"], only: ["system", "value", "use"], text: identifierText },
  { some: ["display"], only: ["display"], text: ({ display }) => String(display) },
];

function identifierText({ system, value }: Tree): string {
  return `${shortText(value)}${system === undefined ? "" : `（${shortSystem(system)}）`}`;
}

function isRaw(value: unknown): boolean {
  return typeof value === "object" && value !== null && "rawJSON" in value;
}

function referenceText({ reference }: Tree): string {
  const [type = "", id = ""] = String(reference).split("/");
  return `→ ${typeNames[type] ?? type} ${type}/${id.slice(0, 9)}`;
}

function conceptText({ coding, text }: Tree): string {
  const codings = (coding as readonly Tree[]).map(codingText);
  return [...(text === undefined ? [] : [String(text)]), ...codings].join(" · ");
}

function codingText({ system, code, display }: Tree): string {
  const shown = display === undefined ? String(code) : `${code} ${display}`;
  return system === undefined ? shown : `${shown}（${shortSystem(system)}）`;
}

function quantityText({ comparator, value, unit, code }: Tree): string {
  return `${comparator ?? ""}${shortText(value)} ${unit ?? ""}${code === undefined || code === unit ? "" : `（UCUM ${code}）`}`;
}

function shortSystem(system: unknown): string {
  const text = String(system);
  if (text === "http://loinc.org") return "LOINC";
  return text.startsWith("urn:") ? text : text.slice(text.lastIndexOf("/") + 1);
}

function isExtension(value: unknown): value is Tree & { readonly url: string } {
  return typeof value === "object" && value !== null && "url" in value && Object.keys(value).length === 2;
}

/** The resource as JSON with its decimals' digits. */
export function fhirJson(resource: Resource): string {
  return JSON.stringify(resource, null, 1);
}
