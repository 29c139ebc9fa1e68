import { Fault } from "../kernel/fault.ts";
import { json, orInvalid } from "./answers.ts";
import { RecognitionAnswer, RecognitionRequest } from "./contract/recognition.ts";
import { mayCheckRecognition } from "./entitle.ts";
import { guarded } from "./route.ts";

/** Whether earlier results must be recognised, asked at the moment of ordering. */
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
      const purpose = check.emergency === true ? "ETREAT" : "TREAT";
      if (caller.purposes.length > 0 && !caller.purposes.includes(purpose)) throw new Fault("not-entitled");
      const { answer } = orInvalid(await useCases.checkRecognition({ caller, check, signal }));
      return json(RecognitionAnswer, answer);
    },
  }),
];
