import { instant } from "../kernel/clock.ts";
import type { Catalogue } from "../recognition/catalogue.ts";
import type { Decision, Reason, Recognition, Silence } from "../recognition/decide.ts";
import type { AnswerLine, AnswerReason, AnswerResult } from "./check.ts";

/** What presenting needs beside the decision: the sentences of the policy and the names of institutions. */
export interface Presenting {
  readonly catalogue: Catalogue;
  readonly nameOf: (institution: string) => string;
}

/** The result for an order of an item the catalogue knows: critical results first, then newest first, then the silent sources. */
export function resultOf(order: { id: string; item: string }, decision: Decision, presenting: Presenting): AnswerResult {
  const criticalFirst = [...decision.others].sort((a, b) => Number(b.prior.critical) - Number(a.prior.critical));
  return {
    order: order.id,
    item: order.item,
    lines: [
      ...criticalFirst.map((one) => lineOf(one, presenting)),
      ...decision.unknown.map((one) => unknownLine(one, presenting)),
    ],
    own: decision.own.map((one) => lineOf(one, presenting)),
  };
}

/** The result for an order nobody can be asked about: an item that is in no catalogue, or no source that may be asked. */
export function emptyResult(order: { id: string; item: string | undefined }, catalogue: Catalogue): AnswerResult {
  const known =
    order.item === undefined
      ? { reasons: [{ code: "item-unknown", text: catalogue.textOf("item-unknown") }] }
      : { item: order.item };
  return { order: order.id, ...known, lines: [], own: [] };
}

/** `<institution>/<Type>/<id>/_history/<version>`: which version of which result the line rests on. */
export function evidenceOf({ prior }: Recognition): string {
  const { tenant, type, id } = prior.address;
  return `${tenant}/${type}/${id}/_history/${prior.version}`;
}

function lineOf(recognition: Recognition, presenting: Presenting): AnswerLine {
  const { prior, cover } = recognition;
  return withoutUndefined({
    recognition: recognition.recognition,
    source: prior.source,
    sourceName: presenting.nameOf(prior.source),
    laboratory: prior.laboratory,
    value: prior.value,
    unit: prior.unit,
    referenceRange: prior.referenceRange,
    collectedAt: textOf(prior.collectedAt),
    performedAt: textOf(prior.performedAt),
    reportedAt: textOf(prior.reportedAt),
    mark: prior.mark,
    daysLeft: recognition.daysLeft,
    critical: prior.critical ? true : undefined,
    reasons: recognition.reasons.map((reason) => reasonOf(reason, presenting.catalogue)),
    basis: cover?.basis,
    certificate: cover?.certificate,
    evidence: evidenceOf(recognition),
  });
}

function unknownLine({ source, cause }: Silence, { catalogue, nameOf }: Presenting): AnswerLine {
  return {
    recognition: "unknown",
    source,
    sourceName: nameOf(source),
    reasons: [{ code: cause, text: catalogue.textOf(cause) }],
  };
}

function reasonOf({ code, facts, rule, clause, effect }: Reason, catalogue: Catalogue): AnswerReason {
  const number = (name: string) => (typeof facts?.[name] === "number" ? facts[name] : undefined);
  return withoutUndefined({
    code,
    text: catalogue.textOf(code, facts),
    rule,
    clause,
    effect,
    ageDays: number("ageDays"),
    windowDays: number("windowDays"),
  });
}

function textOf(at: Date | undefined): string | undefined {
  return at === undefined ? undefined : instant(at);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Defined<T>;
}
