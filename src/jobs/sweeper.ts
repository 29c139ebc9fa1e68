import type { Now } from "../kernel/clock.ts";
import { asFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { type SweepDeps, sweepOpen, sweepWaiting } from "../work/sweep.ts";

/** How often the sweeper looks, ms: at open Tasks, and at waiting ones. */
interface Pace {
  readonly intervalMs: number;
  readonly waitingIntervalMs: number;
}

/** Sweeps open and waiting Tasks, each at its own pace, until `stop`. One sweep at a time; a failed one is only logged. */
export function startSweeper(deps: SweepDeps & Pace & { now: Now; log: Log }): { stop(): Promise<void> } {
  let waitingDueAt = 0;
  let running: Promise<void> = Promise.resolve();
  let busy = false;

  const sweep = async () => {
    const now = deps.now();
    try {
      await sweepOpen(deps);
      if (now.getTime() < waitingDueAt) return;
      await sweepWaiting(deps, now);
      waitingDueAt = now.getTime() + deps.waitingIntervalMs;
    } catch (error) {
      deps.log.warn({ code: asFault(error).code }, "a sweep failed; the next one follows");
    }
  };
  const tick = () => {
    if (busy) return;
    busy = true;
    running = sweep().finally(() => {
      busy = false;
    });
  };
  const timer = setInterval(tick, deps.intervalMs);
  tick();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
