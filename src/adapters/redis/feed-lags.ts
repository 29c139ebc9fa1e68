import type { FeedLags } from "../../ingest/feed-lag.ts";
import type { RedisConnections } from "./connection.ts";

const kept = 500;

/** The last lags of each feed as lists in Redis. What Redis forgets is measured again; when it is down nothing is known. */
export function createFeedLags(redis: RedisConnections): FeedLags {
  const keyOf = (feed: string) => `hutong:lag:${feed}`;
  return {
    async add(feed, seconds) {
      const key = keyOf(feed);
      await redis.commands
        .multi()
        .lpush(key, ...seconds)
        .ltrim(key, 0, kept - 1)
        .exec()
        .catch(() => undefined);
    },
    async of(feed) {
      const texts = await redis.commands.lrange(keyOf(feed), 0, kept - 1).catch(() => []);
      return texts.map(Number);
    },
  };
}
