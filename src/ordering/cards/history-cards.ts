import type { HistoryAnswer } from "../check/recognition-history.ts";
import type { Card } from "./card.ts";
import type { CardContext } from "./card-context.ts";
import { plainDetail, type Row } from "./detail.ts";
import { cardSource, silentNames, unauthorisedCard } from "./other-cards.ts";
import { oneLine } from "./text.ts";

type Context = Pick<CardContext, "catalogue" | "clock" | "quietWithoutConsent">;

const rank = { must: 0, may: 1, ineligible: 2, unknown: 3 } as const;

/**
 * What the doctor reads when a patient's record is opened: which results of other institutions exist and could stand for an order, critical ones first. It is no
 * reminder and takes no answer. Without consent it is the same neutral card for everybody; nothing to say = no card.
 */
export function historyCards(answer: HistoryAnswer, context: Context): readonly Card[] {
  const { cards, horizonDays } = context.catalogue.head;
  const shown = answer.results.flatMap((result) =>
    result.lines
      .filter(
        (line) =>
          line.recognition === "must" || line.recognition === "may" || (cards.ineligible && line.recognition === "ineligible"),
      )
      .map((line): Row => ({ name: result.itemName ?? result.order, line })),
  );
  const nothing = answer.results.length === 0 && answer.silent.length === 0;
  if (answer.asked === "none" && nothing)
    return cards.unauthorised && context.quietWithoutConsent !== true ? [unauthorisedCard(context)] : [];
  const silent = silentNames(answer.silent, context);
  return [
    ...(shown.length === 0 ? [] : [existing(shown, answer, { ...context, horizonDays })]),
    ...(silent === undefined ? [] : [silent]),
  ];
}

function existing(rows: readonly Row[], answer: HistoryAnswer, context: Context & { readonly horizonDays: number }): Card {
  const sorted = [...rows].sort(
    (a, b) =>
      Number(b.line.critical === true) - Number(a.line.critical === true) ||
      rank[a.line.recognition] - rank[b.line.recognition],
  );
  const names = [...new Set(sorted.map((row) => row.name))];
  const must = new Set(rows.filter(({ line }) => line.recognition === "must").map((row) => row.name)).size;
  const critical = rows.some(({ line }) => line.critical === true) ? "【含危急值】" : "";
  return {
    summary: oneLine(
      `${critical}近${context.horizonDays}天外院已有${names.length}项结果，其中应互认${must}项：${names.join("、")}`,
    ),
    detail: plainDetail(sorted, answer, context),
    indicator: "info",
    source: cardSource(context),
  };
}
