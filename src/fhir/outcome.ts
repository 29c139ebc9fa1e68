import type { OperationOutcome, OperationOutcomeIssue } from "@medplum/fhirtypes";
import type { Fault } from "../kernel/fault.ts";

/** The one shape of a FHIR error: the fault's fixed sentence and the places at fault, no value, no stack. */
export function outcomeOf(fault: Fault): OperationOutcome {
  const { issue, text } = fault.traits;
  const problems: OperationOutcomeIssue[] = fault.problems.map((problem) => ({
    severity: "error",
    code: issue,
    expression: [problem.field],
    diagnostics: problem.reason,
  }));
  return {
    resourceType: "OperationOutcome",
    issue: problems.length > 0 ? problems : [{ severity: "error", code: issue, diagnostics: text }],
  };
}
