import { holds, ineligible, type RecognitionRule } from "./rule.ts";

/** The named specimen is one of the item's. A source that names none is taken by its LOINC code, which has the specimen in it. */
export const comparableSpecimen: RecognitionRule = {
  id: "comparable-specimen",
  question: "Was it measured in a specimen of the item?",
  law: "国卫医发〔2022〕6号 第十条（统一的技术标准）",
  own: true,
  required: true,
  causes: ["specimen-differs", "specimen-unknown"],
  judge({ prior, order: { item } }) {
    if (item.kind !== "lab" || prior.specimen === undefined || item.specimens.includes(prior.specimen)) return holds;
    return ineligible(prior.specimen === "unknown" ? "specimen-unknown" : "specimen-differs");
  },
};
