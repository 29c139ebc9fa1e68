import type { InstitutionCode } from "../kernel/brand.ts";
import type { Catalogue } from "./catalogue.ts";
import type { CertificateState, Certificates } from "./certificates.ts";
import type { Item, Window } from "./policy-schema.ts";
import { evidenceOf, type Prior } from "./prior.ts";
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
  /** A mark of an issued result that no passing certificate stands behind: for the quality centre (第十二条: 不得标注). */
  readonly unsupportedMark?: UnsupportedMark;
}

/** Whose mark on which item was not supported on the day of the test, and what the quality record said instead. */
export interface UnsupportedMark {
  readonly laboratory: InstitutionCode;
  readonly item: string;
  readonly state: CertificateState;
}

/** A permitted source that gave no (whole) answer: never the same as "no earlier result". */
export interface Silence {
  readonly source: InstitutionCode;
  readonly cause: "source-failed" | "source-not-asked" | "source-has-more";
}

/** The answer for one order. `own` are the ordering institution's results: shown apart, never counted as 互认. */
export interface Decision {
  readonly item: Item;
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
  const decided = priors
    .filter((prior) => prior.kind === order.item.kind)
    .flatMap((prior) => {
      const facts = factsOf(prior, order, grounds);
      const recognition = decideOne(facts);
      if (recognition === undefined) return [];
      return [{ recognition, own: facts.own, at: facts.anchor?.getTime() ?? 0, key: evidenceOf(prior) }];
    })
    .sort((a, b) => b.at - a.at || compare(a.key, b.key));
  return {
    item: order.item,
    others: decided.flatMap(({ own, recognition }) => (own ? [] : [recognition])),
    own: decided.flatMap(({ own, recognition }) => (own ? [recognition] : [])),
    unknown: [...silent].sort((a, b) => compare(a.source, b.source)),
  };
}

/** What every rule is asked about one earlier result. */
export function factsOf(prior: Prior, order: Order, grounds: Grounds): Facts {
  const own = isOwn(prior, order, grounds.catalogue);
  const window = grounds.catalogue.windowOf(order.item.id, order.setting, own ? "own" : "others");
  const { catalogue, certificates, institutionOf, now } = grounds;
  return { catalogue, certificates, institutionOf, now, prior, order, own, window, anchor: anchorOf(prior, window) };
}

function decideOne(facts: Facts): Recognition | undefined {
  const reasons: Reason[] = [];
  let [daysLeft, cover]: [number | undefined, Cover | undefined] = [undefined, undefined];
  for (const { id, clause } of facts.catalogue.rules) {
    const rule = rules.get(id);
    if (rule === undefined || (facts.own && !rule.own)) continue;
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
    ...flagOf(facts, reasons),
  };
}

function reasonsOf(judgement: Judgement, rule: RecognitionRule, clause: string): Reason[] {
  if (judgement.kind === "holds")
    return (judgement.notes ?? []).map((cause) => ({ ...cause, rule: rule.id, clause, effect: "note" }));
  const { effect } = judgement;
  return effect === "elsewhere" ? [] : judgement.causes.map((cause) => ({ ...cause, rule: rule.id, clause, effect }));
}

/** "Not yet published" is no false mark, and a result without a date or an issue proves nothing. */
const flagged: ReadonlySet<string> = new Set<CertificateState>(["missing", "expired", "failed", "withdrawn"]);

function flagOf({ prior, order }: Facts, reasons: readonly Reason[]): Pick<Recognition, "unsupportedMark"> {
  const state = reasons.find((reason) => reason.code === "mark-unsupported")?.facts?.state;
  const told = typeof state === "string" ? state.replace(/^certificate-/, "") : "";
  if (!flagged.has(told) || prior.laboratory === undefined || prior.status !== "final") return {};
  return { unsupportedMark: { laboratory: prior.laboratory, item: order.item.id, state: told as CertificateState } };
}

/** The ordering institution's own; that of another campus only where the policy says so. */
function isOwn(prior: Prior, { institution, campus }: Order, { head }: Catalogue): boolean {
  if (prior.source !== institution.code) return false;
  const elsewhere = prior.campus !== undefined && campus !== undefined && prior.campus !== campus;
  return !elsewhere || head.own.betweenCampuses;
}

/** From when the days count: the specimen, the examination or the report, as the window says, and never later than the report. */
function anchorOf(prior: Prior, window: Window | undefined): Date | undefined {
  const times = { collected: prior.collectedAt, performed: prior.performedAt, reported: prior.reportedAt };
  const at = times[window?.anchor ?? (prior.kind === "lab" ? "collected" : "performed")];
  const { reportedAt } = prior;
  return at !== undefined && reportedAt !== undefined && reportedAt < at ? reportedAt : at;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
