import type { ParseOptions } from "../../identity/parse-identity-number.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import type { LookupDeps } from "../../lookup/lookup-deps.ts";
import { readLookup } from "../../lookup/read-lookup.ts";
import { releaseLookup } from "../../lookup/release-lookup.ts";
import { requestLookup } from "../../lookup/request-lookup.ts";
import { streamLookup } from "../../lookup/stream-lookup.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";
import { residentOfKey } from "./resident-key.ts";

/** Asking other institutions, on the lookup flow. */
export function serveLookups(
  deps: LookupDeps & { readonly parseOptions: () => ParseOptions },
): Pick<UseCases, "requestLookup" | "lookupState" | "readLookup" | "watchLookup"> {
  return {
    async requestLookup({ caller, lookup, idempotencyKey }) {
      const resident = residentOfKey(lookup.resident, deps);
      if (typeof resident === "object") return resident;
      return requestLookup(deps, { ...lookup, asker: askerOf(caller), resident }, idempotencyKey);
    },
    lookupState: ({ caller, id }) => readLookup(deps, { id, reader: askerOf(caller) }),
    readLookup: ({ caller, id, source, waitMs, signal }) =>
      releaseLookup(deps, {
        id,
        reader: askerOf(caller),
        signal,
        ...(waitMs > 0 ? { waitMs } : {}),
        ...(source === undefined ? {} : { source: source as InstitutionCode }),
      }),
    watchLookup: ({ caller, id, signal }) => streamLookup(deps, { id, reader: askerOf(caller), signal }),
  };
}
