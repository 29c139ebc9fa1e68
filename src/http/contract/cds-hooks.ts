import { z } from "zod";
import { type Exact, type Presented, ShortText } from "./parts.ts";

/** Hooks this hub answers; the versions are those of the hooks' own pages (patient-view 1.1, order-select 1.0, order-sign 1.0). */
const HookName = z.enum(["patient-view", "order-select", "order-sign"]);

const FhirId = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/, "must be the id of a FHIR resource");
/** Fields nobody sent, and fields that a sender sets to null although the text forbids it ("Use of JSON"): both mean "not there". */
const absent = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined) as z.ZodType<z.output<T> | undefined>;

const DraftEntry = z.object({
  fullUrl: absent(z.string().max(500)),
  resource: absent(z.looseObject({ resourceType: z.string().min(1).max(64) })),
});

/** Hook-specific context: the fields of all three hooks; which of them must be there is asked once the hook is known. */
const Context = z.object({
  /** `[ResourceType]/[id]` of the current user. */
  userId: z.string().regex(/^[A-Za-z]{1,64}\/[A-Za-z0-9\-.]{1,64}$/, "must be [ResourceType]/[id]"),
  patientId: FhirId,
  encounterId: absent(FhirId),
  selections: absent(z.array(z.string().min(1).max(200)).max(200)),
  draftOrders: absent(z.object({ resourceType: z.literal("Bundle"), entry: absent(z.array(DraftEntry).max(200)) })),
});

/**
 * Body of `POST /cds-services/{id}` (CDS Hooks 2.0, "Calling a CDS Service"). Fields that are not named here are read over: a later version may add
 * some. `fhirServer` and `fhirAuthorization` are among them: what a client's token could fetch is never needed, and never kept.
 */
export const HookRequest = z.object({
  hook: HookName,
  hookInstance: z.guid({ error: "must be a UUID" }),
  context: Context,
  prefetch: absent(z.record(z.string().min(1).max(100), z.unknown())),
});
export type HookRequest = Exact<z.output<typeof HookRequest>>;

const Coding = z.looseObject({ system: absent(z.string().max(300)), code: absent(z.string().max(100)) });

/** An extension of ours ("Extensions"): that the patient was told why an earlier result is not recognised (国卫医发〔2022〕6号 第十八条). */
const Extension = z.object({
  "example.hutong.explained-to-patient": absent(
    z.object({
      by: absent(ShortText),
      at: absent(z.iso.datetime({ offset: true, error: "must be an instant with an offset" })),
    }),
  ),
});

/** What the doctor did with one card (CDS Hooks 2.0, "Feedback"). */
const Feedback = z
  .object({
    card: z.guid({ error: "must be the uuid of a card" }),
    outcome: z.enum(["accepted", "overridden"]),
    acceptedSuggestions: absent(z.array(z.object({ id: z.guid({ error: "must be the uuid of a suggestion" }) })).max(100)),
    overrideReason: absent(
      z.object({ reason: absent(Coding), userComment: absent(z.string().max(4000)), extension: absent(Extension) }),
    ),
    /** RFC 3339, in UTC. */
    outcomeTimestamp: z.iso.datetime({ offset: true, error: "must be a date and time in UTC (RFC 3339, section 5.6)" }),
  })
  .refine(({ outcome, acceptedSuggestions }) => outcome !== "accepted" || (acceptedSuggestions ?? []).length > 0, {
    message: "is required when the outcome is accepted",
    path: ["acceptedSuggestions"],
  });

/** Body of `POST /cds-services/{id}/feedback`. */
export const FeedbackRequest = z.object({ feedback: z.array(Feedback).min(1).max(100) });
export type FeedbackRequest = Exact<z.output<typeof FeedbackRequest>>;

const CodingOut = z.object({ system: z.string(), code: z.string(), display: z.string().min(1) });
const Action = z.discriminatedUnion("type", [
  z.object({ type: z.literal("create"), description: z.string(), /** A FHIR resource. */ resource: z.unknown() }),
  z.object({ type: z.literal("delete"), description: z.string(), resourceId: z.string() }),
]);
const Suggestion = z.object({
  label: z.string().min(1),
  uuid: z.string().optional(),
  isRecommended: z.boolean().optional(),
  actions: z.array(Action).min(1),
});
const Link = z.discriminatedUnion("type", [
  z.object({ label: z.string(), url: z.url(), type: z.literal("absolute") }),
  z.object({ label: z.string(), url: z.url(), type: z.literal("smart"), appContext: z.string().min(1) }),
]);
const Card = z.object({
  uuid: z.string().optional(),
  summary: z.string().min(1).max(139),
  detail: z.string().min(1).optional(),
  indicator: z.enum(["info", "warning", "critical"]),
  source: z.object({ label: z.string().min(1), url: z.url().optional(), topic: CodingOut.optional() }),
  suggestions: z.array(Suggestion).min(1).optional(),
  selectionBehavior: z.enum(["at-most-one", "any"]).optional(),
  overrideReasons: z.array(CodingOut).min(1).optional(),
  links: z.array(Link).min(1).optional(),
});

export type ShownCard = Presented<z.output<typeof Card>>;

/** Answer of `POST /cds-services/{id}` (CDS Hooks 2.0, "CDS Service Response"). */
export const HookAnswer = z.object({ cards: z.array(Card) });

const FeedbackState = z.object({
  card: z.string(),
  state: z.enum([
    ...(["recorded", "same", "incomplete"] as const),
    ...(["unknown", "conflict", "changed", "not-permitted", "unavailable", "too-late", "wrong"] as const),
  ]),
  reason: z.string().optional(),
});
export type FeedbackState = Presented<z.output<typeof FeedbackState>>;

/** Answer of `POST /cds-services/{id}/feedback`: the text asks for none; what became of each entry, for whoever reads it. */
export const FeedbackAnswer = z.object({ feedback: z.array(FeedbackState) });

/** One service in the answer of `GET /cds-services` (CDS Hooks 2.0, "Discovery"). */
const Service = z.object({
  hook: HookName,
  title: ShortText,
  description: z.string().min(1),
  id: z.string().min(1),
  prefetch: z.record(z.string(), z.string()),
  usageRequirements: z.string().optional(),
});

/** Answer of `GET /cds-services`. */
export const Discovery = z.object({ services: z.array(Service) });
