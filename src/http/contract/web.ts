import { z } from "zod";
import { type Exact, InstitutionCode, type Presented, ShortText, WorkId } from "./parts.ts";
import { RecognitionAnswer, RecognitionRequest } from "./recognition.ts";
import { FaultsRequest, ObjectionsRequest, OutcomesRequest, UsesRequest } from "./recognition-outcome.ts";

/** Which page a link opens: the pop-up of one draft, or the pages of the hospital's staff. */
const PageName = z.enum(["popup", "staff"]);

/**
 * Body of `POST /recognitions/links`: what the page will ask when it is opened. `patient` and `names` are what the hospital's own screen calls
 * the patient and each draft order (by its id).
 */
export const PageLink = z.discriminatedUnion("page", [
  z.strictObject({
    page: z.literal("popup"),
    check: RecognitionRequest,
    patient: ShortText.max(60).optional(),
    names: z.record(ShortText.max(64), ShortText.max(100)).optional(),
  }),
  z.strictObject({ page: z.literal("staff") }),
]);
export type PageLink = Exact<z.output<typeof PageLink>>;

/** Answer of `POST /recognitions/links`: an address to open in a window of its own, once, until then. */
export const MadeLink = z.object({ url: z.url(), expiresAt: z.string() });
export type MadeLink = Presented<z.output<typeof MadeLink>>;

/** 32 random bytes, base64url: the one-time code behind `#` in the link. It never stands in a request's address. */
const LinkCode = z.string().regex(/^[\w-]{43}$/, "must be the code of a link");

/** Body of `POST /web/sessions`. */
export const SessionCode = z.strictObject({ code: LinkCode });

/** What an opened page may know of itself; the resident's number never reaches the browser. */
export const SessionState = z.object({
  id: z.string(),
  page: PageName,
  viewer: z.object({ id: z.string(), name: z.string().optional(), role: z.string().optional() }),
  institution: z.object({ code: InstitutionCode, name: z.string() }).optional(),
  expiresAt: z.string(),
  patient: z.string().optional(),
  visit: z.object({ number: z.string(), department: z.string().optional() }).optional(),
  names: z.record(z.string(), z.string()).optional(),
});
export type SessionState = Exact<z.output<typeof SessionState>>;

/** A reason to examine again, as the region's policy offers it; `counts` false = neither recognised nor refused (98, 99). */
const DeclineReason = z.object({
  code: z.string(),
  label: z.string(),
  text: z.string(),
  needsText: z.boolean(),
  counts: z.boolean(),
});

/** An order that is answered: before this page was opened, or in another window. */
const GivenAnswer = z.object({
  order: z.string(),
  item: z.string(),
  state: z.enum(["adopted", "declined", "superseded"]),
  reason: z.string().optional(),
  evidence: z.string().optional(),
});

/** What the pop-up is drawn from: the check, the reasons in use, and what has been answered already. */
export const PopupCheck = z.object({
  answer: RecognitionAnswer,
  reasons: z.array(DeclineReason),
  given: z.array(GivenAnswer),
});
export type PopupCheck = Exact<z.output<typeof PopupCheck>>;

const ofCheck = { check: WorkId };

/** What the pop-up says about a check it was shown: the bodies of the outcome API, with the check in them. */
export const PageOutcomes = OutcomesRequest.extend(ofCheck);
export type PageOutcomes = Exact<z.output<typeof PageOutcomes>>;
export const PageUses = UsesRequest.extend(ofCheck);
export type PageUses = Exact<z.output<typeof PageUses>>;
export const PageFaults = FaultsRequest.extend(ofCheck);
export type PageFaults = Exact<z.output<typeof PageFaults>>;
export const PageRevocations = ObjectionsRequest.extend(ofCheck);
export type PageRevocations = Exact<z.output<typeof PageRevocations>>;

/** One shown result whose report is to be read. */
export const PageReport = z.strictObject({ ...ofCheck, ...UsesRequest.shape.results.element.shape });
export type PageReport = Exact<z.output<typeof PageReport>>;
