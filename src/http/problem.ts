import { outcomeOf } from "../fhir/outcome.ts";
import type { Fault } from "../kernel/fault.ts";
import type { ProblemBody } from "./contract/problem.ts";

/** A fault on the wire. */
export interface ErrorAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: object;
}

/** A fault as OperationOutcome or problem+json: its fixed sentence and the places at fault; no stack, no value, no hint at what exists. */
export function errorAnswer(fault: Fault, errors: "fhir" | "problem", requestId: string): ErrorAnswer {
  const { status } = fault.traits;
  if (errors === "fhir") return { status, type: "application/fhir+json", body: outcomeOf(fault) };
  return { status, type: "application/problem+json", body: problemOf(fault, requestId) };
}

/** A fault as `application/problem+json` (RFC 9457). */
export function problemOf(fault: Fault, requestId: string): ProblemBody {
  const { status, text } = fault.traits;
  const problems = fault.problems.length === 0 ? {} : { problems: fault.problems };
  return { type: `urn:hutong:problem:${fault.code}`, title: text, status, code: fault.code, ...problems, requestId };
}
