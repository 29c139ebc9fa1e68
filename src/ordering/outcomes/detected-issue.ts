import type { Coding, DetectedIssue, Extension, Reference, Resource } from "@medplum/fhirtypes";
import { institutionReference, localReference, residentReference, resourceReference } from "../../fhir/reference.ts";
import { extensions, systems } from "../../fhir/systems.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { exactNumber } from "../../kernel/exact-json.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckRecord, RecordedReminder, RecordedResult } from "../check/check-record.ts";

/** What a DetectedIssue of ours tells of a case. */
export type IssueCode = "adopted" | "declined" | "explained" | "revoked" | "appealed" | "fault-reported";

const titles: Record<IssueCode, string> = {
  adopted: "互认",
  declined: "不互认",
  explained: "已向患者说明",
  revoked: "撤销",
  appealed: "申诉",
  "fault-reported": "异常反馈",
};

/** Everything such a DetectedIssue says. */
export interface IssueContent {
  readonly id: string;
  readonly code: IssueCode;
  readonly at: Date;
  readonly asker: Orderer;
  readonly check: CheckRecord;
  readonly reminder: RecordedReminder;
  /** Which answer of its case it is, from 0: after a revocation the next one counts on. */
  readonly ordinal: number;
  /** The earlier result it is about, and its frozen copies: the result first, then what belongs to it. */
  readonly result?: RecordedResult;
  readonly frozen?: readonly Resource[];
  readonly reason?: Coding;
  /** False for the reasons that are neither recognition nor refusal (98, 99). */
  readonly counts?: boolean;
  readonly text?: string;
  readonly explained?: { readonly by?: string; readonly at: Date };
  /** 分. */
  readonly fen?: number;
  /** The answer that is taken back or appealed against. */
  readonly about?: { readonly id: string; readonly code: IssueCode };
}

/**
 * The answer to a reminder, and what later happens to it, as a DetectedIssue of the ordering institution's partition; a fault is reported into the source's, which
 * learns neither visit nor order. The evidence is contained: never a result of its own,
 * so that no lookup and no check finds it (a result adopted twice would look newer than it is). The resident is named by identifier only.
 */
export function detectedIssue(content: IssueContent): DetectedIssue {
  const { check, reminder, result, asker, frozen = [], explained, text, about } = content;
  const { institution } = check;
  const author = practitionerOf(institution, asker.practitioner?.id);
  const isReport = content.code === "fault-reported";
  const evidence = [
    ...frozen.map((one) => ({ reference: `#${one.id}` })),
    ...(result === undefined ? [] : [resourceReference(result.address)]),
  ];
  return {
    resourceType: "DetectedIssue",
    id: content.id,
    ...(frozen.length === 0 ? {} : { contained: [...frozen] }),
    extension: [{ url: extensions.recognitionAnswer, extension: partsOf(content) }],
    identifier: [
      { system: systems.recognitionCase, value: reminder.case },
      { system: systems.reminder, value: reminder.uuid },
      ...(check.visit === undefined || isReport
        ? []
        : [{ system: systems.visit, value: `${institution}/${check.visit.number}` }]),
    ],
    status: "final",
    code: { coding: [{ system: systems.recognitionOutcome, code: content.code, display: titles[content.code] }] },
    patient: residentReference(check.resident),
    identifiedDateTime: instant(content.at),
    ...(author === undefined ? {} : { author }),
    implicated: [
      ...(isReport
        ? [institutionReference(institution)]
        : [
            {
              type: "ServiceRequest" as const,
              identifier: { system: systems.order, value: `${institution}/${reminder.order}` },
            },
          ]),
      ...(about === undefined ? [] : [localReference("DetectedIssue", about.id)]),
    ],
    ...(evidence.length === 0 ? {} : { evidence: [{ detail: evidence }] }),
    ...(text === undefined ? {} : { detail: text }),
    ...(explained === undefined ? {} : { mitigation: [explanationOf(institution, explained)] }),
  };
}

function partsOf(content: IssueContent): Extension[] {
  const { check, reminder, result, asker } = content;
  const parts: readonly [string, Omit<Extension, "url"> | undefined][] = [
    ["check", { valueString: check.id }],
    ["client", { valueString: asker.client }],
    ["ordinal", { valueUnsignedInt: content.ordinal }],
    ["item", { valueCoding: { system: systems.recognitionItem, code: reminder.item } }],
    ["panel", reminder.panel === undefined ? undefined : { valueString: reminder.panel }],
    ["policy", { valueString: check.policy }],
    ["reason", content.reason === undefined ? undefined : { valueCoding: content.reason }],
    ["counts", content.counts === undefined ? undefined : { valueBoolean: content.counts }],
    ["price", content.fen === undefined ? undefined : { valueMoney: yuan(content.fen) }],
    ["revokes", content.code === "revoked" && content.about !== undefined ? { valueCode: content.about.code } : undefined],
    ...resultParts(result),
  ];
  return parts.flatMap(([url, value]) => (value === undefined ? [] : [{ url, ...value }]));
}

/** Which version of the result counted, why it did, and which certificate stood behind it. */
function resultParts(result: RecordedResult | undefined): [string, Omit<Extension, "url"> | undefined][] {
  if (result === undefined) return [];
  const { version, recognition, basis, certificate, certificateState, laboratory, daysLeft } = result;
  return [
    ["version", { valueString: version }],
    ["recognition", { valueCode: recognition }],
    ["basis", basis === undefined ? undefined : { valueCode: basis }],
    ["certificate", certificate === undefined ? undefined : { valueString: certificate }],
    ["certificateState", certificateState === undefined ? undefined : { valueCode: certificateState }],
    ["laboratory", laboratory === undefined ? undefined : { valueReference: institutionReference(laboratory) }],
    ["daysLeft", daysLeft === undefined ? undefined : { valueInteger: daysLeft }],
  ];
}

function yuan(fen: number): { value: number; currency: "CNY" } {
  return { value: exactNumber((fen / 100).toFixed(2)), currency: "CNY" };
}

function explanationOf(institution: InstitutionCode, { by, at }: { readonly by?: string; readonly at: Date }) {
  const author = practitionerOf(institution, by);
  const coding = [{ system: systems.recognitionOutcome, code: "explained", display: "已向患者说明" }];
  return { action: { coding }, date: instant(at), ...(author === undefined ? {} : { author }) };
}

function practitionerOf(institution: InstitutionCode, id: string | undefined): Reference<never> | undefined {
  if (id === undefined) return undefined;
  return { type: "Practitioner", identifier: { system: systems.practitioner, value: `${institution}/${id}` } };
}
