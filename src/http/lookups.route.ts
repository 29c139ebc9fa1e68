import { randomUUID } from "node:crypto";
import type { OperationOutcome } from "@medplum/fhirtypes";
import { outcomeOf } from "../fhir/outcome.ts";
import { Fault } from "../kernel/fault.ts";
import { coverageNote } from "../lookup/answer-bundle.ts";
import { json, orConflict, orInvalid, orNotFound, workId } from "./answers.ts";
import { LookupAccepted, LookupRequest, LookupState, ResultsQuery } from "./contract/lookup.ts";
import { mayLookUp } from "./entitle.ts";
import { guarded } from "./route.ts";

/** Asking other institutions about a resident, with the resident's consent. */
export const lookupRoutes = [
  guarded({
    method: "post",
    path: "/lookups",
    summary: "Ask for a resident's records; without consent the lookup waits and runs by itself when the resident grants",
    errors: "problem",
    policy: mayLookUp,
    body: LookupRequest,
    answers: { 202: { description: "Accepted: the same answer for every resident, known or not", schema: LookupAccepted } },
    async handle({ caller, body: lookup, idempotencyKey = randomUUID() }, useCases) {
      if (caller.purposes.length > 0 && !caller.purposes.includes(lookup.purpose)) throw new Fault("not-entitled");
      const { id } = orConflict(orInvalid(await useCases.requestLookup({ caller, lookup, idempotencyKey })));
      return json(LookupAccepted, { id, status: "accepted", note: coverageNote }, { status: 202, location: `/lookups/${id}` });
    },
  }),
  guarded({
    method: "get",
    path: "/lookups/{id}",
    summary: "State of a lookup: a line per permitted source",
    errors: "problem",
    policy: mayLookUp,
    answers: { 200: { description: "The state", schema: LookupState } },
    async handle({ caller, param }, useCases) {
      return json(LookupState, orNotFound(await useCases.lookupState({ caller, id: workId(param) })));
    },
  }),
  guarded({
    method: "get",
    path: "/lookups/{id}/results",
    summary: "What the sources answered; each reading asks consent again and is audited before its first byte",
    errors: "fhir",
    policy: mayLookUp,
    query: ResultsQuery,
    answers: {
      200: {
        description: "Bundle (searchset) with an OperationOutcome per source that did not answer",
        type: "application/fhir+json",
      },
      202: { description: "Nothing to read yet", type: "application/fhir+json" },
    },
    async handle({ caller, param, query, signal }, useCases) {
      const source = query.source === undefined ? {} : { source: query.source };
      const waitMs = (query.wait ?? 0) * 1000;
      const reading = orNotFound(await useCases.readLookup({ caller, id: workId(param), signal, waitMs, ...source }));
      if (reading.kind === "released") return { kind: "reading", reading };
      if (reading.kind === "waiting") return { kind: "outcome", status: 202, outcome: stillWaiting, retryAfterSeconds: 2 };
      // The reading itself audited this refusal, with the consent decision behind it.
      return { kind: "outcome", status: 403, outcome: outcomeOf(new Fault("not-entitled")) };
    },
  }),
  guarded({
    method: "get",
    path: "/lookups/{id}/events",
    summary: "The lookup as it happens: line, block (a reading of its own), done",
    errors: "problem",
    policy: mayLookUp,
    answers: { 200: { description: "Server-sent events", type: "text/event-stream" } },
    async handle({ caller, param, signal }, useCases) {
      return { kind: "events", events: orNotFound(await useCases.watchLookup({ caller, id: workId(param), signal })) };
    },
  }),
];

const stillWaiting: OperationOutcome = {
  resourceType: "OperationOutcome",
  issue: [{ severity: "information", code: "informational", diagnostics: "There is nothing to read yet; ask again." }],
};
