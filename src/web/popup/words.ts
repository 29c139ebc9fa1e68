import { moment } from "../look/moment.ts";
import type { Line } from "./answer.ts";
import type { Verdict } from "./rows.ts";

/** What a doctor reads for each verdict. */
export const verdictWords: Readonly<Record<Verdict, { readonly label: string; readonly hint: string }>> = {
  must: { label: "应互认", hint: "符合互认条件，无特殊情形不重复检查" },
  may: { label: "可互认", hint: "结果可比，但质量标识或依据不足，由医师判断" },
  ineligible: { label: "不符合", hint: "有既往结果，但不符合互认条件" },
  unknown: { label: "未应答", hint: "机构未应答，不代表没有结果" },
  nothing: { label: "无结果", hint: "已查询的机构没有期限内的结果" },
  unasked: { label: "未查询", hint: "没有查询到任何机构，不代表没有结果" },
  unlisted: { label: "目录外", hint: "不在本地区互认目录内" },
};

/** When it was taken, done or, where the source tells no more, reported. */
export function takenAt(line: Line): { readonly label: string; readonly at: string } | undefined {
  if (line.collectedAt !== undefined) return { label: "采样", at: moment(line.collectedAt) };
  if (line.performedAt !== undefined) return { label: "检查", at: moment(line.performedAt) };
  return line.reportedAt === undefined ? undefined : { label: "报告", at: moment(line.reportedAt) };
}

/** Full days left in which it still counts; the last one counts in hours. */
export function leftOf(daysLeft: number): string {
  if (daysLeft >= 1) return `剩余 ${Math.floor(daysLeft)} 天`;
  return daysLeft > 0 ? `剩余 ${Math.max(1, Math.floor(daysLeft * 24))} 小时` : "已过期限";
}

/** The value with its unit, digit for digit as the source printed it; an imaging result has none. */
export function printed(line: Line): string {
  if (line.value === undefined) return "影像检查";
  return line.unit === undefined ? line.value : `${line.value} ${line.unit}`;
}

/** The sentence a doctor pastes into the record: what, whose, when, and on which ground (办法第十九条：认可的结果应在病历中记录). */
export function quoteOf(name: string, line: Line): string {
  const taken = takenAt(line);
  const parts = [
    `${name}：${printed(line)}`,
    line.referenceRange === undefined ? "" : `参考范围 ${line.referenceRange}`,
    line.sourceName ?? line.source,
    taken === undefined ? "" : `${taken.label}时间 ${taken.at}`,
    line.mark === undefined ? "" : `互认标识 ${line.mark}`,
  ];
  return `【外院结果互认】${parts.filter((part) => part !== "").join("，")}。`;
}
