import type { ResidentId } from "../kernel/brand.ts";
import type { Candidate } from "./find-candidates.ts";
import type { LinkDeps } from "./link-patients.ts";
import { openReviews } from "./open-reviews.ts";
import { type LocalPatient, residentIdOf, usableNumber } from "./person.ts";
import { reviewTask } from "./review-task.ts";

/**
 * Asks the steward about a record whose institution says that another, of somebody else, is of the same person: under the resident that the
 * other was linked to, or else the one of its number. Throws `Fault("store-down")`.
 */
export async function askAboutMerge(
  deps: LinkDeps,
  into: LocalPatient,
  other: { readonly weaker?: Candidate; readonly was?: ResidentId | undefined },
): Promise<void> {
  const resident = other.was ?? numberOf(deps, other.weaker);
  if (resident === undefined) return;
  const found = { local: into, resident, reasons: ["merge-disagrees"] as const };
  await openReviews(deps, [reviewTask(found, deps.suite, deps.now())]);
}

function numberOf(deps: LinkDeps, weaker: Candidate | undefined): ResidentId | undefined {
  const options = { allowTestRegions: deps.allowTestRegions, today: deps.now() };
  const number = weaker === undefined ? undefined : usableNumber(weaker.facts, options);
  return number?.kind === "number" ? residentIdOf(deps.suite, number.facts.number) : undefined;
}
