import type { InstitutionCode } from "../kernel/brand.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Certificates } from "./certificates.ts";
import type { Window } from "./policy-schema.ts";
import type { Prior } from "./prior.ts";
import { rules } from "./rules/all.ts";
import type { Cause, Cover, Facts, Judgement, Order, Party, RecognitionRule } from "./rules/rule.ts";

/** A cause with the rule that gave it and what it does: keeps it from `must`, takes it out, or only adds to it. */
export interface Reason extends Cause {
  readonly rule: string;
  readonly clause: string;
  readonly effect: "may" | "ineligible" | "note";
}

/** The decision on one earlier result for one order, with every reason. */
export interface Recognition {
  readonly recognition: "must" | "may" | "ineligible";
  readonly prior: Prior;
  /** Full days of 24 hours in which it still counts; absent outside its window. */
  readonly daysLeft?: number;
  readonly cover?: Cover;
  readonly reasons: readonly Reason[];
}

/** A permitted source that gave no (whole) answer: never the same as "no earlier result". */
export interface Silence {
  readonly source: InstitutionCode;
  readonly cause: "source-failed" | "source-not-asked" | "source-has-more";
}

/** The answer for one order. `own` are the ordering institution's results: shown apart, never counted as 互认. */
export interface Decision {
  readonly others: readonly Recognition[];
  readonly own: readonly Recognition[];
  readonly unknown: readonly Silence[];
}

/** What a decision rests on beside the results themselves. */
export interface Grounds {
  readonly catalogue: Catalogue;
  readonly certificates: Certificates;
  readonly institutionOf: (code: string) => Party | undefined;
  readonly now: Date;
}

/**
 * Decides each earlier result for one order: `must` when every rule holds, `may` when only mark, basis, performer, method or an emergency stands
 * against it, `ineligible` for any other cause; all causes are told. Sources that were silent stay `unknown` and never hide a `must`.
 * Pure; the order of priors does not matter: newest first, then by address. The doctor decides (国卫医发〔2022〕6号 第四条: 以接诊医师判断为标准).
 */
export function decide(priors: readonly Prior[], order: Order, grounds: Grounds, silent: readonly Silence[] = []): Decision {
  const window = grounds.catalogue.windowOf(order.item.id, order.setting);
  const decided = priors
    .filter((prior) => prior.kind === order.item.kind)
    .flatMap((prior) => {
      const anchor = anchorOf(prior, window);
      const recognition = decideOne({ ...grounds, prior, order, window, anchor });
      return recognition === undefined ? [] : [{ recognition, at: anchor?.getTime() ?? 0, key: keyOf(prior) }];
    })
    .sort((a, b) => b.at - a.at || (a.key < b.key ? -1 : 1))
    .map(({ recognition }) => recognition);
  const isOwn = ({ prior }: Recognition) => prior.source === order.institution.code;
  return {
    others: decided.filter((one) => !isOwn(one)),
    own: decided.filter(isOwn),
    unknown: [...silent].sort((a, b) => (a.source < b.source ? -1 : 1)),
  };
}

function decideOne(facts: Facts): Recognition | undefined {
  const own = facts.prior.source === facts.order.institution.code;
  const reasons: Reason[] = [];
  let [daysLeft, cover]: [number | undefined, Cover | undefined] = [undefined, undefined];
  for (const { id, clause } of facts.catalogue.rules) {
    const rule = rules.get(id);
    if (rule === undefined || (own && !rule.own)) continue;
    const judgement = rule.judge(facts);
    if (judgement.kind === "fails" && judgement.effect === "elsewhere") return undefined;
    reasons.push(...reasonsOf(judgement, rule, clause));
    if (judgement.kind === "holds") [daysLeft, cover] = [judgement.daysLeft ?? daysLeft, judgement.cover ?? cover];
  }
  const effects = new Set(reasons.map((reason) => reason.effect));
  return {
    recognition: effects.has("ineligible") ? "ineligible" : effects.has("may") ? "may" : "must",
    prior: facts.prior,
    ...(daysLeft === undefined ? {} : { daysLeft }),
    ...(cover === undefined ? {} : { cover }),
    reasons,
  };
}

function reasonsOf(judgement: Judgement, rule: RecognitionRule, clause: string): Reason[] {
  if (judgement.kind === "holds")
    return (judgement.notes ?? []).map((cause) => ({ ...cause, rule: rule.id, clause, effect: "note" }));
  const { effect } = judgement;
  return effect === "elsewhere" ? [] : judgement.causes.map((cause) => ({ ...cause, rule: rule.id, clause, effect }));
}

/** From when the days count: the specimen, the examination or the report, as the window says, and never later than the report. */
function anchorOf(prior: Prior, window: Window | undefined): Date | undefined {
  const times = { collected: prior.collectedAt, performed: prior.performedAt, reported: prior.reportedAt };
  const at = times[window?.anchor ?? (prior.kind === "lab" ? "collected" : "performed")];
  const { reportedAt } = prior;
  return at !== undefined && reportedAt !== undefined && reportedAt < at ? reportedAt : at;
}

function keyOf(prior: Prior): string {
  return `${prior.address.tenant}/${prior.address.type}/${prior.address.id}`;
}
