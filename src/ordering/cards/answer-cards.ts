import type { AnswerLine, CheckAnswer } from "../check/check.ts";
import type { Card, Link } from "./card.ts";
import type { CardContext } from "./card-context.ts";
import { detailOf } from "./detail.ts";
import { cardSource } from "./other-cards.ts";
import { overrideReasons } from "./override-reasons.ts";
import { suggestionsOf } from "./suggest.ts";
import { oneLine, printedValue, takenAt } from "./text.ts";
import { candidatesOf, criticalIn, reminderOf, type Unit } from "./unit.ts";

/** More orders than this with something to answer come on one card (recognition.md §7). */
const mostApart = 3;

/** The cards a doctor answers: one per order, or one for all of them when they are more than three. `must` is a warning, `may` an information. */
export function answerCards(units: readonly Unit[], answer: CheckAnswer, context: CardContext): readonly Card[] {
  const cards =
    units.length > mostApart ? [groupedCard(units, answer, context)] : units.map((unit) => unitCard(unit, answer, context));
  const { popup } = context;
  // Once: the link opens a single time, with every order.
  return cards.map((card, at) => {
    if (popup === undefined || at > 0) return card;
    const link: Link = { label: "在互认窗口中逐项处理", url: popup, type: "absolute" };
    return { ...card, links: [link, ...(card.links ?? [])] };
  });
}

function unitCard(unit: Unit, answer: CheckAnswer, context: CardContext): Card {
  const uuid = reminderOf(unit);
  const suggestions = suggestionsOf(unit, context);
  const links = linksOf(unit, answer, context);
  return {
    ...(uuid === undefined ? {} : { uuid }),
    summary: oneLine(summaryOf(unit, context)),
    detail: detailOf([unit], answer, context),
    indicator: indicatorOf([unit]),
    source: cardSource(context),
    ...(suggestions.length === 0 ? {} : { suggestions, selectionBehavior: "at-most-one" }),
    overrideReasons: overrideReasons(context),
    ...(links.length === 0 ? {} : { links }),
  };
}

/** One table of every order. To accept is to accept order by order; one reason stands for all that is not accepted. */
function groupedCard(units: readonly Unit[], answer: CheckAnswer, context: CardContext): Card {
  const suggestions = units.flatMap((unit) => suggestionsOf(unit, context).slice(0, 1));
  const links = units.flatMap((unit) => linksOf(unit, answer, context)).slice(0, 10);
  const must = units.filter((unit) => unit.band === "must").length;
  const names = units.map((unit) => unit.name).join("、");
  const counts = [must > 0 ? `应互认${must}项` : "", units.length > must ? `可参考${units.length - must}项` : ""].filter(
    Boolean,
  );
  return {
    uuid: context.checkUuid,
    summary: oneLine(`${criticalWord(units)}${units.length}项医嘱已有外院结果（${counts.join("，")}）：${names}`),
    detail: detailOf(units, answer, context),
    indicator: indicatorOf(units),
    source: cardSource(context),
    ...(suggestions.length === 0 ? {} : { suggestions, selectionBehavior: "any" }),
    overrideReasons: overrideReasons(context),
    ...(links.length === 0 ? {} : { links }),
  };
}

/** A panel that its rules do not let be spared is told, but asks for no more than an information does. */
function indicatorOf(units: readonly Unit[]): Card["indicator"] {
  return units.some((unit) => unit.band === "must" && unit.panel?.advice !== "none") ? "warning" : "info";
}

function summaryOf(unit: Unit, context: CardContext): string {
  const critical = criticalIn(unit);
  const line = candidatesOf(unit)[0]?.line;
  if (critical !== undefined && (unit.panel !== undefined || critical !== line)) {
    return `${criticalWord([unit])}${resultText(critical, unit, context)}；${unit.name}${unit.band === "must" ? "另有可互认结果" : "另有可参考结果"}`;
  }
  if (unit.panel !== undefined) return panelSummary(unit, unit.panel);
  if (line === undefined) return `${unit.name}已有外院结果`;
  const result = `${resultText(line, unit, context)}${line.mark === undefined ? "" : `（${line.mark}）`}`;
  if (line.recognition === "must") {
    const left = line.daysLeft === undefined ? "" : `，剩余${line.daysLeft}天`;
    return `${criticalWord([unit])}可互认：${result}${left}`;
  }
  const why = line.reasons.find((reason) => reason.effect === "may")?.text;
  return `${criticalWord([unit])}供参考：${result}${why === undefined ? "" : `；${why}`}`;
}

function panelSummary(unit: Unit, { recognised, remaining }: NonNullable<Unit["panel"]>): string {
  const all = recognised.length + remaining.length;
  if (recognised.length > 0) return `${unit.name}：${all}项中${recognised.length}项已有可互认的外院结果`;
  const shown = unit.results.filter((one) =>
    one.lines.some(({ recognition }) => recognition === "must" || recognition === "may"),
  );
  return `${unit.name}：${all}项中${shown.length}项有可参考的外院结果`;
}

function resultText(line: AnswerLine, unit: Unit, { clock }: CardContext): string {
  const parts = [line.sourceName, clock.day(takenAt(line)), line.itemName ?? unit.name, printedValue(line)];
  return parts.filter((part) => part !== "").join(" ");
}

function criticalWord(units: readonly Unit[]): string {
  return units.some((unit) => criticalIn(unit) !== undefined) ? "【危急值】" : "";
}

/** To the report and the images of what is shown, through the viewer the doctor's system starts; the address itself says nothing of a person. */
function linksOf(unit: Unit, answer: CheckAnswer, { launch, clock }: CardContext): readonly Link[] {
  if (launch === undefined) return [];
  const all = candidatesOf(unit)
    .slice(0, 3)
    .flatMap(({ reminder, line }): Link[] => {
      const { report, study, evidence } = line;
      const what = study === undefined ? "报告" : "报告与影像";
      const appContext = JSON.stringify({ check: answer.id, reminder, evidence, report, study });
      const label = oneLine(`调阅${what}：${line.sourceName} ${clock.day(takenAt(line))} ${unit.name}`, 80);
      return report === undefined && study === undefined ? [] : [{ label, url: launch, type: "smart", appContext }];
    });
  // Members of a panel stand in one report.
  const reports = Map.groupBy(all, (link) => link.label);
  return [...reports.values()].flatMap((links) => links.slice(0, 1));
}
