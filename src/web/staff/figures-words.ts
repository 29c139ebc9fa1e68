import type { RecognitionFigures } from "../../http/contract/figures.ts";

export type Figures = RecognitionFigures;
export type Row = Figures["rows"][number];
export type By = Figures["by"];

/** By what the figures are broken down, as the page offers it. */
export const breakdowns: readonly { readonly value: By; readonly label: string }[] = [
  { value: "item", label: "按项目" },
  { value: "department", label: "按诊疗科目" },
  { value: "reason", label: "按理由" },
  { value: "month", label: "按月" },
  { value: "setting", label: "按就诊类型" },
  { value: "partner", label: "按对方机构" },
  { value: "institution", label: "按机构" },
  { value: "level", label: "按级等" },
];

/** What an eligible case may come to, each with its colour: in this order they are stacked. */
export const ends = [
  { measure: "recognised", label: "已互认", colour: "#1d7a3e" },
  { measure: "refused", label: "不互认", colour: "#b4560f" },
  { measure: "setAside", label: "不计入（98/99）", colour: "#7a8b99" },
  { measure: "incomplete", label: "缺理由", colour: "#d9a441" },
  { measure: "ignored", label: "未处理", colour: "#b3261e" },
  { measure: "waiting", label: "待处理", colour: "#8fb8de" },
  { measure: "takenBack", label: "已撤销", colour: "#5b5b7b" },
] as const;

/** What was done with results of one's own by others. */
export const uses = [
  { measure: "standing", label: "被互认", colour: "#1d7a3e" },
  { measure: "viewed", label: "被调阅", colour: "#0b6e6e" },
  { measure: "referenced", label: "被引用", colour: "#8fb8de" },
] as const;

/** A rate with the two numbers behind it; without cases there is no rate. */
export function rateWords(rate: {
  readonly numerator: number;
  readonly denominator: number;
  readonly percent?: number | undefined;
}): string {
  return rate.percent === undefined ? "—" : `${rate.percent.toFixed(1)}%`;
}

/** 分 as yuan, whole. */
export function wholeYuan(fen: number): string {
  return `${Math.round(fen / 100).toLocaleString("zh-CN")} 元`;
}

/** `2026-11` of an instant in the reader's own clock, and so many months before it. */
export function monthBefore(now: Date, months: number): string {
  const at = new Date(now.getFullYear(), now.getMonth() - months, 1);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}`;
}

/** Rows for a chart: those with most cases first, the rest as one, months in their order. */
export function charted(
  figures: Pick<Figures, "rows" | "by">,
  measures: readonly { readonly measure: string }[],
  most = 12,
): Row[] {
  if (figures.by === "month") return [...figures.rows].sort((a, b) => (a.key < b.key ? -1 : 1));
  const size = (row: Row) => measures.reduce((sum, { measure }) => sum + (row.items[measure] ?? 0), 0);
  return [...figures.rows]
    .filter((row) => size(row) > 0)
    .sort((a, b) => size(b) - size(a))
    .slice(0, most);
}
