import { Fault } from "../kernel/fault.ts";
import { cdsServices } from "../ordering/hooks/cds-services.ts";
import { json, orInvalid, orNotFound } from "./answers.ts";
import {
  Discovery,
  FeedbackAnswer,
  FeedbackRequest,
  type FeedbackState,
  HookAnswer,
  HookRequest,
} from "./contract/cds-hooks.ts";
import { mayCheckRecognition } from "./entitle.ts";
import { guarded, type OpenRoute } from "./route.ts";

/** Discovery is open: it says what the services are, and nothing of anybody. */
export const cdsDiscoveryRoutes: readonly OpenRoute[] = [
  {
    door: "open",
    method: "get",
    path: "/cds-services",
    summary: "The CDS Hooks services: which hooks, and what is to be prefetched",
    errors: "problem",
    answers: { 200: { description: "CDS Hooks 2.0, Discovery", schema: Discovery } },
    async handle() {
      return json(Discovery, { services: cdsServices });
    },
  },
];

/** Decision support at the moment of ordering, for systems that speak CDS Hooks 2.0. */
export const cdsServiceRoutes = [
  guarded({
    method: "post",
    path: "/cds-services/{service}",
    summary: "Earlier results that must or may be recognised, as cards for the ordering doctor",
    errors: "problem",
    credential: "cds-client",
    policy: mayCheckRecognition,
    body: HookRequest,
    answers: {
      200: { description: "CDS Hooks 2.0, CDS Service Response; disclosure was audited before it left", schema: HookAnswer },
      412: { description: "The Patient was not prefetched" },
    },
    async handle({ caller, param: service, body: call, signal }, useCases) {
      const answered = orInvalid(orNotFound(await useCases.callCdsService({ caller, service, call, signal })));
      if (answered.kind === "prefetch-missing") {
        throw new Fault("prefetch-missing", {
          problems: [{ field: "prefetch.patient", reason: "is needed and was not sent" }],
        });
      }
      return json(HookAnswer, { cards: answered.cards });
    },
  }),
  guarded({
    method: "post",
    path: "/cds-services/{service}/feedback",
    summary: "What the doctor did with the cards: suggestions accepted, or the card overridden and why",
    errors: "problem",
    credential: "cds-client",
    policy: mayCheckRecognition,
    body: FeedbackRequest,
    answers: { 200: { description: "Taken; an override without a reason is kept as incomplete", schema: FeedbackAnswer } },
    async handle({ caller, param: service, body: { feedback } }, useCases) {
      const taken = orNotFound(await useCases.takeCdsFeedback({ caller, service, feedback }));
      const refused = refusalOf(taken.map((one) => one.state));
      if (refused !== undefined) throw new Fault(refused, { problems: problemsOf(taken) });
      return json(FeedbackAnswer, { feedback: taken });
    },
  }),
];

const refusals = {
  unknown: "not-found",
  conflict: "conflict",
  changed: "conflict",
  "too-late": "conflict",
  "not-permitted": "not-entitled",
  unavailable: "source-timeout",
  wrong: "request-invalid",
} as const;

/** When nothing of a feedback could be taken, the first reason why; else it is 200 and every entry's own state is told. */
function refusalOf(states: readonly string[]): (typeof refusals)[keyof typeof refusals] | undefined {
  if (!states.every((state): state is keyof typeof refusals => state in refusals)) return undefined;
  const [first] = states;
  return first === undefined ? undefined : refusals[first];
}

function problemsOf(taken: readonly FeedbackState[]) {
  return taken.map(({ state, reason }, at) => ({ field: `feedback.${at}`, reason: reason ?? state }));
}
