import type { Extension, Reference, Resource } from "@medplum/fhirtypes";
import { extensions } from "../../fhir/systems.ts";

const dated = ["effectiveDateTime", "effectivePeriod", "issued"];
const observation = [
  "status",
  "category",
  "code",
  ...dated,
  "performer",
  "dataAbsentReason",
  "interpretation",
  "bodySite",
  "method",
];
const values = [
  "valueQuantity",
  "valueString",
  "valueCodeableConcept",
  "valueInteger",
  "valueBoolean",
  "valueRange",
  "valueRatio",
];

/**
 * What a copy keeps of each type: data and images, nothing else. No conclusion: what is recognised is the data, not the diagnosis
 * (国卫医发〔2022〕6号 第二条). No subject, visit or link, which would point into another institution.
 */
const kept: Partial<Record<Resource["resourceType"], readonly string[]>> = {
  Observation: ["identifier", ...observation, ...values, "referenceRange", "component"],
  DiagnosticReport: ["identifier", "status", "category", "code", ...dated, "performer"],
  ImagingStudy: [
    ...["identifier", "status", "modality", "started", "numberOfSeries", "numberOfInstances", "procedureCode", "description"],
    "series",
  ],
};
const keptOfSeries = ["uid", "number", "modality", "description", "numberOfInstances", "bodySite", "laterality", "started"];
const keptExtensions: readonly string[] = [extensions.recognitionMark, extensions.specimenType];

/** R4 wants a subject of a study; whose it is, the DetectedIssue around the copy says. */
const subject = { display: "本次就诊的患者" };

/** A copy of a result to be contained under this id, digit for digit as it was read; undefined for types that are no results. */
export function frozenCopy(resource: Resource, id: string): Resource | undefined {
  const elements = kept[resource.resourceType];
  if (elements === undefined) return undefined;
  const source = resource as unknown as Record<string, unknown>;
  const copy = pick(source, elements);
  const extension = ((source.extension ?? []) as Extension[]).filter((one) => keptExtensions.includes(one.url));
  const performer = ((source.performer ?? []) as Reference[]).flatMap(outsideReference);
  return {
    resourceType: resource.resourceType,
    id,
    ...(extension.length === 0 ? {} : { extension }),
    ...copy,
    ...(copy.performer === undefined ? {} : { performer }),
    ...(performer.length === 0 ? { performer: undefined } : {}),
    ...(resource.resourceType === "ImagingStudy" ? { subject, series: resource.series?.map(seriesOf) } : {}),
  } as unknown as Resource;
}

function seriesOf(series: object): Record<string, unknown> {
  return pick(series as Record<string, unknown>, keptOfSeries);
}

/** Who measured, by registry code or name; a literal reference means nothing outside its institution. */
function outsideReference({ identifier, display, type }: Reference): Reference[] {
  if (identifier === undefined && display === undefined) return [];
  return [pick({ type, identifier, display }, ["type", "identifier", "display"]) as Reference];
}

function pick(source: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])));
}
