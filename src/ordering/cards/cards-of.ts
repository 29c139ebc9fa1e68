import type { CheckAnswer } from "../check/check.ts";
import { answerCards } from "./answer-cards.ts";
import type { Card } from "./card.ts";
import type { CardContext } from "./card-context.ts";
import { ineligibleCard, ownCard, silentCard, transcribedCard, unauthorisedCard } from "./other-cards.ts";
import { isAnswerable, type Unit, unitsOf } from "./unit.ts";

/**
 * What a check comes to on the doctor's screen, in Chinese: first what is to be answered (a critical earlier result before all), then the institution's own
 * and typed-in results, who did not answer, and where the policy wants it what does not count. Nothing to say = no card.
 *
 * Without consent it is one neutral card, the same for a resident nobody knows, or none where the policy switches it off; orders of items that no
 * catalogue holds have no card at all. Pure.
 */
export function cardsOf(answer: CheckAnswer, context: CardContext): readonly Card[] {
  const units = unitsOf(answer).filter(isInCatalogue);
  if (units.length === 0) return [];
  const { ineligible, unauthorised } = context.catalogue.head.cards;
  const nobodyAsked = answer.asked === "none" && !units.some(showsStored);
  return [
    ...(nobodyAsked && unauthorised && context.quietWithoutConsent !== true ? [unauthorisedCard(context)] : []),
    ...answerCards(units.filter(isAnswerable), answer, context),
    ...present(ownCard(units, answer, context)),
    ...present(transcribedCard(units, answer, context)),
    ...present(silentCard(units, context)),
    ...(ineligible ? present(ineligibleCard(units, answer, context)) : []),
  ];
}

function isInCatalogue(unit: Unit): boolean {
  return unit.results.some((one) => one.item !== undefined);
}

/** Typed-in paper results are the patient's own to show: they say nothing of what may be looked at. */
function showsStored(unit: Unit): boolean {
  return unit.results.some(({ lines, own }) => lines.length + own.length > 0);
}

function present(card: Card | undefined): readonly Card[] {
  return card === undefined ? [] : [card];
}
