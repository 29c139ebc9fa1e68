import type { Task } from "@medplum/fhirtypes";
import type { Category, Purpose } from "../consent/model.ts";
import { institutionReference, residentOf, residentReference } from "../fhir/reference.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import type { SourceAnswer, SourceOutcome } from "../sources/answer.ts";
import { inputText, inputTexts, outputTexts, taskCode, textField } from "../work/task.ts";

/** Who asks or reads: the client's institution, and the practitioner it named in its token. */
export interface Asker {
  readonly client: string;
  readonly institution: InstitutionCode;
  readonly practitioner?: { readonly id: string; readonly role?: string };
}

/** The visit in which somebody asks, as their institution numbers it; the right to look ends with it. */
export interface LookupVisit {
  readonly number: string;
  readonly department: string;
  readonly kind: string;
  /** Instant. */
  readonly start: string;
}

/** What a lookup asks for. `from` and `to` are days or instants and may be open. */
export interface LookupRequest {
  readonly asker: Asker;
  readonly resident: ResidentId;
  readonly categories: readonly Category[];
  readonly from?: string;
  readonly to?: string;
  readonly purpose: Purpose;
  readonly visit: LookupVisit;
}

/** A lookup as its Task holds it. */
export interface Lookup extends LookupRequest {
  readonly id: ResourceId;
  /** Until when it waits for a consent: the answer window. */
  readonly waitsUntil: Date;
  /** A line per permitted and linked source; empty until it is closed. */
  readonly lines: readonly SourceLine[];
}

/** What one source said. `count` = reports, studies and records, not the results inside a report. */
export interface SourceLine {
  readonly source: InstitutionCode;
  readonly outcome: SourceOutcome;
  readonly count: number;
}

/** The Task of a lookup. It names the resident by identifier only, and holds no name, number or result. */
export function lookupTask(
  request: LookupRequest,
  is: { id: ResourceId; status: Task["status"]; at: Date; waitsUntil: Date },
): Task {
  const { asker, visit } = request;
  const optional = (name: string, value: string | undefined) => (value === undefined ? [] : [textField(name, value)]);
  return {
    resourceType: "Task",
    id: is.id,
    status: is.status,
    intent: "order",
    priority: request.purpose === "TREAT" ? "routine" : "stat",
    code: taskCode("lookup"),
    for: residentReference(request.resident),
    requester: institutionReference(asker.institution),
    authoredOn: instant(is.at),
    lastModified: instant(is.at),
    restriction: { period: { end: instant(is.waitsUntil) } },
    input: [
      ...[...request.categories].sort().map((category) => textField("category", category)),
      ...optional("from", request.from),
      ...optional("to", request.to),
      textField("purpose", request.purpose),
      textField("client", asker.client),
      ...optional("practitioner", asker.practitioner?.id),
      ...optional("practitioner-role", asker.practitioner?.role),
      textField("visit-number", visit.number),
      textField("visit-department", visit.department),
      textField("visit-kind", visit.kind),
      textField("visit-start", visit.start),
    ],
  };
}

/** The lookup in a Task that `lookupTask` made. */
export function lookupOf(task: Task): Lookup {
  const text = (name: string) => inputText(task, name) ?? "";
  const [from, to, practitioner, role] = ["from", "to", "practitioner", "practitioner-role"].map((name) =>
    inputText(task, name),
  );
  return {
    id: (task.id ?? "") as ResourceId,
    resident: (residentOf(task.for) ?? "") as ResidentId,
    asker: {
      client: text("client"),
      institution: (askerOf(task) ?? "") as InstitutionCode,
      ...(practitioner === undefined ? {} : { practitioner: { id: practitioner, ...(role === undefined ? {} : { role }) } }),
    },
    categories: inputTexts(task, "category") as Category[],
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    purpose: text("purpose") as Purpose,
    visit: {
      number: text("visit-number"),
      department: text("visit-department"),
      kind: text("visit-kind"),
      start: text("visit-start"),
    },
    waitsUntil: new Date(task.restriction?.period?.end ?? 0),
    lines: outputTexts(task, "line").map(parseLine),
  };
}

/** The institution that asked, without which nobody reads a lookup. */
export function askerOf(task: Task): string | undefined {
  const requester = task.requester?.identifier;
  return requester?.system === systems.institution ? requester.value : undefined;
}

/** The line of an answer. Results that a report in the same answer lists are part of it and not counted again. */
export function lineOf(answer: SourceAnswer): SourceLine {
  return { source: answer.institution, outcome: answer.outcome, count: headsOf(answer).length };
}

/** What an answer is made of: its reports, studies and records, and results that no report of it lists. */
export function headsOf({ resources }: SourceAnswer): SourceAnswer["resources"] {
  const listed = new Set(
    resources.flatMap((one) =>
      one.resourceType === "DiagnosticReport" ? (one.result ?? []).map((result) => result.reference) : [],
    ),
  );
  return resources.filter((one) => one.resourceType !== "Observation" || !listed.has(`Observation/${one.id}`));
}

/** A line as the Task keeps it, e.g. `a-provincial answered 3`. */
export function lineText({ source, outcome, count }: SourceLine): string {
  return `${source} ${outcome} ${count}`;
}

function parseLine(text: string): SourceLine {
  const [source = "", outcome = "failed", count = "0"] = text.split(" ");
  return { source: source as InstitutionCode, outcome: outcome as SourceOutcome, count: Number(count) };
}
