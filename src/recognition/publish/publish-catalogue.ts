import type { ActivityDefinition, CodeSystem, ConceptMap, PlanDefinition, ValueSet } from "@medplum/fhirtypes";
import { entriesOn } from "../catalogue.ts";
import type { Policy } from "../policy-schema.ts";
import { lastDayOf } from "../policy-side.ts";
import { byBeginning } from "../versions.ts";
import { publishActivities, publishPlans } from "./publish-definitions.ts";
import { publishCodeSystems, publishConceptMaps, publishValueSets } from "./publish-terms.ts";

/** What a policy is published as. */
export type PublishedResource = PlanDefinition | ActivityDefinition | ValueSet | ConceptMap | CodeSystem;

/**
 * Every version of a region's policy as FHIR R4: the policy and its panels (PlanDefinition), what may be ordered (ActivityDefinition), terms. A version
 * in force shows its entries of today, one to come those of its first day, a past one those of its last.
 */
export function publishCatalogue(versions: readonly Policy[], today: string): PublishedResource[] {
  return [...versions].sort(byBeginning).flatMap((policy) => {
    const { from } = policy.head.effective;
    const last = lastDayOf(versions, policy);
    const day = from > today ? from : last !== undefined && last < today ? last : today;
    const publishing = { policy, versions, day, today, entries: entriesOn(policy, day) };
    return [
      ...publishPlans(publishing),
      ...publishActivities(publishing),
      ...publishCodeSystems(publishing),
      ...publishValueSets(publishing),
      ...publishConceptMaps(publishing),
    ];
  });
}
