import type { Policy } from "./policy-schema.ts";
import { byBeginning, versionNamed, versionOn } from "./versions.ts";

/** A policy as it was or will be on one day of the region. */
export interface PolicySide {
  readonly policy: Policy;
  readonly day: string;
}

/**
 * One side of a comparison, named by a version or by a day. A version is taken as it stood when the next one took its place (`as: "before"`), or on its
 * first day (`as: "after"`), so that comparing two neighbours tells exactly what changes between those days. Undefined when there is none.
 */
export function sideOf(versions: readonly Policy[], named: string, as: "before" | "after"): PolicySide | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(named)) {
    const policy = versionOn(versions, named);
    return policy === undefined ? undefined : { policy, day: named };
  }
  const policy = versionNamed(versions, named);
  if (policy === undefined) return undefined;
  const { from } = policy.head.effective;
  return { policy, day: as === "before" ? (lastDayOf(versions, policy) ?? from) : from };
}

/** The last day on which a version counts; undefined while none follows it. */
export function lastDayOf(versions: readonly Policy[], policy: Policy): string | undefined {
  const next = [...versions].sort(byBeginning).find((one) => one.head.effective.from > policy.head.effective.from);
  if (next === undefined) return undefined;
  return new Date(Date.parse(next.head.effective.from) - 86_400_000).toISOString().slice(0, 10);
}
