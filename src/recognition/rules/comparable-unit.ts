import { holds, ineligible, type RecognitionRule } from "./rule.ts";

/** The unit is the item's or one that converts into it; the printed value and unit stay as they are. */
export const comparableUnit: RecognitionRule = {
  id: "comparable-unit",
  question: "Is the result given in the item's unit or one that converts into it?",
  law: "国卫医发〔2022〕6号 第十条（统一的技术标准）",
  own: false,
  required: true,
  causes: ["unit-missing", "unit-differs"],
  judge({ prior, order: { item } }) {
    if (item.kind !== "lab" || item.unit === undefined || prior.value === undefined) return holds;
    if (prior.unit === undefined) return ineligible("unit-missing");
    const comparable = prior.ucum !== undefined && (prior.ucum === item.unit || prior.ucum in item.convertible);
    return comparable ? holds : ineligible("unit-differs", { unit: item.unit });
  },
};
