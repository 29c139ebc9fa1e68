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
  const measured = plain(prior.method);
  return methods.some((method) => plain(method) === measured) ? holds : ineligible("method-differs");
}

function byPlatform({ prior, order, catalogue: { platforms } }: Facts): Judgement {
  const ours =
    order.platform === undefined ? platforms.at(order.institution.code, order.item.id) : [platforms.named(order.platform)];
  if (prior.platform === undefined || ours.length === 0) return may("platform-unknown");
  return ours.includes(platforms.named(prior.platform)) ? holds : ineligible("platform-differs");
}

/** Full and half width, case and blanks are no difference. */
function plain(words: string): string {
  return words.normalize("NFKC").replace(/\s+/g, "").toLowerCase();
}
