import { holds, ineligible, type RecognitionRule } from "./rule.ts";

/** What is recognised of an examination are its images: a report alone is not enough. */
export const imagesAtHand: RecognitionRule = {
  id: "images-at-hand",
  question: "Can the images be opened, not only the report?",
  law: "国卫医发〔2022〕6号 第二条（检查结果是指所得到的图像或数据信息）",
  own: true,
  required: true,
  causes: ["images-missing"],
  judge: ({ prior }) => (prior.study === undefined || prior.study.images ? holds : ineligible("images-missing")),
};
