import type { Identifier, List, Observation } from "@medplum/fhirtypes";
import { institutionReference, residentReference } from "../../fhir/reference.ts";
import { extensions, systems } from "../../fhir/systems.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { exactNumber } from "../../kernel/exact-json.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { type Decision, decide, type Grounds, type Recognition } from "../../recognition/decide.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import { evidenceOf, type Prior, priorOfObservation } from "../../recognition/prior.ts";
import type { Order } from "../../recognition/rules/rule.ts";

/** Identifiers of a paper result: the number printed on the report, and the SHA-256 of the photo the hospital keeps. */
const paperReport = "urn:hutong:paper-report";
const paperPhoto = "urn:hutong:paper-photo-sha256";
/** Stands where the registry does not know the institution printed on the paper. */
const unregistered = "paper" as InstitutionCode;
const dayMs = 86_400_000;

/** A paper result of another institution as it was typed in: printed words, and how the paper can be found again. */
export interface TypedResult {
  readonly item: Item;
  readonly value: string;
  readonly unit?: string;
  readonly referenceRange?: string;
  readonly specimen?: string;
  readonly method?: string;
  readonly mark?: string;
  /** An instant or a day, as printed. */
  readonly collectedAt: string;
  readonly reportedAt?: Date;
  /** The institution on the paper: its name, and its code where the registry knows it. */
  readonly printedName: string;
  readonly institution?: InstitutionCode;
  readonly reportNumber: string;
  readonly photoSha256?: string;
}

/** A typed-in result read back. */
export interface Transcript {
  readonly prior: Prior;
  readonly printedName: string;
  readonly typedBy: InstitutionCode;
}

/** What the rules say of a typed-in result; `original` is the evidence of the same result, found at its source. */
export interface DecidedTranscript {
  readonly recognition: Recognition;
  readonly printedName: string;
  readonly typedBy: InstitutionCode;
  readonly original?: string;
}

/** Id of the one List that holds what was typed in during a visit; it stands in the institution's partition, where no lookup or check of others searches. */
export function transcriptId(
  suite: Pick<CryptoSuite, "computeId">,
  of: { readonly institution: InstitutionCode; readonly resident: ResidentId; readonly visit: string },
): ResourceId {
  return suite.computeId(of.institution, "List", "transcribed", of.resident, of.visit) as ResourceId;
}

/** An empty List for a visit. */
export function emptyTranscripts(
  id: ResourceId,
  of: { institution: InstitutionCode; resident: ResidentId; visit: string },
): List {
  return {
    resourceType: "List",
    id,
    status: "current",
    mode: "working",
    title: "Paper results typed in during a visit",
    subject: residentReference(of.resident),
    encounter: { type: "Encounter", identifier: { system: systems.visit, value: `${of.institution}/${of.visit}` } },
  };
}

/** The List with this result; the same item of the same paper takes its earlier place, so that a typing mistake can be mended and a repeat changes nothing. */
export function withTyped(list: List, typed: TypedResult, practitioner?: string): List {
  const contained = list.contained ?? [];
  const at = contained.findIndex((one) => isSame(one as Observation, typed));
  const place = at < 0 ? contained.length : at;
  const id = contained[place]?.id ?? `${typed.item.id}-${place}`;
  const flag = practitioner === undefined ? {} : { flag: { coding: [{ system: systems.practitioner, code: practitioner }] } };
  return {
    ...list,
    contained: contained.toSpliced(place, 1, observationOf(id, typed)),
    entry: (list.entry ?? []).toSpliced(place, 1, { ...flag, item: { reference: `#${id}` } }),
  };
}

/** How many results a List holds. */
export function sizeOf(list: List): number {
  return list.contained?.length ?? 0;
}

/** The results of a List as facts for recognition. Who typed them says that they are this resident's, as a steward would. */
export function transcriptsOf(list: List | undefined, typedBy: InstitutionCode, catalogue: Catalogue): Transcript[] {
  return (list?.contained ?? []).flatMap((one) => {
    if (one.resourceType !== "Observation") return [];
    const source = (one.performer?.[0]?.identifier?.value ?? unregistered) as InstitutionCode;
    const prior = priorOfObservation(one, { source, linkBasis: "steward" }, catalogue);
    return [{ prior, printedName: one.performer?.[0]?.display ?? source, typedBy }];
  });
}

