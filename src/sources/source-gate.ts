import type { InstitutionCode } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";

/** How many requests one institution gets at once, and when it is left alone for a while. */
export interface GateLimits {
  readonly concurrent: number;
  /** Failures in a row that open the breaker. */
  readonly failures: number;
  /** How long it stays open before one request may try again, in milliseconds. */
  readonly openMs: number;
}

/** Where a request to one institution must pass: `open` = its breaker is open, `capped` = no place came free in time. */
export interface SourceGate {
  enter(institution: InstitutionCode, signal: AbortSignal): Promise<{ leave(well: boolean): void } | "open" | "capped">;
}

interface Lane {
  busy: number;
  failures: number;
  openUntil: number;
  readonly waiting: (() => void)[];
}

/** A cap and a breaker per institution, kept in this process: one slow hospital takes no place from the others. */
export function createSourceGate(limits: GateLimits, now: Now): SourceGate {
  const lanes = new Map<InstitutionCode, Lane>();
  const laneOf = (institution: InstitutionCode): Lane => {
    const lane = lanes.get(institution) ?? { busy: 0, failures: 0, openUntil: 0, waiting: [] };
    lanes.set(institution, lane);
    return lane;
  };
  const leave = (lane: Lane, well: boolean) => {
    lane.failures = well ? 0 : lane.failures + 1;
    if (lane.failures >= limits.failures) lane.openUntil = now().getTime() + limits.openMs;
    lane.busy--;
    lane.waiting.shift()?.();
  };
  return {
    async enter(institution, signal) {
      const lane = laneOf(institution);
      while (lane.busy >= limits.concurrent) {
        if (signal.aborted) return "capped";
        await turn(lane, signal);
      }
      // Past `openUntil` one request may try; the first failure closes the door again.
      if (lane.openUntil > now().getTime() || (lane.failures >= limits.failures && lane.busy > 0)) {
        lane.waiting.shift()?.();
        return "open";
      }
      lane.busy++;
      let left = false;
      return {
        leave(well) {
          if (!left) leave(lane, well);
          left = true;
        },
      };
    },
  };
}

function turn(lane: Lane, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      signal.removeEventListener("abort", give);
      resolve();
    };
    const give = () => {
      const at = lane.waiting.indexOf(go);
      if (at >= 0) lane.waiting.splice(at, 1);
      resolve();
    };
    lane.waiting.push(go);
    signal.addEventListener("abort", give, { once: true });
  });
}
