import type { CodeableConcept, Coding, Observation, Reference } from "@medplum/fhirtypes";
import { extensionOf } from "../fhir/issue.ts";
import type { ResourceAddress } from "../fhir/reference.ts";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import { digitsOf } from "../kernel/exact-json.ts";
import type { Catalogue, Study } from "./catalogue.ts";

/** Where a prior result was found: the institution that holds it, and why its Patient is this resident. */
export interface Found {
  readonly source: InstitutionCode;
  /** Basis of the link; only `number` and `steward` carry a recognition. */
  readonly linkBasis: string;
}

/** What the decision needs to know of one earlier result, read from FHIR once. */
export interface Prior extends Found {
  readonly address: ResourceAddress;
  readonly version: string;
  readonly kind: "lab" | "imaging";
  /** Item of the catalogue its code means; undefined when no code of it is in the catalogue. */
  readonly item: string | undefined;
  readonly status: "final" | "not-final" | "void";
  /** The laboratory or department that measured; undefined when the export does not say. */
  readonly laboratory: InstitutionCode | undefined;
  /** 互认标识 as printed. */
  readonly mark: string | undefined;
  readonly collectedAt: Date | undefined;
  readonly performedAt: Date | undefined;
  readonly reportedAt: Date | undefined;
  /** As printed, digit for digit; undefined when the result is empty. */
  readonly value: string | undefined;
  readonly unit: string | undefined;
  /** UCUM, by the policy's table; undefined for a printed unit the table does not hold. */
  readonly ucum: string | undefined;
  readonly referenceRange: string | undefined;
  /** Id of the policy's specimens; "unknown" for one it does not hold, undefined when none is named. */
  readonly specimen: string | undefined;
  readonly method: string | undefined;
  readonly platform: string | undefined;
  /** `poct`, `analyser`: results of these origins may be excluded by the policy. */
  readonly origin: string | undefined;
  /** The source flagged it as critical (HH, LL, AA). */
  readonly critical: boolean;
  /** Imaging only: what was examined, and whether its images can be opened. */
  readonly study?: Study;
}

/** Reads a laboratory Observation. `issued` is the time of the report, `effective` that of the specimen; a bare day counts from its beginning. */
export function priorOfObservation(observation: Observation, found: Found, catalogue: Catalogue): Prior {
  const quantity = observation.valueQuantity;
  const unit = quantity?.unit ?? quantity?.code;
  const specimen = extensionOf(observation, extensions.specimenType)?.valueCodeableConcept;
  return {
    ...found,
    address: { tenant: found.source, type: "Observation", id: observation.id as ResourceId },
    version: observation.meta?.versionId ?? "",
    kind: "lab",
    item: catalogue.itemOf(observation.code?.coding ?? [])?.id,
    status: statusOf(observation.status),
    laboratory: institutionIn(observation.performer),
    mark: markOf(observation),
    collectedAt: catalogue.instantOf(observation.effectiveDateTime ?? observation.effectivePeriod?.end),
    performedAt: undefined,
    reportedAt: catalogue.instantOf(observation.issued),
    value: printedValue(observation),
    unit,
    ucum: unit === undefined ? undefined : (catalogue.unitOf(quantity?.code ?? "") ?? catalogue.unitOf(unit)),
    referenceRange: rangeOf(observation),
    specimen: specimen === undefined ? undefined : (wordsOf(specimen).map(catalogue.specimenOf).find(Boolean) ?? "unknown"),
    method: textOf(observation.method),
    platform: observation.device?.display,
    origin: originOf(observation.meta?.tag),
    critical: (observation.interpretation ?? []).some((one) => one.coding?.some((coding) => critical.has(coding.code ?? ""))),
  };
}

const critical = new Set(["HH", "LL", "AA"]);

/** Status of a report or result as the decision sees it. */
export function statusOf(status: string | undefined): Prior["status"] {
  if (status === "final" || status === "amended" || status === "corrected" || status === "appended") return "final";
  return status === "entered-in-error" || status === "cancelled" ? "void" : "not-final";
}

/** Registry code of the first performer that is an institution. */
export function institutionIn(performers: readonly Reference[] | undefined): InstitutionCode | undefined {
  const found = performers?.find((one) => one.identifier?.system === systems.institution)?.identifier?.value;
  return found as InstitutionCode | undefined;
}

/** 互认标识 as printed on a resource. */
export function markOf(resource: Parameters<typeof extensionOf>[0]): string | undefined {
  return extensionOf(resource, extensions.recognitionMark)?.valueString;
}

/** Every word a concept gives: codes, displays, text. */
export function wordsOf(concept: CodeableConcept | undefined): string[] {
  const coded = (concept?.coding ?? []).flatMap((coding) => [coding.code, coding.display]);
  return [...coded, concept?.text].filter((word) => word !== undefined);
}

function textOf(concept: CodeableConcept | undefined): string | undefined {
  return concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code;
}

function originOf(tags: readonly Coding[] | undefined): string | undefined {
  return tags?.find((tag) => tag.system === systems.origin)?.code;
}

function printedValue(observation: Observation): string | undefined {
  const { valueQuantity, valueString, valueCodeableConcept } = observation;
  if (valueQuantity?.value !== undefined) return `${valueQuantity.comparator ?? ""}${digitsOf(valueQuantity.value)}`;
  return valueString ?? textOf(valueCodeableConcept);
}

function rangeOf(observation: Observation): string | undefined {
  const range = observation.referenceRange?.[0];
  if (range?.text !== undefined) return range.text;
  const [low, high] = [range?.low?.value, range?.high?.value].map((bound) =>
    bound === undefined ? undefined : digitsOf(bound),
  );
  if (low !== undefined && high !== undefined) return `${low}-${high}`;
  if (low !== undefined) return `>=${low}`;
  return high === undefined ? undefined : `<=${high}`;
}
