import type { ServiceRequest } from "@medplum/fhirtypes";
import type { DraftOrder } from "../check/check.ts";

/** Codings of one order that are looked at. */
const mostCodes = 10;
/** Orders that are still to be carried out: a new draft, or one that is signed again. */
const live: ReadonlySet<string> = new Set(["draft", "active", "on-hold"]);

/**
 * The draft orders a check is about: every ServiceRequest to be carried out that has a code, under its id; medications and other requests are not ours.
 * Of several codings the first the catalogue knows counts.
 */
export function draftOrders(requests: readonly ServiceRequest[]): readonly DraftOrder[] {
  return requests.filter(isWanted).flatMap((request): DraftOrder[] => {
    const code = codesOf(request);
    return request.id === undefined || code.length === 0 ? [] : [{ id: request.id, code }];
  });
}

function isWanted({ status, doNotPerform }: ServiceRequest): boolean {
  return doNotPerform !== true && live.has(status ?? "draft");
}

function codesOf({ code }: ServiceRequest): { system: string; code: string }[] {
  const codes = (code?.coding ?? []).flatMap(({ system, code }) =>
    !system || !code || system.length > 200 || code.length > 64 ? [] : [{ system, code }],
  );
  return codes.slice(0, mostCodes);
}
