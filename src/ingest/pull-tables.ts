import { instant } from "../kernel/clock.ts";
import { asFault, Fault } from "../kernel/fault.ts";
import type { Acceptance, Delivery } from "./accept-export.ts";
import type { Pull } from "./pull-file.ts";
import { claimPull, type PullClaim, type PullState, type PullStateDeps } from "./pull-state.ts";
import { type PullPlan, planPull } from "./pull-window.ts";
import { type PulledCount, type PulledFeed, pulledFiles } from "./pulled-files.ts";
import type { TableSource } from "./table-source.ts";

/** What pulling one feed needs. */
export interface PullDeps extends PullStateDeps {
  readonly source: TableSource;
  /** The feed as it is mapped now. */
  readonly feed: () => PulledFeed | undefined;
  /** Who delivers: the supplier of the feed. */
  readonly client: string;
  readonly accept: (delivery: Delivery) => Promise<Acceptance>;
  /** How long a pull is held without a sign of life, ms. */
  readonly leaseMs: number;
}

/** What became of a look at a pull. `failed`: a code; it is tried again. */
export type Pulled =
  | { readonly kind: "not-due" }
  | { readonly kind: "pulled"; readonly rows: number; readonly export?: string }
  | { readonly kind: "failed"; readonly code: string; readonly detail: string };

/** Longest wait after failures, ms. */
const longestWaitMs = 15 * 60_000;

/**
 * Pulls a feed when it is due: reads what its tables have from the watermark on (less an overlap), lands it as an export of the feed, and moves the watermark
 * only when the export's Task is stored. A crash anywhere before that reads the same rows again; rows read twice change nothing (DESIGN §8 "Writes").
 */
export async function pullTables(deps: PullDeps, pull: Pull): Promise<Pulled> {
  const claim = await claimPull(deps, pull.feed, deps.leaseMs);
  if (claim === undefined) return { kind: "not-due" };
  const hold = holdOn(deps, claim);
  try {
    const { plan, count, id } = await readAll(deps, pull, claim);
    await hold.release();
    const wait = plan.more ? 0 : pull.every;
    await claim.write({ watermarks: { ...claim.state.watermarks, ...plan.reached }, dueAt: after(deps, wait), failures: 0 });
    return { kind: "pulled", rows: count.rows, ...(id === undefined ? {} : { export: id }) };
  } catch (error) {
    await hold.release();
    const fault = asFault(error);
    const failures = claim.state.failures + 1;
    const wait = Math.min(pull.every, longestWaitMs, 5_000 * 2 ** Math.min(failures, 10));
    // Should this fail too, the lease ends and somebody begins again.
    await claim
      .write({ ...claim.state, dueAt: after(deps, wait), failures, failed: fault.code } satisfies PullState)
      .catch(() => undefined);
    return { kind: "failed", code: fault.code, detail: fault.message };
  }
}

async function readAll(
  deps: PullDeps,
  pull: Pull,
  { state }: PullClaim,
): Promise<{ plan: PullPlan; count: PulledCount; id?: string }> {
  const feed = deps.feed();
  if (feed === undefined) throw new Fault("configuration-wrong", { detail: `The feed ${pull.feed} is not mapped.` });
  const session = await deps.source.open();
  try {
    const plan = await planPull(pull, state.watermarks, session);
    const count = { files: 0, rows: 0, ended: false };
    // The content is the key: a window that holds the same rows again is the same export.
    const outcome = await deps.accept({
      client: deps.client,
      feed: pull.feed,
      files: pulledFiles({ session, feed, pull, plan }, count),
    });
    if (outcome.kind === "accepted") return { plan, count, id: outcome.id };
    if (count.ended && count.files === 0) return { plan, count };
    throw new Fault(outcome.kind === "wrong" ? "configuration-wrong" : "conflict");
  } finally {
    await session.close();
  }
}

/** Renews the lease while a long pull runs; one that was lost shows when the watermark is written. */
function holdOn(deps: PullDeps, claim: PullClaim): { release(): Promise<void> } {
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(() => claim.write({ ...claim.state, dueAt: after(deps, deps.leaseMs) })).catch(() => undefined);
  }, deps.leaseMs / 3).unref();
  return {
    async release() {
      clearInterval(timer);
      await renewing;
    },
  };
}

function after({ now }: PullDeps, ms: number): string {
  return instant(new Date(now().getTime() + ms));
}
