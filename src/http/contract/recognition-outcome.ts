import { z } from "zod";
import { type Exact, type Presented, ShortText, WorkId } from "./parts.ts";

const Order = ShortText.max(64);
const Instant = z.iso.datetime({ offset: true });

/** As the check showed it. */
const Evidence = z
  .string()
  .max(300)
  .regex(/^[a-z0-9-]+\/[A-Za-z]+\/[A-Za-z0-9.-]+\/_history\/[^/\s]+$/, "must be <institution>/<Type>/<id>/_history/<version>")
  .meta({ example: `a-provincial/Observation/h${"0".repeat(40)}/_history/1` });

/** Words for people; lines may break. At most 600 characters are taken (recognition.md §8). */
const Words = z
  .string()
  .trim()
  .min(1)
  .max(600)
  .regex(/^[\P{Cc}\n\r\t]*$/u, "must not hold control characters");

/** That the patient was told why a result is not recognised: by whom (absent = who answers) and when (absent = now). */
const Explained = z.strictObject({ by: ShortText.max(64).optional(), at: Instant.optional() });

const Adopted = z.strictObject({
  order: Order,
  /** Absent = the item the evidence was shown for. */
  item: Order.optional(),
  outcome: z.literal("adopted"),
  evidence: Evidence,
});

const Declined = z
  .strictObject({
    order: Order.optional(),
    /** One reason for several orders. */
    orders: z.array(Order).min(1).max(50).optional(),
    /** Absent = every item of the order that a reminder was given for. */
    item: Order.optional(),
    outcome: z.literal("declined"),
    /** A code of the reasons in use; absent = kept as incomplete and asked for again. */
    reason: ShortText.max(64).optional(),
    text: Words.optional(),
    explained: Explained.optional(),
  })
  .refine(({ order, orders }) => (order === undefined) !== (orders === undefined), "must name either order or orders")
  .refine(({ orders, item }) => orders === undefined || item === undefined, "must not name an item of several orders");

/** Body of `POST /recognitions/{id}/outcome`; `explained` counts for every refusal that has none of its own. */
export const OutcomesRequest = z.strictObject({
  outcomes: z
    .array(z.union([Adopted, Declined], { error: "must be an adopted outcome with its evidence, or a declined one" }))
    .min(1)
    .max(200),
  explained: Explained.optional(),
});
export type OutcomesRequest = Exact<z.output<typeof OutcomesRequest>>;

const Named = { order: z.string(), item: z.string().optional() };

/**
 * What became of each answer, in the order they were sent. The status is 200 when any of them stands, else 409 when another answer stands, the result has changed, consent is gone or
 * it is too late, 503 when only a source does not answer, and 400 when they are wrong.
 */
export const OutcomesAnswer = z.object({
  answers: z.array(
    z.object({
      ...Named,
      state: z.enum([
        "recorded",
        "same",
        "incomplete",
        "conflict",
        "changed",
        "not-permitted",
        "unavailable",
        "too-late",
        "unknown-order",
        "wrong",
      ]),
      why: z.string().optional(),
      /** False for the reasons that are neither recognition nor refusal (98, 99). */
      counts: z.boolean().optional(),
    }),
  ),
});
export type OutcomesAnswer = Presented<z.output<typeof OutcomesAnswer>>;

const Use = z.strictObject({ order: Order, item: Order.optional(), evidence: Evidence });

/** Body of `POST /recognitions/{id}/views` and `/references`. */
export const UsesRequest = z.strictObject({ results: z.array(Use).min(1).max(200) });
export type UsesRequest = Exact<z.output<typeof UsesRequest>>;

/** Body of `POST /recognitions/{id}/revocations` and `/appeals`. */
export const ObjectionsRequest = z.strictObject({
  answers: z
    .array(z.strictObject({ order: Order, item: Order.optional(), text: Words }))
    .min(1)
    .max(200),
});
export type ObjectionsRequest = Exact<z.output<typeof ObjectionsRequest>>;

/** Body of `POST /recognitions/{id}/faults`. */
export const FaultsRequest = z.strictObject({
  results: z
    .array(
      Use.extend({
        fault: z.enum(["wrong-person", "wrong-value", "incomplete-report", "images-unreadable", "wrong-mark", "other"]),
        text: Words,
      }),
    )
    .min(1)
    .max(50),
});
export type FaultsRequest = Exact<z.output<typeof FaultsRequest>>;

/** What became of each, in the order they were sent. */
export const ToldAnswer = z.object({
  answers: z.array(
    z.object({
      ...Named,
      state: z.enum(["recorded", "same", "conflict", "nothing-stands", "evidence-not-shown", "unknown-order"]),
    }),
  ),
});
export type ToldAnswer = Presented<z.output<typeof ToldAnswer>>;

const Said = z.object({
  what: z.string(),
  at: z.string(),
  by: z.string().optional(),
  evidence: z.string().optional(),
  reason: z.string().optional(),
  counts: z.boolean().optional(),
  text: z.string().optional(),
  explained: z.object({ by: z.string().optional(), at: z.string().optional() }).optional(),
});

/** Answer of `GET /recognitions/{id}`: what was reminded of and what was said; values stand in the check's own answer. */
export const RecognitionState = z.object({
  id: WorkId,
  at: z.string(),
  policy: z.string(),
  answerUntil: z.string(),
  visit: z.string().optional(),
  results: z.array(
    z.object({
      order: z.string(),
      item: z.string(),
      itemName: z.string(),
      panel: z.string().optional(),
      reminder: z.string(),
      case: z.string(),
      state: z.enum(["waiting", "adopted", "declined", "incomplete", "ignored", "revoked", "superseded"]),
      shown: z.array(
        z.object({
          evidence: z.string(),
          recognition: z.enum(["must", "may", "ineligible"]),
          daysLeft: z.number().optional(),
        }),
      ),
      explanationOwed: z.boolean().optional(),
      said: z.array(Said),
    }),
  ),
});
export type RecognitionState = Presented<z.output<typeof RecognitionState>>;

/** Query of `GET /recognitions/outcomes`. */
export const OutcomesQuery = z.strictObject({ visit: ShortText.max(64) });
