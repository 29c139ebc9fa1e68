import type { Now } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { FailedAuthentications } from "./use-cases.ts";

/** Counts failed authentications; a thing with a lifetime: `stop` tells what is still untold. */
export interface AuthenticationFailures {
  /** `client` is a registered client's id or `unknown`; `cause` a code. */
  note(client: string, cause: string): void;
  /** Tells every finished minute; what cannot be told is kept for the next time. */
  tell(): Promise<void>;
  stop(): Promise<void>;
}

/** One event per client and minute instead of one per attempt, so that somebody who guesses cannot fill the audit. */
export function createAuthenticationFailures(deps: {
  report(failures: FailedAuthentications): Promise<void>;
  readonly now: Now;
  readonly log: Log;
}): AuthenticationFailures {
  const counts = new Map<string, FailedAuthentications>();
  const minuteOf = (at: Date) => new Date(Math.floor(at.getTime() / 60_000) * 60_000);
  const tell = async (until: Date) => {
    for (const [key, failures] of [...counts].filter(([, one]) => one.minute < until)) {
      try {
        await deps.report(failures);
        counts.delete(key);
      } catch (err) {
        deps.log.error({ err }, "failed authentications could not be audited yet");
        return;
      }
    }
  };
  const tellFinished = () => tell(minuteOf(deps.now()));
  const timer = setInterval(() => void tellFinished(), 15_000).unref();
  return {
    note(client, cause) {
      const minute = minuteOf(deps.now());
      const key = `${minute.getTime()} ${client}`;
      const before = counts.get(key);
      const causes = { ...before?.causes, [cause]: (before?.causes[cause] ?? 0) + 1 };
      counts.set(key, { minute, client, count: (before?.count ?? 0) + 1, causes });
    },
    tell: tellFinished,
    async stop() {
      clearInterval(timer);
      await tell(new Date(8.64e15));
    },
  };
}
