import type { ResidentId } from "../kernel/brand.ts";
import { Fault } from "../kernel/fault.ts";
import { json, orInvalid, orNotFound, workId } from "./answers.ts";
import type { Caller } from "./caller.ts";
import { AccessLog, ConsentGrant, ConsentList, ConsentState } from "./contract/consent.ts";
import { isTheResident } from "./entitle.ts";
import { guarded } from "./route.ts";

/** What only the resident may do: grant, see and withdraw consents, and see who looked. */
export const consentRoutes = [
  guarded({
    method: "post",
    path: "/consents",
    summary: "Grant: who may look, at whose data, at what, why, for how long; may be bound to one visit",
    errors: "problem",
    policy: isTheResident,
    body: ConsentGrant,
    answers: { 201: { description: "The consent; lookups that waited for it run now", schema: ConsentState } },
    async handle({ caller, body: grant }, useCases) {
      const { consent } = orInvalid(await useCases.grantConsent({ caller, resident: residentOf(caller), grant }));
      return json(ConsentState, consent, { status: 201, location: `/consents/${consent.id}` });
    },
  }),
  guarded({
    method: "get",
    path: "/consents",
    summary: "All consents of the resident",
    errors: "problem",
    policy: isTheResident,
    answers: { 200: { description: "The consents", schema: ConsentList } },
    async handle({ caller }, useCases) {
      return json(ConsentList, { consents: await useCases.listConsents({ caller, resident: residentOf(caller) }) });
    },
  }),
  guarded({
    method: "post",
    path: "/consents/{id}/withdraw",
    summary: "Withdraw: takes effect within a second, also on lookups in flight",
    errors: "problem",
    policy: isTheResident,
    answers: { 200: { description: "The withdrawn consent", schema: ConsentState } },
    async handle({ caller, param }, useCases) {
      const request = { caller, resident: residentOf(caller), id: workId(param) };
      return json(ConsentState, orNotFound(await useCases.withdrawConsent(request)));
    },
  }),
  guarded({
    method: "get",
    path: "/access-log",
    summary: "Who asked for, saw or was refused the resident's records",
    errors: "problem",
    policy: isTheResident,
    answers: { 200: { description: "Latest first", schema: AccessLog } },
    async handle({ caller }, useCases) {
      return json(AccessLog, await useCases.accessLog({ caller, resident: residentOf(caller) }));
    },
  }),
];

/** The resident of a resident's token; the policy has seen to it that there is one. */
function residentOf(caller: Caller): ResidentId {
  if (caller.resident === undefined) throw new Fault("not-entitled");
  return caller.resident;
}
