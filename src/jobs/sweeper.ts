import type { Now } from "../kernel/clock.ts";
import { asFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { type SweepDeps, sweepOpen, sweepWaiting } from "../work/sweep.ts";

const waitingEveryMs = 60_000;

/** Sweeps open Tasks every `intervalMs` and waiting ones every minute, until `stop`. One sweep at a time; a failed one is only logged. */
export function startSweeper(deps: SweepDeps & { now: Now; log: Log; intervalMs: number }): { stop(): Promise<void> } {
  let waitingDueAt = 0;
  let running: Promise<void> = Promise.resolve();
  let busy = false;

  const sweep = async () => {
    const now = deps.now();
    try {
      await sweepOpen(deps);
      if (now.getTime() < waitingDueAt) return;
      await sweepWaiting(deps, now);
      waitingDueAt = now.getTime() + waitingEveryMs;
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
