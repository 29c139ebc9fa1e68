import type { Policy } from "./policy-schema.ts";
import { dayIn } from "./region-time.ts";

/** The version in force on a day (`YYYY-MM-DD` of the region): the newest that began by then; undefined before the first. */
export function versionOn(versions: readonly Policy[], day: string): Policy | undefined {
  return [...versions].sort(byBeginning).findLast((policy) => policy.head.effective.from <= day);
}

/** The version in force at an instant, each version telling the day by its own clock. */
export function versionAt(versions: readonly Policy[], at: Date): Policy | undefined {
  return [...versions].sort(byBeginning).findLast((policy) => policy.head.effective.from <= dayIn(policy.head.utcOffset, at));
}

/** The version of this name. */
export function versionNamed(versions: readonly Policy[], name: string): Policy | undefined {
  return versions.find((policy) => policy.head.version === name);
}

/** Oldest first. */
export function byBeginning(a: Policy, b: Policy): number {
  return a.head.effective.from < b.head.effective.from ? -1 : a.head.effective.from > b.head.effective.from ? 1 : 0;
}
