import type { Bundle, Identifier } from "@medplum/fhirtypes";
import { extensions, systems } from "../fhir/systems.ts";

const innerSystems = new Set<string>([
  systems.identityNumberIndex,
  systems.phoneIndex,
  systems.matchOpen,
  systems.matchNumbered,
  systems.resident,
]);
const innerExtensions = new Set<string>([
  extensions.ciphertext,
  extensions.issue,
  extensions.linkBasis,
  extensions.linkRefused,
  extensions.stub,
]);

/**
 * A Bundle as text, decimals digit by digit, without what never leaves the hub: blind indexes, ciphertexts, ids of golden Patients, links.
 * The reading behind it has chosen the resources; this is the last door and lets none of these through whatever came to it.
 */
export function serializeBundle(bundle: Bundle): string {
  return JSON.stringify(bundle, (key, value) => {
    if (!Array.isArray(value)) return key === "identifier" && isInner(value) ? undefined : value;
    if (key === "identifier" || key === "telecom") return kept(value, (one) => !isInner(one));
    if (key === "extension" || key === "modifierExtension") return kept(value, (one) => !innerExtensions.has(one.url));
    return key === "link" && value.some((one) => one?.other !== undefined) ? undefined : value;
  });
}

function isInner(value: Identifier | undefined): boolean {
  return innerSystems.has(value?.system ?? "");
}

/** FHIR knows no empty lists. */
function kept<T>(list: readonly T[], keep: (one: T) => boolean): readonly T[] | undefined {
  const rest = list.filter(keep);
  return rest.length === 0 ? undefined : rest;
}
