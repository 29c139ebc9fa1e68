import { daysBetween } from "../../kernel/clock.ts";
import type { CompiledCondition, ConditionFacts } from "../conditions.ts";
import type { Cause, Facts, Judgement, RecognitionRule } from "./rule.ts";
import { holds } from "./rule.ts";

/** What the region asks beside everything else, in its own words over the result's resource. What cannot be told from the result is left to the doctor. */
export const extraConditions: RecognitionRule = {
  id: "extra-conditions",
  question: "Do the conditions hold that the region sets for this item beside the other rules?",
  law: "国卫医政发〔2024〕37号（质量要求等必要条件）",
  own: false,
  required: true,
  causes: ["condition-not-met", "condition-not-told"],
  judge(facts) {
    const { prior, order, catalogue } = facts;
    if (prior.item !== order.item.id) return holds;
    const conditions = catalogue.conditionsOf(order.item, order.setting);
    if (conditions.length === 0) return holds;
    const asked = conditionFacts(facts);
    const failed = conditions.flatMap((one) => failureOf(one, asked) ?? []);
    return failed.length === 0 ? holds : judgementOf(failed);
  },
};

interface Failure {
  readonly effect: "may" | "ineligible";
  readonly cause: Cause;
}

function failureOf({ entry, holds: isMet }: CompiledCondition, asked: ConditionFacts | undefined): Failure | undefined {
  const met = asked === undefined ? undefined : isMet(asked);
  if (met === true) return undefined;
  const facts = { condition: entry.id, why: entry.text, clause: entry.clause };
  return met === false
    ? { effect: entry.effect, cause: { code: "condition-not-met", facts } }
    : { effect: "may", cause: { code: "condition-not-told", facts } };
}

function judgementOf(failed: readonly Failure[]): Judgement {
  const effect = failed.some((one) => one.effect === "ineligible") ? "ineligible" : "may";
  return { kind: "fails", effect, causes: failed.map((one) => one.cause) };
}

function conditionFacts({ prior, order, institutionOf, anchor, now }: Facts): ConditionFacts | undefined {
  if (prior.resource === undefined) return undefined;
  return {
    resource: prior.resource,
    order: { item: order.item.id, kind: order.item.kind, setting: order.setting, emergency: order.emergency },
    department: order.department,
    institution: order.institution,
    laboratory: prior.laboratory === undefined ? undefined : institutionOf(prior.laboratory),
    ageDays: anchor === undefined ? undefined : daysBetween(anchor, now),
  };
}
