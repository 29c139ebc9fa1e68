import { decide, factsOf, type Grounds, type Recognition } from "./decide.ts";
import type { Prior } from "./prior.ts";
import { rules } from "./rules/all.ts";
import type { Cause, Order } from "./rules/rule.ts";

/** What one rule said of one earlier result, whether or not anything stood against it. */
export interface ExplainedRule {
  readonly rule: string;
  readonly question: string;
  /** `elsewhere` = no result for this order at all: then no further rule was asked. */
  readonly verdict: "holds" | "may" | "ineligible" | "elsewhere";
  /** The national law behind the question; the document and clause by which the region asks it. */
  readonly law: string;
  readonly source: string;
  readonly clause: string;
  /** What stood against it or, where it holds, what is to be noted. */
  readonly causes: readonly Cause[];
}

/** A decision rule by rule. */
export interface Explanation {
  /** Undefined = no result for this order. */
  readonly recognition: Recognition | undefined;
  /** The ordering institution's own: then only the rules stand here that are asked of those. */
  readonly own: boolean;
  readonly rules: readonly ExplainedRule[];
}

/** Explains the decision on one earlier result: every rule that was asked, in the policy's order, with its clause and its answer. Pure. */
export function explain(prior: Prior, order: Order, grounds: Grounds): Explanation {
  const { own, others } = decide([prior], order, grounds);
  const facts = factsOf(prior, order, grounds);
  const told: ExplainedRule[] = [];
  for (const { id, clause, source } of grounds.catalogue.rules) {
    const rule = rules.get(id);
    if (rule === undefined || (facts.own && !rule.own)) continue;
    const judgement = rule.judge(facts);
    const said =
      judgement.kind === "holds"
        ? { verdict: "holds" as const, causes: judgement.notes ?? [] }
        : { verdict: judgement.effect, causes: judgement.causes };
    told.push({ rule: id, question: rule.question, ...said, law: rule.law, source, clause });
    if (said.verdict === "elsewhere") break;
  }
  return { recognition: own[0] ?? others[0], own: facts.own, rules: told };
}
