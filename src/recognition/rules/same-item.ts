import { type Facts, holds, ineligible, type Judgement, type RecognitionRule } from "./rule.ts";

const elsewhere: Judgement = { kind: "fails", effect: "elsewhere", causes: [] };

/** The result answers the ordered item. For imaging, the same body part with another side or contrast is shown with its cause; another body part is no result for this order. */
export const sameItem: RecognitionRule = {
  id: "same-item",
  question: "Do the order and the result mean the same item of the catalogue?",
  law: "国卫医发〔2022〕6号 第十、十三条（互认项目清单）",
  own: true,
  required: true,
  causes: ["contrast-differs", "side-differs"],
  judge: (facts) => (facts.prior.item === facts.order.item.id ? holds : nearly(facts)),
};

function nearly({ prior, order, catalogue }: Facts): Judgement {
  const { item } = order;
  // A study coded by its LOINC only has no key of its own: then its item's key is the study's.
  const coded = prior.item === undefined ? undefined : catalogue.items.get(prior.item);
  const key = coded?.kind === "imaging" ? coded : prior.study;
  if (item.kind !== "imaging" || key === undefined || key.site !== item.site) return elsewhere;
  if (!key.modalities.some((modality) => item.modalities.includes(modality))) return elsewhere;
  if ((key.laterality ?? "none") !== item.laterality) return ineligible("side-differs");
  return ineligible("contrast-differs");
}
