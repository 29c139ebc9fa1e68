import { holds, ineligible, type RecognitionRule } from "./rule.ts";

/** Only reviewed, issued results; a preliminary or unreviewed one is none yet, a voided one never. */
export const finalStatus: RecognitionRule = {
  id: "final-status",
  question: "Was the result reviewed and issued, and is it not withdrawn?",
  law: "国卫医发〔2022〕6号 第二条、第四条（以质量控制合格为前提）",
  own: true,
  required: true,
  causes: ["not-final", "voided", "no-value"],
  judge({ prior }) {
    if (prior.status === "void") return ineligible("voided");
    if (prior.status === "not-final") return ineligible("not-final");
    return prior.kind === "lab" && prior.value === undefined ? ineligible("no-value") : holds;
  },
};
