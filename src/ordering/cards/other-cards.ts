import type { AnswerLine, AnswerResult, CheckAnswer } from "../check/check.ts";
import type { Card, Suggestion } from "./card.ts";
import type { CardContext } from "./card-context.ts";
import { nameOf, plainDetail, type Row } from "./detail.ts";
import { escaped, oneLine, printedValue, takenAt } from "./text.ts";
import type { Unit } from "./unit.ts";

/** Whose service speaks, under one topic, so that a doctor's system can sort its cards. */
export function cardSource({ catalogue }: Pick<CardContext, "catalogue">): Card["source"] {
  return {
    label: catalogue.head.name,
    topic: { system: "urn:hutong:card-topic", code: "mutual-recognition", display: "检查检验结果互认" },
  };
}

/** The same card for every resident whose results may not be looked at, whether anything exists or not: nothing in it depends on who they are. */
export function unauthorisedCard(context: Pick<CardContext, "catalogue">): Card {
  return {
    summary: "未授权，请患者扫码授权后再查询外院检查检验结果",
    detail: "患者已经授权的，表示目前没有可查询的其他机构。",
    indicator: "info",
    source: cardSource(context),
  };
}

/** The Patient that the doctor's system sent names nobody a region knows people by: nothing was asked. */
export function unidentifiedCard(context: Pick<CardContext, "catalogue">): Card {
  return {
    summary: "患者登记信息中没有有效的居民身份证号，未查询外院检查检验结果",
    indicator: "info",
    source: cardSource(context),
  };
}

/** The ordering institution's own earlier results that still count (own windows): a repeat to avoid, but never 互认, and never counted. */
export function ownCard(units: readonly Unit[], answer: CheckAnswer, context: CardContext): Card | undefined {
  const rows = rowsOf(units, (result) => result.own).filter(({ line }) => line.recognition !== "ineligible");
  if (rows.length === 0) return undefined;
  const suggestions = units.filter((unit) => unit.panel === undefined).flatMap((unit) => ownSuggestion(unit, context));
  return {
    summary: oneLine(`本院近期已有结果：${rows.map((row) => shortly(row, context)).join("；")}`),
    detail: plainDetail(rows, answer, context),
    indicator: "info",
    source: cardSource(context),
    ...(suggestions.length === 0 ? {} : { suggestions, selectionBehavior: "any" }),
  };
}

/** Without a UUID: what a doctor does with the institution's own results is nobody else's to know. */
function ownSuggestion(unit: Unit, { clock }: CardContext): Suggestion[] {
  const line = unit.results.flatMap((one) => one.own).find((one) => one.recognition !== "ineligible");
  if (line === undefined || line.critical === true) return [];
  return [
    {
      label: oneLine(`引用本院${clock.day(takenAt(line))}结果并撤销本次开单：${unit.name}`, 80),
      actions: [{ type: "delete", description: oneLine(`撤销${unit.name}申请`), resourceId: `ServiceRequest/${unit.order}` }],
    },
  ];
}

/** Paper results typed in during this visit: as transcribed, to be judged by the doctor. */
export function transcribedCard(units: readonly Unit[], answer: CheckAnswer, context: CardContext): Card | undefined {
  const rows = rowsOf(units, (result) => result.transcribed);
  if (rows.length === 0) return undefined;
  return {
    summary: oneLine(`患者自带纸质结果（转录）：${rows.map((row) => shortly(row, context)).join("；")}`),
    detail: plainDetail(rows, answer, context),
    indicator: "info",
    source: cardSource(context),
  };
}

/** Results that do not count, with their causes; only where the region's policy wants them seen. */
export function ineligibleCard(units: readonly Unit[], answer: CheckAnswer, context: CardContext): Card | undefined {
  const rows = rowsOf(
    units.filter((unit) => unit.band === "ineligible"),
    (result) => result.lines.filter((line) => line.recognition === "ineligible"),
  );
  if (rows.length === 0) return undefined;
  return {
    summary: oneLine(`外院结果不符合互认条件：${rows.map((row) => shortly(row, context)).join("；")}`),
    detail: plainDetail(rows, answer, context),
    indicator: "info",
    source: cardSource(context),
  };
}

/** Permitted sources that did not (wholly) answer about these orders: never "no earlier result". */
export function silentCard(units: readonly Unit[], context: CardContext): Card | undefined {
  const lines = units.flatMap((unit) =>
    unit.results.flatMap((one) => one.lines.filter((line) => line.recognition === "unknown")),
  );
  return silentNames(
    lines.map(({ sourceName, reasons }) => ({ sourceName, text: reasons.map((reason) => reason.text).join("；") })),
    context,
  );
}

/** Who did not answer, and why, as far as that is known. */
export function silentNames(
  silent: readonly { readonly sourceName: string; readonly text: string }[],
  context: Pick<CardContext, "catalogue">,
): Card | undefined {
  if (silent.length === 0) return undefined;
  const told = new Map(silent.map((one) => [one.sourceName, one.text]));
  return {
    summary: oneLine(`未全部答复，不能视为无结果：${[...told.keys()].join("、")}`),
    detail: [...told].map(([name, why]) => `- ${escaped(name)}：${escaped(why)}`).join("\n"),
    indicator: "info",
    source: cardSource(context),
  };
}

function rowsOf(units: readonly Unit[], lines: (result: AnswerResult) => readonly AnswerLine[]): readonly Row[] {
  return units.flatMap((unit) =>
    unit.results.flatMap((result) => lines(result).map((line) => ({ name: line.itemName ?? nameOf(result, unit), line }))),
  );
}

function shortly({ name, line }: Row, { clock }: CardContext): string {
  const critical = line.critical === true ? "【危急值】" : "";
  const result = [name, printedValue(line)].filter((part) => part !== "").join(" ");
  return `${critical}${result}（${clock.day(takenAt(line))}）`;
}
