import { factsFromPatient } from "../../identity/facts-from-patient.ts";
import type { ParseOptions } from "../../identity/parse-identity-number.ts";
import { residentIdOf, usableNumber } from "../../identity/person.ts";
import type { Card } from "../../ordering/cards/card.ts";
import { callHistoryHook } from "../../ordering/hooks/call-history-hook.ts";
import { callOrderHook, type HookDeps } from "../../ordering/hooks/call-hook.ts";
import { cdsServices } from "../../ordering/hooks/cds-services.ts";
import { type CardFeedback, takeFeedback } from "../../ordering/hooks/take-feedback.ts";
import { visitOf } from "../../ordering/hooks/visit-of.ts";
import type { Caller } from "../caller.ts";
import type { FeedbackRequest, HookRequest } from "../contract/cds-hooks.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";
import { popupFor } from "./popup-for.ts";
import { type ReadHook, readHook } from "./read-hook.ts";

/** What the hooks need beside the check and its outcome. */
export interface CdsHooksDeps extends HookDeps {
  readonly parseOptions: () => ParseOptions;
  /** What the registry says of a CDS client: SMART launch of its viewer, and whether its doctors see the neutral card without consent. */
  readonly cdsClientOf: (
    client: string,
  ) => { readonly launch?: string | undefined; readonly unauthorisedCard: boolean } | undefined;
  /** Makes the one-time link to our pop-up; absent = there are no pages. */
  readonly makeLink?: UseCases["makeLink"];
}

/** The hooks (CDS Hooks 2.0): requests in, cards out, feedback taken. */
export function serveCdsHooks(deps: CdsHooksDeps): Pick<UseCases, "callCdsService" | "takeCdsFeedback"> {
  return {
    async callCdsService({ caller, service, call, signal }) {
      if (!cdsServices.some((one) => one.id === service)) return undefined;
      if (!cdsServices.some((one) => one.id === service && one.hook === call.hook)) {
        return { kind: "wrong", problems: [{ field: "hook", reason: "is not one this service is for" }] };
      }
      // A resident or relative who looks at their own record: what is said here is for those who order.
      if (!/^Practitioner(Role)?\//.test(call.context.userId)) return { kind: "answered", cards: [] };
      const reading = readHook(call);
      if (reading.kind !== "read") return reading;
      const cards = await answer(deps, { caller, call, hook: reading.hook, signal });
      return { kind: "answered", cards };
    },
    async takeCdsFeedback({ caller, service, feedback }) {
      if (!cdsServices.some((one) => one.id === service)) return undefined;
      const taken = [];
      // One after the other: the first answer to a card stands, in the order the client tells them.
      for (const entry of feedback) {
        taken.push({ card: entry.card, ...(await takeFeedback(deps, askerOf(caller), feedbackOf(entry))) });
      }
      return taken;
    },
  };
}

interface Answering {
  readonly caller: Caller;
  readonly call: HookRequest;
  readonly hook: ReadHook;
  readonly signal: AbortSignal;
}

async function answer(deps: CdsHooksDeps, { caller, call, hook, signal }: Answering): Promise<readonly Card[]> {
  const id = practitionerIn(call.context.userId);
  const { launch, unauthorisedCard = true } = deps.cdsClientOf(caller.client) ?? {};
  const visit = hook.encounter === undefined ? undefined : visitOf(hook.encounter);
  const facts = factsFromPatient(hook.patient);
  const usable = usableNumber(facts, deps.parseOptions());
  const number = usable.kind === "number" ? usable.facts.number : undefined;
  const asked = {
    asker: { ...askerOf(caller), practitioner: { id } },
    signal,
    // Whom the number names, by computing; the client's server is never asked.
    ...(number === undefined ? {} : { resident: residentIdOf(deps.suite, number) }),
    ...(visit === undefined ? {} : { visit }),
    ...(launch === undefined ? {} : { launch }),
    quietWithoutConsent: !unauthorisedCard,
  };
  if (call.hook === "patient-view") return await callHistoryHook(deps, asked);
  // Who looks stands on the pop-up as a watermark, so without a name there is no link.
  const { makeLink } = deps;
  const popup =
    makeLink === undefined || number === undefined || hook.userName === undefined
      ? undefined
      : popupFor(makeLink, { ...caller, practitioner: { id, name: hook.userName } }, { number, name: facts.name, visit, hook });
  return await callOrderHook(deps, { ...asked, requests: hook.requests, ...(popup === undefined ? {} : { popup }) });
}

function feedbackOf({
  card,
  outcome,
  acceptedSuggestions = [],
  overrideReason,
}: FeedbackRequest["feedback"][number]): CardFeedback {
  const { reason, userComment, extension } = overrideReason ?? {};
  const told = extension?.["example.hutong.explained-to-patient"];
  const text = userComment?.trim() ?? "";
  return {
    card: card.toLowerCase(),
    outcome,
    accepted: acceptedSuggestions.map(({ id }) => id.toLowerCase()),
    ...(reason?.code === undefined ? {} : { reason: { system: reason.system, code: reason.code } }),
    ...(text === "" ? {} : { text }),
    ...(told === undefined ? {} : { explained: explanationOf(told) }),
  };
}

function explanationOf({ by, at }: { readonly by?: string; readonly at?: string }): NonNullable<CardFeedback["explained"]> {
  return { ...(by === undefined ? {} : { by }), ...(at === undefined ? {} : { at: new Date(at) }) };
}

/** `Practitioner/123` is practitioner 123; a role is not a person, so it keeps its type. */
function practitionerIn(userId: string): string {
  return userId.replace(/^Practitioner\//, "");
}
