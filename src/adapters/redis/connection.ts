import { Redis } from "ioredis";
import type { Log } from "../../kernel/log.ts";

/** Connections to one Redis: `commands` fails fast when it is down, `blocking` waits for it to come back (workers, subscribers). */
export interface RedisConnections {
  readonly commands: Redis;
  /** A connection of its own for whoever blocks on it; closed with the others. */
  blocking(): Redis;
  close(): void;
}

/** Connects in the background: nobody waits for Redis at start, since Redis is disposable. */
export function connectRedis(url: string, log: Log): RedisConnections {
  const open: Redis[] = [];
  const connect = (options: { maxRetriesPerRequest: number | null; enableOfflineQueue: boolean }) => {
    const redis = new Redis(url, {
      ...options,
      connectTimeout: 2_000,
      commandTimeout: options.enableOfflineQueue ? undefined : 2_000,
      retryStrategy: (times: number) => Math.min(100 * times, 1_000),
    } as never);
    redis.on("error", (error) => log.debug({ code: (error as { code?: string }).code }, "redis connection failed"));
    open.push(redis);
    return redis;
  };
  return {
    commands: connect({ maxRetriesPerRequest: 1, enableOfflineQueue: false }),
    blocking: () => connect({ maxRetriesPerRequest: null, enableOfflineQueue: true }),
    close: () => {
      for (const redis of open) redis.disconnect();
    },
  };
}
