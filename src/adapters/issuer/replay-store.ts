import type { Redis } from "ioredis";
import type { Now } from "../../kernel/clock.ts";

/** Remembers which assertions were used, across processes, and since when it remembers. */
export interface ReplayStore {
  /** Seconds since 1970 at which the memory began; assertions issued then or before cannot be told from replays and are refused. */
  epoch(): Promise<number>;
  /** True for the first use of an id; the id is kept `seconds`. */
  firstUse(id: string, seconds: number): Promise<boolean>;
}

const epochKey = "hutong:issuer:epoch";

/**
 * On Redis, which may be wiped at any time: a wipe takes the epoch with it, so the next caller starts a new one and everything signed
 * before it is refused. Every method rejects within 2 s when Redis does not answer: no memory, no token.
 */
export function createReplayStore(redis: Pick<Redis, "multi" | "set">, now: Now): ReplayStore {
  return {
    async epoch() {
      const seconds = String(Math.floor(now().getTime() / 1000));
      const replies = await soon(redis.multi().set(epochKey, seconds, "NX").get(epochKey).exec());
      const [error, value] = replies?.[1] ?? [new Error("no reply")];
      if (error) throw error;
      return Number(value);
    },
    async firstUse(id, seconds) {
      return (await soon(redis.set(`hutong:issuer:used:${id}`, "1", "EX", Math.max(1, Math.ceil(seconds)), "NX"))) === "OK";
    },
  };
}

async function soon<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("Redis did not answer within 2 s")), 2_000);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
