/** Whose view a figure is: of the institution that ordered (互认方), or of the one whose results are recognised (被互认方). */
export type Role = "recogniser" | "recognised";

interface MeasureTraits {
  readonly title: string;
  /**
   * What its month is taken from (recognition.md §8): the first check of the case (`match`), the moment it was said (`said`),
   * or the examination (`examined`).
   */
  readonly base: "match" | "said" | "examined";
  /** Counted in 项次 and 人次, or only a sum. */
  readonly unit: "cases" | "results" | "fen";
  readonly text: string;
}

/**
 * Everything that is counted. 项次 = cases: one order of one item on one day, however often it was checked. 人次 = residents on a day at an institution: whoever
 * comes on two days counts twice, so that days, months and institutions add up.
 */
export const measures = {
  reminded: {
    title: "提醒",
    base: "match",
    unit: "cases",
    text: "Cases in which a result of another institution was shown, eligible or not",
  },
  eligible: {
    title: "可互认",
    base: "match",
    unit: "cases",
    text: "Of these, cases with a result that must or may be recognised. Each is in exactly one of the seven states that follow",
  },
  must: { title: "应互认", base: "match", unit: "cases", text: "Of the eligible, cases with a result that must be recognised" },
  recognised: {
    title: "已互认",
    base: "match",
    unit: "cases",
    text: "Eligible cases whose answer that stands is a recognition",
  },
  refused: {
    title: "不互认",
    base: "match",
    unit: "cases",
    text: "Eligible cases that stand refused with a reason that counts as refusal",
  },
  setAside: {
    title: "不计入",
    base: "match",
    unit: "cases",
    text: "Eligible cases closed with a reason that is neither recognition nor refusal (98, 99)",
  },
  incomplete: {
    title: "缺原因",
    base: "match",
    unit: "cases",
    text: "Eligible cases refused without a reason: still owed, never closed",
  },
  ignored: { title: "未处理", base: "match", unit: "cases", text: "Eligible cases that nobody answered in the answer window" },
  waiting: { title: "待处理", base: "match", unit: "cases", text: "Eligible cases whose answer window is still open" },
  takenBack: {
    title: "已撤销未重答",
    base: "match",
    unit: "cases",
    text: "Eligible cases whose answer was taken back and not given anew",
  },
  notReceived: {
    title: "未收到影像",
    base: "match",
    unit: "cases",
    text: "Of those set aside, cases closed because images had not been received (98): a missing upload",
  },
  adopted: {
    title: "互认答复",
    base: "said",
    unit: "cases",
    text: "Recognitions that were said, also such as were taken back later",
  },
  standing: { title: "互认（有效）", base: "said", unit: "cases", text: "Recognitions that were said and not taken back" },
  declined: {
    title: "不互认答复",
    base: "said",
    unit: "cases",
    text: "Refusals that were said with a reason that counts as refusal",
  },
  declinedApart: { title: "98/99答复", base: "said", unit: "cases", text: "Answers that were said with a reason of 98 or 99" },
  referenced: { title: "引用", base: "said", unit: "cases", text: "Results quoted in the record of a visit" },
  viewed: { title: "调阅", base: "said", unit: "cases", text: "Reports or images opened" },
  revoked: { title: "撤销", base: "said", unit: "cases", text: "Answers taken back" },
  appealed: { title: "申诉", base: "said", unit: "cases", text: "Appeals against answers" },
  faultReported: { title: "异常反馈", base: "said", unit: "cases", text: "Faults of results reported to their source" },
  amended: {
    title: "结果变更",
    base: "said",
    unit: "cases",
    text: "Cases whose shown result was later changed, voided or lost its certificate",
  },
  typed: {
    title: "纸质结果录入",
    base: "said",
    unit: "cases",
    text: "Paper results typed in (项次: typings; 人次: visits): not delivered, or not yet",
  },
  reported: {
    title: "已报告",
    base: "examined",
    unit: "results",
    text: "Results of catalogue items the institution itself reported, by date of the examination",
  },
  savedFen: {
    title: "节省金额（分）",
    base: "said",
    unit: "fen",
    text: "Sum of the prices of what was recognised and not taken back, frozen on the day of the answer, at the ordering institution",
  },
  unpriced: {
    title: "无价格",
    base: "said",
    unit: "results",
    text: "Recognitions for which the price list had no price: not in the sum",
  },
} as const satisfies Record<string, MeasureTraits>;

export type Measure = keyof typeof measures;
export const measureNames = Object.keys(measures) as readonly Measure[];

/** What is counted of results that others recognised: the answers and the money, and what else was done with them. */
const ofSource: readonly Measure[] = [
  "adopted",
  "standing",
  "viewed",
  "referenced",
  "revoked",
  "faultReported",
  "savedFen",
  "unpriced",
];

/** The measures that exist from one side, in 项次 (`items`) or 人次 (`visits`): money and results are counted in the first only. */
export function measuresOf(role: Role, unit: "items" | "visits"): readonly Measure[] {
  const names = role === "recogniser" ? measureNames : ofSource;
  return unit === "items" ? names : names.filter((name) => measures[name].unit === "cases");
}

/** By what a month is broken down, one at a time. `partner` = the other institution: whose result it is, or who ordered. */
export const dimensions = ["item", "department", "reason", "setting", "partner"] as const;
export type Dimension = (typeof dimensions)[number];
