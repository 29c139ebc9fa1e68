import type { Card } from "../cards/card.ts";
import { historyCards } from "../cards/history-cards.ts";
import { unidentifiedCard } from "../cards/other-cards.ts";
import { recognitionHistory } from "../check/recognition-history.ts";
import { cardContext, type HookDeps, type OrderHook } from "./call-hook.ts";

/** `patient-view`: what exists within the horizon, and sources that are slow get their head start before the first order. Throws `Fault("store-down")`. */
export async function callHistoryHook(deps: HookDeps, call: Omit<OrderHook, "requests" | "popup">): Promise<readonly Card[]> {
  const { asker, resident, visit, signal } = call;
  const context = await cardContext(deps, call);
  if (resident === undefined) return [unidentifiedCard(context)];
  const answer = await recognitionHistory(deps, {
    asker,
    resident,
    deadlineMs: deps.hookMs,
    ...(visit === undefined ? {} : { visit }),
    ...(signal === undefined ? {} : { signal }),
  });
  return historyCards(answer, context);
}
