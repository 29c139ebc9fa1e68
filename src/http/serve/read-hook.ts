import type { Encounter, Patient, ServiceRequest } from "@medplum/fhirtypes";
import { z } from "zod";
import type { Problem } from "../../kernel/fault.ts";
import type { HookRequest } from "../contract/cds-hooks.ts";
import { PatientBody } from "../contract/patient.ts";

/** A hook request whose resources are read: they are of the types asked for and all about the patient of the context. */
export interface ReadHook {
  readonly patient: Patient;
  readonly encounter?: Encounter;
  /** Name of the practitioner who works, where the client sent it. */
  readonly userName?: string;
  readonly requests: readonly ServiceRequest[];
}

/** What came of reading: the call, that the patient was not sent (412), or what is malformed (400). */
export type HookReading =
  | { readonly kind: "read"; readonly hook: ReadHook }
  | { readonly kind: "prefetch-missing" }
  | { readonly kind: "wrong"; readonly problems: readonly Problem[] };

const text = z.string().max(500).optional();
const Coding = z.looseObject({ system: text, code: text, display: text });
const Concept = z.looseObject({ coding: z.array(Coding).max(50).optional(), text });
const Reference = z.looseObject({ reference: text });
const Identifier = z.looseObject({
  use: text,
  system: text,
  value: text,
  type: Concept.optional(),
});
const id = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/, "must be the id of a FHIR resource");

const EncounterBody = z.looseObject({
  resourceType: z.literal("Encounter"),
  id: id.optional(),
  status: text,
  class: Coding.optional(),
  identifier: z.array(Identifier).max(50).optional(),
  serviceType: Concept.optional(),
  subject: Reference.optional(),
});
const RequestBody = z.looseObject({
  resourceType: z.literal("ServiceRequest"),
  id,
  status: text,
  doNotPerform: z.boolean().optional(),
  code: Concept.optional(),
  subject: Reference.optional(),
});
const UserBody = z.looseObject({
  name: z.array(z.looseObject({ text, family: text, given: z.array(z.string().max(100)).max(10).optional() })).max(20),
});

/**
 * Reads the resources of a hook request. A prefetch key that is missing, null or an OperationOutcome was not obtained ("Prefetch Template"); a resource of another
 * patient is never taken for this one's.
 */
export function readHook({ hook, context, prefetch = {} }: HookRequest): HookReading {
  const problems: Problem[] = [];
  const obtained = (key: string) => (isObtained(prefetch[key]) ? prefetch[key] : undefined);
  const patient = parsed(PatientBody.extend({ id: id.optional() }), obtained("patient"), "prefetch.patient", problems);
  const encounter = parsed(EncounterBody, obtained("encounter"), "prefetch.encounter", problems);
  if (patient?.id !== undefined && patient.id !== context.patientId) problems.push(other("prefetch.patient.id"));
  if (encounter !== undefined && !isEncounterOf(encounter, context)) problems.push(other("prefetch.encounter"));
  const requests = hook === "patient-view" ? [] : requestsIn(context, hook, problems);
  if (problems.length > 0) return { kind: "wrong", problems: problems.slice(0, 20) };
  if (patient === undefined) return { kind: "prefetch-missing" };
  const userName = nameIn(obtained("user"));
  return {
    kind: "read",
    hook: {
      patient: patient as Patient,
      requests,
      ...(encounter === undefined ? {} : { encounter: encounter as unknown as Encounter }),
      ...(userName === undefined ? {} : { userName }),
    },
  };
}

function isObtained(value: unknown): boolean {
  return value !== undefined && value !== null && (value as { resourceType?: unknown }).resourceType !== "OperationOutcome";
}

/** The ServiceRequests of the draft orders; for `order-select` those newly selected: the others were looked at when they were. */
function requestsIn(
  { draftOrders, selections, patientId }: HookRequest["context"],
  hook: string,
  problems: Problem[],
): ServiceRequest[] {
  if (draftOrders === undefined) {
    problems.push({ field: "context.draftOrders", reason: "is required for this hook" });
    return [];
  }
  const requests: ServiceRequest[] = [];
  const known = new Set<string>();
  (draftOrders.entry ?? []).forEach(({ resource }, at) => {
    const field = `context.draftOrders.entry.${at}.resource`;
    if (resource === undefined) return;
    if (typeof resource.id === "string") known.add(`${resource.resourceType}/${resource.id}`);
    if (resource.resourceType !== "ServiceRequest") return;
    const request = parsed(RequestBody, resource, field, problems);
    if (request === undefined) return;
    if (requests.some((one) => one.id === request.id)) problems.push({ field: `${field}.id`, reason: "is given twice" });
    if (!isAbout(request.subject?.reference, patientId)) problems.push(other(`${field}.subject`));
    requests.push(request as unknown as ServiceRequest);
  });
  if (hook === "order-sign") return atMost(requests, problems);
  if (selections === undefined) problems.push({ field: "context.selections", reason: "is required for this hook" });
  (selections ?? []).forEach((selection, at) => {
    if (!known.has(selection)) problems.push({ field: `context.selections.${at}`, reason: "is none of the draft orders" });
  });
  return atMost(
    requests.filter((one) => selections?.includes(`ServiceRequest/${one.id}`)),
    problems,
  );
}

/** As many orders as the REST twin takes at once. */
function atMost(requests: ServiceRequest[], problems: Problem[]): ServiceRequest[] {
  if (requests.length > 50) problems.push({ field: "context.draftOrders", reason: "holds more than 50 service requests" });
  return requests;
}

function parsed<T extends z.ZodType>(schema: T, value: unknown, field: string, problems: Problem[]): z.output<T> | undefined {
  if (value === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues)
    problems.push({ field: [field, ...issue.path].map(String).join("."), reason: issue.message });
  return undefined;
}

function isEncounterOf(encounter: z.output<typeof EncounterBody>, context: HookRequest["context"]): boolean {
  const rightOne = encounter.id === undefined || context.encounterId === undefined || encounter.id === context.encounterId;
  return rightOne && isAbout(encounter.subject?.reference, context.patientId);
}

/** A literal reference, relative or absolute, names this Patient; without one nothing says otherwise. */
function isAbout(reference: string | undefined, patientId: string): boolean {
  if (reference === undefined || !/(^|\/)Patient\//.test(reference)) return true;
  return /(?:^|\/)Patient\/([^/]+)/.exec(reference)?.[1] === patientId;
}

function nameIn(user: unknown): string | undefined {
  const name = UserBody.safeParse(user).data?.name[0];
  const written = name?.text ?? [name?.family, ...(name?.given ?? [])].filter((part) => part !== undefined).join("");
  const clean = written.replace(/\p{Cc}/gu, "").trim();
  return clean === "" ? undefined : clean.slice(0, 100);
}

function other(field: string): Problem {
  return { field, reason: "is about another patient or visit than the context" };
}
