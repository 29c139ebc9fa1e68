import type { FhirStore } from "../fhir/store.ts";
import { type Now, pause } from "../kernel/clock.ts";
import { asFault } from "../kernel/fault.ts";
import { type Claim, giveBackTask } from "./claim-task.ts";

/**
 * After `error`: an outage of the store or a stop (`signal`) is no failure of the work, so its attempt is given back and does not count; any other error
 * leaves the claim as it is. Tried once, or until the store is back, for at most `forMs`. Never throws: what is not given back, the sweeper brings again.
 */
export async function giveBackAfter(
  error: unknown,
  deps: { readonly store: FhirStore; readonly now: Now },
  claim: Claim,
  { signal, forMs = 0 }: { readonly signal?: AbortSignal | undefined; readonly forMs?: number } = {},
): Promise<void> {
  if (!isDown(error) && !signal?.aborted) return;
  for (let waitedMs = 0, waitMs = 500; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, 5_000)) {
    try {
      return await giveBackTask(deps.store, claim, deps.now());
    } catch (again) {
      if (!isDown(again) || waitedMs >= forMs || signal?.aborted) return;
    }
    await pause(waitMs, signal);
  }
}

function isDown(error: unknown): boolean {
  return asFault(error).code === "store-down";
}
