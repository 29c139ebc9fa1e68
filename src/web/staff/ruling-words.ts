/** The questions of the rules, as a laboratory director says them. */
export const ruleNames: Readonly<Record<string, string>> = {
  "same-item": "与开单是同一项目",
  "same-person": "确认是同一患者",
  "final-status": "报告已审核发布且未作废",
  recognisable: "不在不予互认的清单内",
  "comparable-unit": "单位可比",
  "comparable-specimen": "标本一致",
  "comparable-method": "方法或平台可比",
  "images-at-hand": "影像可以调阅",
  "extra-conditions": "满足本地区附加条件",
  "within-window": "在互认期限内",
  covered: "互认依据覆盖开单机构",
  "no-emergency": "不属于急诊急救",
};

/** What one rule said. */
export const verdicts = { holds: "满足", may: "需医师判断", ineligible: "不满足", elsewhere: "不是同一项目" } as const;

/** What they come to together. */
export const whole = {
  must: { label: "应互认", hint: "全部规则满足" },
  may: { label: "可互认", hint: "由医师判断" },
  ineligible: { label: "不符合", hint: "至少一条规则不满足" },
  elsewhere: { label: "无关", hint: "不是这一项目的结果" },
} as const;

/** The law behind a rule, and the region's own clause where that is of another document. */
export function groundOf({
  law,
  source,
  clause,
}: {
  readonly law: string;
  readonly source: string;
  readonly clause: string;
}): string {
  const number = /〔\d{4}〕\d+号/.exec(law)?.[0];
  return number !== undefined && source.includes(number) ? law : `${law}；${source} ${clause}`;
}
