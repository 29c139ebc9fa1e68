import { Fault } from "../kernel/fault.ts";
import { json, orInvalid, orNotFound, workId } from "./answers.ts";
import type { Caller } from "./caller.ts";
import {
  RecognitionAnswer,
  RecognitionDone,
  RecognitionHistory,
  RecognitionHistoryRequest,
  RecognitionRequest,
  TranscribedAnswer,
  TranscribedRequest,
} from "./contract/recognition.ts";
import { mayCheckRecognition } from "./entitle.ts";
import { guarded } from "./route.ts";
import type { CheckEvent, PresentedEvent } from "./use-cases.ts";

/** Whether earlier results must be recognised, asked when the patient is identified and at the moment of ordering. */
export const recognitionRoutes = [
  guarded({
    method: "post",
    path: "/recognitions/check",
    summary: "For each draft order: which earlier results must, may or may not be recognised, and why",
    errors: "problem",
    policy: mayCheckRecognition,
    body: RecognitionRequest,
    answers: { 200: { description: "A result per order; disclosure was audited before it left", schema: RecognitionAnswer } },
    async handle({ caller, body: check, signal }, useCases) {
      forPurpose(caller, check.emergency);
      const { answer } = orInvalid(await useCases.checkRecognition({ caller, check, signal }));
      return json(RecognitionAnswer, answer);
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/history",
    summary: "When the patient is identified: which results exist within the horizon; makes the check at the order faster",
    errors: "problem",
    policy: mayCheckRecognition,
    body: RecognitionHistoryRequest,
    answers: { 200: { description: "A result per item that has any; disclosure was audited", schema: RecognitionHistory } },
    async handle({ caller, body: asked, signal }, useCases) {
      forPurpose(caller, asked.emergency);
      const { answer } = orInvalid(await useCases.recognitionHistory({ caller, asked, signal }));
      return json(RecognitionHistory, answer);
    },
  }),
  guarded({
    method: "post",
    path: "/recognitions/transcribed",
    summary:
      "Type in a laboratory result the patient brought on paper; it counts in this visit only and is shown to nobody else",
    errors: "problem",
    policy: mayCheckRecognition,
    body: TranscribedRequest,
    answers: { 200: { description: "Kept; the same again changes nothing", schema: TranscribedAnswer } },
    async handle({ caller, body: typed }, useCases) {
      orInvalid(await useCases.transcribeResult({ caller, typed }));
      return json(TranscribedAnswer, { kept: true });
    },
  }),
  guarded({
    method: "get",
    path: "/recognitions/{id}/events",
    summary: "Late answers of a check as they come: answer (decided and audited anew), done",
    errors: "problem",
    policy: mayCheckRecognition,
    answers: { 200: { description: "Server-sent events", type: "text/event-stream" } },
    async handle({ caller, param, signal }, useCases) {
      const events = orNotFound(await useCases.watchCheck({ caller, id: workId(param), signal }));
      return { kind: "events", events: presented(events) };
    },
  }),
];

function forPurpose(caller: Caller, emergency: boolean | undefined): void {
  const purpose = emergency === true ? "ETREAT" : "TREAT";
  if (caller.purposes.length > 0 && !caller.purposes.includes(purpose)) throw new Fault("not-entitled");
}

/** Events cut to their contract. */
async function* presented(events: AsyncIterable<CheckEvent>): AsyncGenerator<PresentedEvent> {
  for await (const { event, data } of events) {
    const schema = event === "answer" ? RecognitionAnswer : RecognitionDone;
    yield { event: "presented", name: event, data: schema.parse(data) };
  }
}
