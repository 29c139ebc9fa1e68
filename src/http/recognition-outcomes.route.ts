import { json, orNotFound, workId } from "./answers.ts";
import {
  FaultsRequest,
  ObjectionsRequest,
  OutcomesAnswer,
  OutcomesQuery,
  OutcomesRequest,
  RecognitionState,
  ToldAnswer,
  UsesRequest,
} from "./contract/recognition-outcome.ts";
import { mayCheckRecognition, mayOperate } from "./entitle.ts";
import { type Answer, guarded } from "./route.ts";

const told = {
  200: { description: "What became of each; repeating the call is harmless", schema: ToldAnswer },
  409: { description: "None was taken: no answer stands, or it was taken back for another reason", schema: ToldAnswer },
};

/** What an institution says about the reminders of its own checks; to everybody else they do not exist. */
export const outcomeRoutes = [
  guarded({
    method: "get",
    path: "/recognitions/outcomes",
    summary: "What the institution keeps for its record about one visit: DetectedIssues with the evidence contained",
    errors: "fhir",
    policy: mayCheckRecognition,
    query: OutcomesQuery,
    answers: { 200: { description: "A searchset Bundle", type: "application/fhir+json" } },
    async handle({ caller, query: { visit } }, useCases) {
      return { kind: "fhir", status: 200, resource: await useCases.listOutcomes({ caller, visit }) };
    },
  }),
  guarded({
    method: "get",
    path: "/recognitions/faults",
    summary:
      "Faults that other institutions reported of this institution's results, newest first: DetectedIssues of its own partition",
    errors: "fhir",
    policy: mayCheckRecognition,
    answers: { 200: { description: "A searchset Bundle", type: "application/fhir+json" } },
    async handle({ caller }, useCases) {
      return { kind: "fhir", status: 200, resource: await useCases.listReportedFaults({ caller }) };
    },
  }),
  guarded({
    method: "get",
    path: "/recognitions/appeals",
    summary: "The newest appeals (申诉) of all institutions with the answers they are about, for the operator who reviews them",
    errors: "fhir",
    policy: mayOperate,
    answers: { 200: { description: "A searchset Bundle", type: "application/fhir+json" } },
    async handle({ caller }, useCases) {
      return { kind: "fhir", status: 200, resource: await useCases.listAppeals({ caller }) };
    },
  }),
  guarded({
    method: "get",
    path: "/recognitions/{id}",
    summary: "How each reminder of a check stands: waiting, adopted, declined, incomplete, ignored, revoked, superseded",
    errors: "problem",
    policy: mayCheckRecognition,
    answers: { 200: { description: "A result per reminder", schema: RecognitionState } },
    async handle({ caller, param }, useCases) {
      return json(RecognitionState, orNotFound(await useCases.recognitionState({ caller, id: workId(param) })));
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/{id}/outcome",
    summary:
      "Answer reminders: adopted, or declined with a reason and the explanation to the patient; each by itself, the first answer stands",
    errors: "problem",
    policy: mayCheckRecognition,
    body: OutcomesRequest,
    answers: {
      200: { description: "What became of each; repeating the call is harmless", schema: OutcomesAnswer },
      409: {
        description: "None was taken: other answers stand, results have changed, consent is gone, or it is too late",
        schema: OutcomesAnswer,
      },
    },
    async handle({ caller, param, body: given }, useCases) {
      const answers = orNotFound(await useCases.recordOutcomes({ caller, id: workId(param), given }));
      return json(OutcomesAnswer, { answers }, { status: statusOf(answers.map((one) => one.state)) });
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/{id}/views",
    summary: "Tell that a shown result's report or images were opened (调阅)",
    errors: "problem",
    policy: mayCheckRecognition,
    body: UsesRequest,
    answers: told,
    async handle({ caller, param, body: given }, useCases) {
      return toldAnswer(await useCases.tellUses({ caller, id: workId(param), kind: "viewed", given }));
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/{id}/references",
    summary: "Tell that a shown result was quoted in the record of the visit (引用)",
    errors: "problem",
    policy: mayCheckRecognition,
    body: UsesRequest,
    answers: told,
    async handle({ caller, param, body: given }, useCases) {
      return toldAnswer(await useCases.tellUses({ caller, id: workId(param), kind: "referenced", given }));
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/{id}/revocations",
    summary:
      "Take answers back (撤销), with the reason; the token must name the practitioner. The order may then be answered anew",
    errors: "problem",
    policy: mayCheckRecognition,
    body: ObjectionsRequest,
    answers: told,
    async handle({ caller, param, body: given }, useCases) {
      return toldAnswer(await useCases.objectToAnswers({ caller, id: workId(param), code: "revoked", given }));
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/{id}/appeals",
    summary: "Appeal against answers (申诉); the token must name the practitioner",
    errors: "problem",
    policy: mayCheckRecognition,
    body: ObjectionsRequest,
    answers: told,
    async handle({ caller, param, body: given }, useCases) {
      return toldAnswer(await useCases.objectToAnswers({ caller, id: workId(param), code: "appealed", given }));
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/{id}/faults",
    summary: "Report a fault of a shown result to its source (异常反馈), which is put before its staff",
    errors: "problem",
    policy: mayCheckRecognition,
    body: FaultsRequest,
    answers: told,
    async handle({ caller, param, body: given }, useCases) {
      return toldAnswer(await useCases.reportFaults({ caller, id: workId(param), given }));
    },
  }),
];

const stands = new Set(["recorded", "same", "incomplete"]);
const wrong = new Set(["wrong", "unknown-order", "evidence-not-shown"]);

/** One status for a batch: well if any stands; else what the client can do about it, the gravest last. */
function statusOf(states: readonly string[]): number {
  if (states.some((one) => stands.has(one))) return 200;
  if (states.every((one) => wrong.has(one))) return 400;
  return states.every((one) => one === "unavailable") ? 503 : 409;
}

function toldAnswer(answers: ToldAnswer["answers"] | undefined): Answer {
  const all = orNotFound(answers);
  return json(ToldAnswer, { answers: all }, { status: statusOf(all.map((one) => one.state)) });
}
