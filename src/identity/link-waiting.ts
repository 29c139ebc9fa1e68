import type { ResidentId } from "../kernel/brand.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import { recordsWaiting } from "./match-people.ts";
import type { LocalPatient } from "./person.ts";

/**
 * Looks again at who waits for the steward about these residents, whom a record has just left: what it said may have been all that spoke against
 * them. `people` aside, who are being placed themselves. Throws `Fault("store-down")`.
 */
export async function linkWaiting(deps: LinkDeps, left: readonly ResidentId[], people: readonly LocalPatient[]): Promise<void> {
  const waiting = left.length === 0 ? [] : await recordsWaiting(deps, left, people);
  if (waiting.length > 0) await linkPatients(deps, waiting);
}
