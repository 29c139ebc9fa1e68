import type { Condition, Patient, Resource } from "@medplum/fhirtypes";
import { type Issue, ownIssue, withIssue } from "../fhir/issue.ts";
import { isOwnRow } from "./sheet-lists.ts";

/** The issue that decides for a whole sheet: the head's own. */
export type Ruling = Pick<Issue, "order" | "state">;

/** The row's resource with its issue, and withdrawn where the row or its sheet says so. */
export function ruled(
  row: { readonly ref: string; readonly resource: Resource; readonly issue: Issue },
  ruling: Ruling,
): Resource {
  const issue = ruledIssue(row.ref, row.issue, ruling);
  return withIssue(issue.state === "present" ? row.resource : withdrawn(row.resource), issue);
}

/** Whether a stored row is in the state that its head demands. */
export function isRuled(ref: string, stored: Issue, ruling: Ruling): boolean {
  return ruledIssue(ref, ownIssue(stored), ruling).state === stored.state;
}

/** A row of an earlier issue than its head's has vanished; a withdrawn head withdraws the rows of its issue. What stands for itself does neither. */
function ruledIssue(ref: string, own: Issue, ruling: Ruling): Issue {
  if (!isOwnRow(ref)) return own;
  if (own.order < ruling.order)
    return { ...own, state: "vanished", ...(own.state === "retracted" ? { own: "retracted" } : {}) };
  if (own.order === ruling.order && ruling.state === "retracted" && own.state === "present")
    return { ...own, state: "retracted", own: "present" };
  return own;
}

/** The resource marked as entered in error, in the way of its type; a type that has no way stays as it is. */
function withdrawn(resource: Resource): Resource {
  switch (resource.resourceType) {
    case "Patient":
    case "Practitioner":
    case "PractitionerRole":
    case "Organization":
      return { ...resource, active: false } as Patient;
    case "Location":
      return { ...resource, status: "inactive" };
    case "Basic":
      return resource;
    case "Condition":
    case "AllergyIntolerance": {
      const system = `http://terminology.hl7.org/CodeSystem/${resource.resourceType === "Condition" ? "condition-ver-status" : "allergyintolerance-verification"}`;
      const { clinicalStatus: _, ...rest } = resource;
      return { ...rest, verificationStatus: { coding: [{ system, code: "entered-in-error" }] } } as Condition;
    }
    default:
      return { ...resource, status: "entered-in-error" } as Resource;
  }
}
