import type { CodeableConcept, Coding, Observation, Reference, Resource } from "@medplum/fhirtypes";
import { extensionOf } from "../fhir/issue.ts";
import type { ResourceAddress } from "../fhir/reference.ts";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import { digitsOf } from "../kernel/exact-json.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Study } from "./coded-things.ts";
import type { Item } from "./policy-schema.ts";

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
  /** Campus of that institution, where the source names it. */
  readonly campus?: string | undefined;
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
  /** The resource itself, only where a condition of the policy looks into it. */
  readonly resource?: Resource;
}

/** `<institution>/<Type>/<id>/_history/<version>`: which version of which result a decision rests on. */
export function evidenceOf({ address, version }: Pick<Prior, "address" | "version">): string {
  return `${address.tenant}/${address.type}/${address.id}/_history/${version}`;
}

/** Reads a laboratory Observation. `issued` is the time of the report, `effective` that of the specimen; a bare day counts from its beginning. */
export function priorOfObservation(observation: Observation, found: Found, catalogue: Catalogue): Prior {
  const quantity = observation.valueQuantity;
  const unit = quantity?.unit ?? quantity?.code;
  const specimen = extensionOf(observation, extensions.specimenType)?.valueCodeableConcept;
  const item = catalogue.itemOf(observation.code?.coding ?? []);
  return {
    ...found,
    address: { tenant: found.source, type: "Observation", id: observation.id as ResourceId },
    version: observation.meta?.versionId ?? "",
    kind: "lab",
    item: item?.id,
    status: statusOf(observation.status),
    ...performerIn(observation.performer),
    mark: markOf(observation) ?? starOf(observation.code),
    collectedAt: catalogue.instantOf(
      observation.effectiveDateTime ?? observation.effectiveInstant ?? observation.effectivePeriod?.end,
    ),
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
    ...kept(observation, item, catalogue),
  };
}

const critical = new Set(["HH", "LL", "AA"]);

/** Status of a report or result as the decision sees it. */
export function statusOf(status: string | undefined): Prior["status"] {
  if (status === "final" || status === "amended" || status === "corrected" || status === "appended") return "final";
  return status === "entered-in-error" || status === "cancelled" ? "void" : "not-final";
}

/** The first performer that is an institution, by its registry code, and the campus where it names one (`<institution>/<campus>`). */
export function performerIn(performers: readonly (Reference | undefined)[] | undefined): Pick<Prior, "laboratory" | "campus"> {
  const found = performers?.find((one) => one?.identifier?.system === systems.institution)?.identifier?.value;
  const [laboratory, campus] = (found ?? "").split("/");
  return { laboratory: (laboratory || undefined) as InstitutionCode | undefined, ...(campus ? { campus } : {}) };
}

/** The resource, where some condition of the policy is about its item. */
export function kept(resource: Resource, item: Item | undefined, catalogue: Catalogue): Pick<Prior, "resource"> {
  const looksIn = item !== undefined && settings.some((setting) => catalogue.conditionsOf(item, setting).length > 0);
  return looksIn ? { resource } : {};
}

const settings = ["outpatient", "inpatient", "emergency"] as const;

/** 互认标识 as printed on a resource. */
export function markOf(resource: Parameters<typeof extensionOf>[0]): string | undefined {
  return extensionOf(resource, extensions.recognitionMark)?.valueString;
}

/** A star that an export left in the item's name (★肌酐, *肌酐). */
function starOf(code: CodeableConcept | undefined): string | undefined {
  return /^[★*＊]/.exec((code?.text ?? "").trim())?.[0];
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
