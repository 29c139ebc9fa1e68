import { holds, may, type RecognitionRule } from "./rule.ts";

/** In an emergency nobody is reminded that he must; what exists is shown. */
export const noEmergency: RecognitionRule = {
  id: "no-emergency",
  question: "Is the patient not in an emergency?",
  law: "国卫医发〔2022〕6号 第十七条（四）（患者处于急诊、急救等紧急状态下的）",
  own: false,
  required: true,
  causes: ["emergency"],
  judge: ({ order }) => (order.emergency ? may("emergency") : holds),
};
