import { type ParseOptions, parseIdentityNumber } from "../../identity/parse-identity-number.ts";
import { residentIdOf } from "../../identity/person.ts";
import type { ResidentId } from "../../kernel/brand.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { LookupRequest } from "../contract/lookup.ts";
import type { Wrong } from "../use-cases.ts";

/** The resident a caller named, by computing: nobody can tell from the answer whether anybody is known under it. */
export function residentOfKey(
  key: LookupRequest["resident"],
  deps: { readonly suite: CryptoSuite; readonly parseOptions: () => ParseOptions },
): ResidentId | Wrong {
  // One-time codes are given out by the residents' portal, which is not there yet: no code is known.
  if (!("identityNumber" in key)) return wrong("resident.residentCode", "is no code that is valid now");
  const parsed = parseIdentityNumber(key.identityNumber, deps.parseOptions());
  return parsed.kind === "valid"
    ? residentIdOf(deps.suite, parsed.number)
    : wrong("resident.identityNumber", `is no valid identity number (${parsed.reason})`);
}

function wrong(field: string, reason: string): Wrong {
  return { kind: "wrong", problems: [{ field, reason }] };
}
