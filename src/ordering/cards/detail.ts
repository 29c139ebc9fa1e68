import type { AnswerLine, AnswerResult, CheckAnswer } from "../check/check.ts";
import type { CardContext } from "./card-context.ts";
import { escaped, printedValue, table, takenAt } from "./text.ts";
import type { Unit } from "./unit.ts";

/** Rows of one card's table; whoever wants more opens the reports. */
const mostRows = 40;
const mostReasons = 20;

type Named = Pick<CheckAnswer, "policy" | "note">;

const said: Readonly<Record<AnswerLine["recognition"], string>> = {
  must: "应互认",
  may: "可参考",
  ineligible: "不符合条件",
  unknown: "未答复",
};

const head = ["项目", "结论", "机构", "结果", "参考值", "采样/检查时间", "标识", "剩余有效期"];

/** One result in a table, under the name of its item. */
export interface Row {
  readonly name: string;
  readonly line: AnswerLine;
}

/** What a doctor reads before answering: every result with its decision, why it is not more, its course, and who did not answer. */
export function detailOf(units: readonly Unit[], answer: CheckAnswer, context: CardContext): string {
  const rows = units.flatMap((unit) =>
    unit.results.flatMap((result) => result.lines.map((line) => ({ name: nameOf(result, unit), line }))),
  );
  return joined([
    resultTable(rows, context),
    ...units.flatMap((unit) => (unit.panel === undefined ? [] : [panelText(unit, unit.panel)])),
    reasonList(rows, context),
    ...units.flatMap((unit) => unit.results.map((result) => trendText(result, nameOf(result, unit), context))),
    `答复截止：${context.clock.minute(answer.answerUntil)}；不互认的，请选择原因，并向患者说明复查的目的和必要性。`,
    footer(answer, context),
  ]);
}

/** A table of results that are only shown: the institution's own, typed-in ones, those that do not count. */
export function plainDetail(rows: readonly Row[], answer: Named, context: Pick<CardContext, "catalogue" | "clock">): string {
  return joined([resultTable(rows, context), reasonList(rows, context), footer(answer, context)]);
}

/** By which rules was decided, and that there may be more: the last words of every card with results. */
function footer(answer: Named, { catalogue }: Pick<CardContext, "catalogue">): string {
  return `依据：${escaped(catalogue.head.name)}（${escaped(answer.policy)}）。${escaped(answer.note)}`;
}

/** Name of one result: the member's within a panel. */
export function nameOf(result: AnswerResult, unit: Pick<Unit, "name">): string {
  return result.itemName ?? unit.name;
}

function resultTable(rows: readonly Row[], { clock }: Pick<CardContext, "clock">): string {
  const lines = rows
    .slice(0, mostRows)
    .map(({ name, line }) => [
      name,
      line.critical === true ? `【危急值】${said[line.recognition]}` : said[line.recognition],
      line.sourceName,
      printedValue(line),
      line.referenceRange ?? "",
      clock.minute(takenAt(line)),
      line.mark ?? "",
      line.daysLeft === undefined ? "" : `${line.daysLeft}天`,
    ]);
  const more = rows.length > mostRows ? `\n\n另有${rows.length - mostRows}条未列出。` : "";
  return lines.length === 0 ? "" : `${table(head, lines)}${more}`;
}

function panelText({ name }: Unit, { advice, recognised, remaining }: NonNullable<Unit["panel"]>): string {
  const left = remaining.length === 0 ? "" : `；其余：${remaining.map((one) => escaped(one.name)).join("、")}`;
  const sentence = {
    all: "全部项目均有可互认结果",
    core: "核心项目均有可互认结果，可不再开单",
    remaining: `${recognised.length}项有可互认结果，其余项目可单独开单`,
    none: recognised.length === 0 ? "没有应互认的项目" : `${recognised.length}项有可互认结果，但按规则组合不宜拆开`,
  }[advice];
  return `**${escaped(name)}**：${sentence}${left}。`;
}

/** Why a result is not (or not only) recognised, each sentence once, with its clause. */
function reasonList(rows: readonly Row[], { clock }: Pick<CardContext, "clock">): string {
  const sentences = rows.flatMap(({ name, line }) =>
    line.reasons.map(({ text, clause }) => {
      const where = [name, line.sourceName, clock.day(takenAt(line))].filter((part) => part !== "").join(" ");
      return `- ${escaped(where)}：${escaped(text)}${clause === undefined ? "" : `（${escaped(clause)}）`}`;
    }),
  );
  return [...new Set(sentences)].slice(0, mostReasons).join("\n");
}

/** The course of a quantitative item; where method, range or laboratory changed there is a break, since those values are not comparable. */
function trendText({ trend }: AnswerResult, name: string, { clock }: Pick<CardContext, "clock">): string {
  if (trend === undefined) return "";
  const rows = trend.points.flatMap((segment, at) => [
    ...(at === 0 ? [] : [["——", "方法、参考范围或检测平台改变，前后不可直接比较"]]),
    ...segment.map((point) => [clock.minute(point.at), point.printed]),
  ]);
  return `${escaped(name)}的变化：\n\n${table(["时间", "结果"], rows)}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}