/**
 * What the rules say of results on paper (国卫医发〔2022〕6号 第十五条: 患者提供的已有检查检验结果). Nobody but the doctor has seen the paper, so none is ever a `must`.
 * Where the same result was found at its source, that one is named.
 */
export function decideTranscribed(
  transcripts: readonly Transcript[],
  on: { readonly order: Order; readonly facts: Grounds; readonly found: Decision | undefined },
): DecidedTranscript[] {
  const found = [...(on.found?.others ?? []), ...(on.found?.own ?? [])];
  return transcripts.flatMap(({ prior, ...printed }) => {
    const { others, own } = decide([prior], on.order, on.facts);
    return [...others, ...own].map((recognition) => {
      const original = found.find((one) => isOriginal(one.prior, prior));
      return {
        ...printed,
        recognition: recognition.recognition === "must" ? asMay(recognition) : recognition,
        ...(original === undefined ? {} : { original: evidenceOf(original.prior) }),
      };
    });
  });
}

function asMay(recognition: Recognition): Recognition {
  const reason = { code: "transcribed", rule: "transcribed", clause: "国卫医发〔2022〕6号 第十五条", effect: "may" as const };
  return { ...recognition, recognition: "may", reasons: [...recognition.reasons, reason] };
}

function isOriginal(found: Prior, paper: Prior): boolean {
  const apartMs = Math.abs((found.collectedAt?.getTime() ?? 0) - (paper.collectedAt?.getTime() ?? 0));
  return found.item === paper.item && found.value === paper.value && apartMs < dayMs;
}

function isSame(stored: Observation, { item, reportNumber, printedName }: TypedResult): boolean {
  const numbered = stored.identifier?.some((one) => one.system === paperReport && one.value === reportNumber);
  const named = stored.performer?.[0]?.display === printedName;
  return numbered === true && named && stored.code.coding?.[0]?.code === item.id;
}

function observationOf(id: string, typed: TypedResult): Observation {
  const { item, value, unit, referenceRange, specimen, method, mark, institution, printedName } = typed;
  const identifier: Identifier[] = [
    { system: paperReport, value: typed.reportNumber },
    ...(typed.photoSha256 === undefined ? [] : [{ system: paperPhoto, value: typed.photoSha256 }]),
  ];
  const extension = [
    ...(mark === undefined ? [] : [{ url: extensions.recognitionMark, valueString: mark }]),
    ...(specimen === undefined ? [] : [{ url: extensions.specimenType, valueCodeableConcept: { text: specimen } }]),
  ];
  return {
    resourceType: "Observation",
    id,
    ...(extension.length === 0 ? {} : { extension }),
    identifier,
    status: "final",
    code: { coding: [{ system: systems.recognitionItem, code: item.id, display: item.name }] },
    effectiveDateTime: typed.collectedAt,
    ...(typed.reportedAt === undefined ? {} : { issued: instant(typed.reportedAt) }),
    performer: [institution === undefined ? { display: printedName } : institutionReference(institution, printedName)],
    ...printedValue(value, unit),
    ...(referenceRange === undefined ? {} : { referenceRange: [{ text: referenceRange }] }),
    ...(method === undefined ? {} : { method: { text: method } }),
  };
}

function printedValue(value: string, unit: string | undefined): Pick<Observation, "valueQuantity" | "valueString"> {
  const [, comparator, digits] = /^(<=|>=|<|>)?\s*(-?(?:0|[1-9]\d{0,11})(?:\.\d{1,9})?)$/.exec(value) ?? [];
  if (digits === undefined) return { valueString: value };
  const bound = comparator === undefined ? {} : { comparator: comparator as "<" | "<=" | ">=" | ">" };
  return { valueQuantity: { ...bound, value: exactNumber(digits), ...(unit === undefined ? {} : { unit }) } };
}
