import { uuidOf } from "../../kernel/uuid.ts";
import { declineReasonSystem } from "../../recognition/decline-reason-system.ts";
import { evidenceOf } from "../../recognition/prior.ts";
import { panelSuggestion, useSuggestion } from "../cards/suggestion-uuid.ts";
import type { Orderer } from "../check/check.ts";
import { type CheckRecord, findReminder, type RecordedReminder } from "../check/check-record.ts";
import type { Explained, Outcome, Recorded } from "../outcomes/outcome.ts";
import { recordOutcomes } from "../outcomes/record-outcomes.ts";
import type { HookDeps } from "./call-hook.ts";

/** What the doctor did with one card (CDS Hooks 2.0, "Feedback"). */
export interface CardFeedback {
  /** UUID of the card. */
  readonly card: string;
  readonly outcome: "accepted" | "overridden";
  /** UUIDs of suggestions. */
  readonly accepted: readonly string[];
  /** The override reason; a client may offer reasons of its own beside ours. */
  readonly reason?: { readonly system?: string | undefined; readonly code: string };
  readonly text?: string;
  /** That the patient was told why, where the client says so. */
  readonly explained?: Explained;
}

/** What became of the feedback on one card. */
export interface TakenFeedback {
  readonly state: Exclude<Recorded["state"], "unknown-order"> | "unknown";
  /** Why it is wrong. */
  readonly reason?: string;
}

/**
 * Records what a doctor did with a card: a suggestion taken adopts its result, an override declines every order of the card for one reason; without a reason of ours it
 * is kept as incomplete. The doctor is the one who was shown the card. Repeating it changes nothing. Throws `Fault("store-down")`.
 */
export async function takeFeedback(deps: HookDeps, asker: Orderer, feedback: CardFeedback): Promise<TakenFeedback> {
  const found = await findReminder(deps.store, feedback.card);
  // A card of another institution is as unknown as one that never was.
  if (found === undefined || found.check.institution !== asker.institution) return { state: "unknown" };
  const { check, reminder } = found;
  const outcomes = await outcomesOf(deps, check, { feedback, reminders: remindersOnCard(check, reminder) });
  if (outcomes.length === 0) return { state: "unknown" };
  const answerer = check.practitioner === undefined ? asker : { ...asker, practitioner: check.practitioner };
  const recorded = await recordOutcomes(deps, { asker: answerer, check: check.id, outcomes, explanationMayFollow: true });
  return together(recorded ?? []);
}

/** The answers in a feedback; none when a suggestion is not one the card had. */
async function outcomesOf(
  deps: HookDeps,
  check: CheckRecord,
  { feedback, reminders }: { feedback: CardFeedback; reminders: readonly RecordedReminder[] },
): Promise<readonly Outcome[]> {
  if (feedback.outcome === "overridden") return declined(reminders, feedback, await reasonOf(deps, feedback));
  const suggested = suggestionsOn(deps, check, reminders);
  const outcomes = feedback.accepted.map((uuid) => suggested.get(uuid));
  return outcomes.includes(undefined) ? [] : outcomes.flatMap((one) => one ?? []);
}

/** A reason of the catalogue; one that the client made up itself is none of the law's ("A CDS Client MAY augment the override reasons"). */
async function reasonOf(deps: HookDeps, { reason }: CardFeedback): Promise<string | undefined> {
  if (reason === undefined) return undefined;
  const { catalogue } = await deps.recognitionData();
  const ours = reason.system === undefined || reason.system === declineReasonSystem(catalogue.head.region);
  return ours ? catalogue.declineReasons.find(({ code }) => code === reason.code)?.code : undefined;
}

/** One state for the card: what could be taken outweighs what was answered before, as when a doctor accepts some orders of a card and then overrides the rest. */
function together(recorded: readonly Recorded[]): TakenFeedback {
  const found = order.find((state) => recorded.some((one) => one.state === state));
  const wrong = recorded.find((one) => one.state === "wrong");
  if (found === "wrong" && wrong?.state === "wrong") return { state: "wrong", reason: wrong.why };
  return { state: found === undefined || found === "unknown-order" ? "unknown" : found };
}

const order = [
  ...(["recorded", "incomplete", "same"] as const),
  ...(["wrong", "changed", "not-permitted", "unavailable", "conflict", "too-late", "unknown-order"] as const),
];

/** Those a card speaks of: all members of its panel, or of every order that could be answered when its UUID is the check's. */
function remindersOnCard(check: CheckRecord, reminder: RecordedReminder | undefined): readonly RecordedReminder[] {
  const answerable = check.reminders.filter((one) => one.results.some(({ recognition }) => recognition !== "ineligible"));
  return reminder === undefined ? answerable : answerable.filter((one) => one.order === reminder.order);
}

/** One reason for all that is not accepted; which of them were, an earlier feedback has told, and first answers stand. */
function declined(
  reminders: readonly RecordedReminder[],
  { text, explained }: CardFeedback,
  reason: string | undefined,
): Outcome[] {
  return reminders.map(({ order, item }) => ({
    order,
    item,
    outcome: "declined",
    ...(reason === undefined ? {} : { reason }),
    ...(text === undefined ? {} : { text }),
    ...(explained === undefined ? {} : { explained }),
  }));
}

/** Every suggestion the card can have had, computed again from what the check recorded. */
function suggestionsOn(
  deps: Pick<HookDeps, "suite">,
  check: CheckRecord,
  reminders: readonly RecordedReminder[],
): ReadonlyMap<string, readonly Outcome[]> {
  const uuid = (...parts: readonly string[]) => uuidOf(deps.suite, ...parts);
  const single = reminders
    .filter((one) => one.panel === undefined)
    .flatMap((one) =>
      one.results
        .filter(({ recognition }) => recognition !== "ineligible")
        .map((result) => [useSuggestion(uuid, one.uuid, evidenceOf(result)), [adopted(one, evidenceOf(result))]] as const),
    );
  const members = Map.groupBy(
    reminders.filter((one) => one.panel !== undefined),
    (one) => one.order,
  );
  // A member counts by its first result that must be recognised, as the check showed them: newest first.
  const ofPanels = [...members].map(([order, ofOrder]) => {
    const outcomes = ofOrder.flatMap((one) => {
      const must = one.results.find(({ recognition }) => recognition === "must");
      return must === undefined ? [] : [adopted(one, evidenceOf(must))];
    });
    return [panelSuggestion(uuid, check.uuid, order), outcomes] as const;
  });
  return new Map<string, readonly Outcome[]>([...single, ...ofPanels]);
}

function adopted({ order, item }: RecordedReminder, evidence: string): Outcome {
  return { order, item, outcome: "adopted", evidence };
}
