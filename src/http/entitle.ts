import type { Caller, CallerKind } from "./caller.ts";

/** What a policy may look at besides the caller: the feed or id in the address. */
interface Target {
  readonly param: string;
}

/** A sentence about who may use a route; false = 403, audited. */
export type Policy = (caller: Caller, target: Target) => boolean;

const isA =
  (kind: CallerKind): Policy =>
  (caller) =>
    caller.kind === kind;
const hasScope =
  (scope: string): Policy =>
  (caller) =>
    caller.scopes.includes(scope);
const and =
  (...all: Policy[]): Policy =>
  (caller, target) =>
    all.every((policy) => policy(caller, target));
const or =
  (...some: Policy[]): Policy =>
  (caller, target) =>
    some.some((policy) => policy(caller, target));

const speaksForAnInstitution: Policy = (caller) => caller.kind === "institution" && caller.institution !== undefined;
const namesAnInstitution: Policy = (caller) => caller.institution !== undefined;
const isThemselves: Policy = (caller) => caller.kind === "resident" && caller.resident !== undefined;
const ownsTheFeed: Policy = (caller, target) => caller.feeds.includes(target.param);

/** Feeds are delivered by those the registry names for them. */
export const mayDeliver = and(or(isA("supplier"), isA("institution")), hasScope("exports"), ownsTheFeed);

/** An export is followed by who delivers exports (its own only: the use case sees to it) or by an operator. */
export const mayFollowExports = or(
  and(or(isA("supplier"), isA("institution")), hasScope("exports")),
  and(isA("operator"), hasScope("operate")),
);

/** Lookups are for institutions; a resident's consent decides the rest. */
export const mayLookUp = and(speaksForAnInstitution, hasScope("lookups"));

/** Recognition is checked by the institution where the order is drafted. */
export const mayCheckRecognition = and(speaksForAnInstitution, hasScope("recognitions"));

/** Figures of recognition: an institution's own (the use case sees to it), an operator everybody's. */
export const mayReadFigures = or(mayCheckRecognition, and(isA("operator"), hasScope("operate")));

/** Consents and the access log belong to the resident alone: no institution gives, sees or withdraws them. */
export const isTheResident = and(isThemselves, hasScope("resident"));

/** Running the platform itself: mapping versions, replays. */
export const mayOperate = and(isA("operator"), hasScope("operate"));

/** An institution with a FHIR server of its own feeds its patients and asks about them, and about nobody else's. */
export const mayRegisterPatients = and(speaksForAnInstitution, hasScope("patients"));

/** Identity conflicts are for stewards. */
export const mayReviewIdentity = and(isA("steward"), hasScope("identity-review"));

/** Notices are for institutions that check recognition, and for suppliers that the registry names an institution for, as quality centres are. */
export const mayAcknowledgeNotices = or(mayCheckRecognition, and(isA("supplier"), namesAnInstitution, hasScope("exports")));

/** An operator sees that notices wait, and how long. */
export const mayReadNotices = or(mayAcknowledgeNotices, mayOperate);

/** Our pages are opened by the systems of institutions, for their users; an operator may look at the staff pages. */
export const mayOpenPages = or(mayCheckRecognition, mayOperate);
