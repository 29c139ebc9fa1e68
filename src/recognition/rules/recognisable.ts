import { holds, ineligible, type RecognitionRule } from "./rule.ts";

/** The policy's list of what is not recognised: items that change too fast, point-of-care tests, raw analyser output. */
export const recognisable: RecognitionRule = {
  id: "recognisable",
  question: "Is the item or the result's origin on the list of what is not recognised?",
  law: "国卫医政发〔2024〕37号（明确不能互认的情形）",
  own: false,
  required: true,
  causes: ["not-recognisable"],
  judge({ prior, order, catalogue }) {
    const entry = catalogue.notRecognisable.find((one) =>
      one.item === undefined ? one.origin === prior.origin : one.item === order.item.id,
    );
    return entry === undefined ? holds : ineligible("not-recognisable", { why: entry.reason, clause: entry.clause });
  },
};
