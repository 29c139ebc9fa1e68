import { measureNames, measures } from "../../ordering/figures/measures.ts";
import type { FilledReturn, RecognitionFigures } from "../contract/figures.ts";
import { csvTable } from "../csv.ts";

type Row = RecognitionFigures["total"];
type Rate = Row["rates"]["a"];

const rateTitles = {
  a: "互认率A（%）",
  aApart: "互认率A（不含98/99，%）",
  aVisits: "互认率A（人次，%）",
  b: "互认率B（%）",
  missing: "漏传占比（%）",
} as const;
type RateName = keyof typeof rateTitles;

/** Figures as a table for a spreadsheet: each measure in 项次 and 人次, money in 元, each rate with both its parts; the total last. */
export function figuresCsv(figures: RecognitionFigures): string {
  const head = [
    "代码",
    "名称",
    ...measureNames.flatMap(titlesOf),
    ...(Object.keys(rateTitles) as RateName[]).flatMap((name) => [rateTitles[name], "分子", "分母"]),
    "已办结",
  ];
  return csvTable([head, ...[...figures.rows, figures.total].map(cellsOf)]);
}

function titlesOf(name: (typeof measureNames)[number]): string[] {
  const { title, unit } = measures[name];
  if (unit === "fen") return ["节省金额（元）"];
  return unit === "cases" ? [`${title}（项次）`, `${title}（人次）`] : [title];
}

function cellsOf(row: Row): (string | number | undefined)[] {
  const counts = measureNames.flatMap((name): (string | number)[] => {
    const { unit } = measures[name];
    const items = row.items[name] ?? 0;
    if (unit === "fen") return [(items / 100).toFixed(2)];
    return unit === "cases" ? [items, row.visits[name] ?? 0] : [items];
  });
  const rates = (Object.keys(rateTitles) as RateName[]).flatMap((name) => rateCells(row.rates[name]));
  return [row.key, row.name, ...counts, ...rates, row.closed ? "是" : "否"];
}

function rateCells(rate: Rate | undefined): (string | number | undefined)[] {
  return [rate?.percent?.toFixed(2), rate?.numerator, rate?.denominator];
}

/** A filled return as a table. */
export function returnCsv({ columns, rows }: FilledReturn): string {
  const head = ["级别", ...columns.map((one) => one.title)];
  return csvTable([head, ...rows.map((row) => [row.title, ...row.values])]);
}
