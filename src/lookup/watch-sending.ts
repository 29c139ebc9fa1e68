import { pause } from "../kernel/clock.ts";

/** A response on its way out. Whoever sends it cuts it when `revoked` aborts, and says once how it ended. */
export interface Sending {
  /** Aborts when consent no longer permits what is being sent. */
  readonly revoked: AbortSignal;
  /** `cut` is audited; `left`: the client hung up. */
  readonly ended: (how: "sent" | "cut" | "left") => Promise<void>;
}

/** How often consent is asked while something is still being sent, in milliseconds: a cut must come within a second of a withdrawal. */
const askEveryMs = 400;
/** Nobody sends longer than this; a sender that forgot to say how it ended is not watched for ever. */
const longestMs = 600_000;

/** Watches consent for as long as a response is being sent. When it cannot be asked, the response is cut: silence is no consent. */
export function watchSending(permitted: () => Promise<boolean>, cut: () => Promise<void>): Sending {
  const revoked = new AbortController();
  const over = new AbortController();
  const watch = async () => {
    for (let elapsed = 0; elapsed < longestMs; elapsed += askEveryMs) {
      await pause(askEveryMs, over.signal);
      if (over.signal.aborted) return;
      if (!(await permitted().catch(() => false))) return revoked.abort();
    }
    revoked.abort();
  };
  void watch();
  return {
    revoked: revoked.signal,
    async ended(how) {
      if (over.signal.aborted) return;
      over.abort();
      if (how === "cut") await cut();
    },
  };
}
