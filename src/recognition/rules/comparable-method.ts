import { type Facts, holds, ineligible, type Judgement, may, type RecognitionRule } from "./rule.ts";

/** Items bound to a method or an analyser platform (immunoassays) compare only within it; unknown leaves it to the doctor. */
export const comparableMethod: RecognitionRule = {
  id: "comparable-method",
  question: "Is the method or platform one whose results may stand for each other?",
  law: "国卫医发〔2022〕6号 第十条（较好的稳定性、统一的技术标准）",
  own: false,
  required: true,
  causes: ["method-unknown", "method-differs", "platform-unknown", "platform-differs"],
  judge(facts) {
    const { item } = facts.order;
    if (item.kind !== "lab" || item.comparability === "unit") return holds;
    return item.comparability === "method" ? byMethod(facts, item.methods) : byPlatform(facts);
  },
};

function byMethod({ prior }: Facts, methods: readonly string[]): Judgement {
  if (prior.method === undefined) return may("method-unknown");
  return methods.includes(prior.method.normalize("NFKC").trim()) ? holds : ineligible("method-differs");
}

function byPlatform({ prior, order }: Facts): Judgement {
  if (prior.platform === undefined || order.platform === undefined) return may("platform-unknown");
  return prior.platform === order.platform ? holds : ineligible("platform-differs");
}
