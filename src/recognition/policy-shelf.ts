import type { Now } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { policyVersions } from "./current-policy.ts";
import { regionsIn } from "./load-catalogue.ts";
import type { Policy } from "./policy-schema.ts";
import { type Refreshing, refreshing } from "./refreshing.ts";

/** A change of a policy is seen after this long at the latest, in milliseconds. */
const maxAgeMs = 10_000;

/**
 * Every region's policy for readers: all versions, oldest first; undefined for a region that has none. Files are looked at again within ten seconds. A
 * wrong change leaves what was; a policy that never was right is none.
 */
export function createPolicyShelf({ root, now }: { root: string; now: Now }) {
  const regions = refreshing(() => regionsIn(root), { maxAgeMs, now });
  const held = new Map<string, Refreshing<readonly Policy[] | undefined>>();
  return async (region: string): Promise<readonly Policy[] | undefined> => {
    if (!(await regions.get()).includes(region)) return undefined;
    let one = held.get(region);
    if (one === undefined) {
      // Who runs on the policy logs what is wrong with it; its readers see what is in force.
      const versionsOf = policyVersions({ root, region, refused: () => {} });
      one = refreshing(() => versionsOf().catch(none), { maxAgeMs, now });
      held.set(region, one);
    }
    return one.get();
  };
}

function none(error: unknown): undefined {
  if (error instanceof Fault && error.code === "configuration-wrong") return undefined;
  throw error;
}
