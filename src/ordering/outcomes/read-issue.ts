import type { DetectedIssue, Extension, Identifier, Reference } from "@medplum/fhirtypes";
import { extensionOf } from "../../fhir/issue.ts";
import { addressOf, type ResourceAddress } from "../../fhir/reference.ts";
import { extensions, systems } from "../../fhir/systems.ts";
import { numberOf } from "../../kernel/exact-json.ts";
import type { RecordedResult } from "../check/check-record.ts";
import { withoutUndefined } from "../without-undefined.ts";
import type { IssueCode } from "./detected-issue.ts";

/** A DetectedIssue of a case read back, as far as the program asks it. */
export interface ReadIssue {
  readonly id: string;
  readonly code: IssueCode;
  readonly at: Date;
  readonly case: string;
  readonly reminder: string;
  readonly check: string;
  readonly client: string;
  readonly ordinal: number;
  readonly item: string;
  readonly order: string;
  readonly practitioner?: string;
  readonly result?: { readonly address: ResourceAddress; readonly version: string };
  readonly recognition?: RecordedResult["recognition"];
  readonly laboratory?: string;
  readonly basis?: string;
  readonly certificate?: string;
  readonly certificateState?: string;
  readonly reason?: string;
  readonly counts?: boolean;
  readonly text?: string;
  readonly explained?: { readonly by?: string; readonly at?: string };
  readonly fen?: number;
  readonly revokes?: IssueCode;
  /** Id of the answer it is about. */
  readonly about?: string;
}

/** What a DetectedIssue of ours says; undefined when it is none of ours. */
export function readIssue(issue: DetectedIssue): ReadIssue | undefined {
  const parts = extensionOf(issue, extensions.recognitionAnswer)?.extension;
  const code = issue.code?.coding?.find((one) => one.system === systems.recognitionOutcome)?.code;
  if (parts === undefined || code === undefined) return undefined;
  const named = (system: string) => issue.identifier?.find((one: Identifier) => one.system === system)?.value;
  const part = (name: string): Extension | undefined => parts.find((one) => one.url === name);
  const [order, about] = issue.implicated ?? [];
  const fen = part("price")?.valueMoney?.value;
  return withoutUndefined({
    id: issue.id ?? "",
    code: code as IssueCode,
    at: new Date(issue.identifiedDateTime ?? ""),
    case: named(systems.recognitionCase) ?? "",
    reminder: named(systems.reminder) ?? "",
    check: part("check")?.valueString ?? "",
    client: part("client")?.valueString ?? "",
    ordinal: part("ordinal")?.valueUnsignedInt ?? 0,
    item: part("item")?.valueCoding?.code ?? "",
    order: afterSlash(order) ?? "",
    practitioner: afterSlash(issue.author),
    result: resultOf(issue, part("version")?.valueString),
    recognition: part("recognition")?.valueCode as RecordedResult["recognition"] | undefined,
    laboratory: part("laboratory")?.valueReference?.identifier?.value,
    basis: part("basis")?.valueCode,
    certificate: part("certificate")?.valueString,
    certificateState: part("certificateState")?.valueCode,
    reason: part("reason")?.valueCoding?.code,
    counts: part("counts")?.valueBoolean,
    text: issue.detail,
    explained: explanationIn(issue),
    fen: fen === undefined ? undefined : Math.round(numberOf(fen) * 100),
    revokes: part("revokes")?.valueCode as IssueCode | undefined,
    about: about?.reference?.replace("DetectedIssue/", ""),
  });
}

function resultOf(issue: DetectedIssue, version: string | undefined): ReadIssue["result"] {
  const address = issue.evidence
    ?.flatMap((one) => one.detail ?? [])
    .map(addressOf)
    .find((one) => one !== undefined);
  return address === undefined || version === undefined ? undefined : { address, version };
}

function explanationIn(issue: DetectedIssue): ReadIssue["explained"] {
  const [step] = issue.mitigation ?? [];
  return step === undefined ? undefined : withoutUndefined({ by: afterSlash(step.author), at: step.date });
}

/** The institution's own name in an identifier `<institution>/<name>`. */
function afterSlash(reference: Reference | undefined): string | undefined {
  const value = reference?.identifier?.value;
  return value?.slice(value.indexOf("/") + 1);
}
