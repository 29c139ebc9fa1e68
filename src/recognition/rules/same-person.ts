import { holds, ineligible, type RecognitionRule } from "./rule.ts";

/** A number or a steward says it is the same person; a score alone is shown but never recognised. */
export const samePerson: RecognitionRule = {
  id: "same-person",
  question: "Is the record's Patient this resident, by identity number or by a steward's decision?",
  law: "国卫规划发〔2020〕22号 四（以身份证号码为主索引，其他证件号码为补充）",
  own: true,
  required: true,
  causes: ["link-not-strong"],
  judge: ({ prior }) => (prior.linkBasis === "number" || prior.linkBasis === "steward" ? holds : ineligible("link-not-strong")),
};
