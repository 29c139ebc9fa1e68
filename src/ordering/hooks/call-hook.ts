import type { ServiceRequest } from "@medplum/fhirtypes";
import type { ResidentId } from "../../kernel/brand.ts";
import { uuidOf } from "../../kernel/uuid.ts";
import type { Card } from "../cards/card.ts";
import type { CardContext } from "../cards/card-context.ts";
import { cardsOf } from "../cards/cards-of.ts";
import { unidentifiedCard } from "../cards/other-cards.ts";
import { clockOf } from "../cards/text.ts";
import type { DraftOrder, RecognitionCheck } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import { checkRecognition } from "../check/check-recognition.ts";
import { checkUuid } from "../check/check-uuid.ts";
import { draftsOf } from "../check/draft-orders.ts";
import { draftOrders } from "./draft-requests.ts";

/** What answering a hook needs of the world beside a check. */
export interface HookDeps extends CheckDeps {
  /** Longest time of a check, in milliseconds: "on the order of 500 ms" (CDS Hooks 2.0, "Providing FHIR Resources to a CDS Service"). */
  readonly hookMs: number;
}

/** A call of `order-select` or `order-sign`, read and trusted. */
export interface OrderHook extends Pick<RecognitionCheck, "asker" | "visit" | "signal"> {
  /** Absent = the client's Patient names nobody by a number. */
  readonly resident?: ResidentId;
  /** The orders to look at: those newly selected, or all that are about to be signed. */
  readonly requests: readonly ServiceRequest[];
  /** SMART launch of the client's viewer. */
  readonly launch?: string;
  /** The institution wants no card for residents without consent. */
  readonly quietWithoutConsent?: boolean;
  /** Makes a one-time link to our pop-up for these orders; undefined when that cannot be done now. Asked only when there is something to answer. */
  readonly popup?: (orders: readonly DraftOrder[]) => Promise<string | undefined>;
}

/** Checks the draft orders and says it in cards. No order of ours = no card, and nothing is asked. Throws `Fault("store-down")`. */
export async function callOrderHook(deps: HookDeps, call: OrderHook): Promise<readonly Card[]> {
  const { asker, resident, visit, signal } = call;
  const orders = draftOrders(call.requests);
  if (orders.length === 0) return [];
  const context = await cardContext(deps, call);
  if (resident === undefined) {
    const ours = draftsOf(orders, (await deps.recognitionData()).catalogue).some(({ item }) => item !== undefined);
    return ours ? [unidentifiedCard(context)] : [];
  }
  const answer = await checkRecognition(deps, {
    asker,
    resident,
    orders,
    deadlineMs: deps.hookMs,
    ...(visit === undefined ? {} : { visit }),
    ...(signal === undefined ? {} : { signal }),
  });
  const wanted = answer.results.some((one) =>
    one.lines.some(({ recognition }) => recognition === "must" || recognition === "may"),
  );
  const popup = wanted ? await call.popup?.(orders) : undefined;
  return cardsOf(answer, {
    ...context,
    ...(popup === undefined ? {} : { popup }),
    drafts: new Map(call.requests.flatMap((one) => (one.id === undefined ? [] : [[one.id, one] as const]))),
    emergency: visit?.kind === "emergency",
    checkUuid: checkUuid(deps.suite, answer.id),
  });
}

/** The part of a card's context that does not depend on the check. */
export async function cardContext(
  deps: HookDeps,
  { launch, quietWithoutConsent }: Pick<OrderHook, "launch" | "quietWithoutConsent">,
): Promise<Pick<CardContext, "catalogue" | "clock" | "uuidOf" | "launch" | "quietWithoutConsent">> {
  const { catalogue } = await deps.recognitionData();
  return {
    catalogue,
    clock: clockOf(catalogue.head.utcOffset),
    uuidOf: (...parts) => uuidOf(deps.suite, ...parts),
    ...(launch === undefined ? {} : { launch }),
    ...(quietWithoutConsent === undefined ? {} : { quietWithoutConsent }),
  };
}
