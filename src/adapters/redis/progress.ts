import type { ResourceId } from "../../kernel/brand.ts";
import { pause } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { News, Progress } from "../../lookup/lookup-deps.ts";
import type { RedisConnections } from "./connection.ts";

/** Longest wait for a subscription to begin: with Redis down whoever listens looks for itself. */
const subscribeMs = 500;

/** Words about lookups over Redis publish/subscribe: one subscribing connection for the whole process, made when somebody first listens. */
export function createProgress(redis: RedisConnections, log: Log): Progress {
  const channels = new Map<string, { ears: Set<(news: News) => void>; begun: Promise<unknown> }>();
  const channelOf = (lookup: ResourceId) => `hutong:news:${lookup}`;
  let subscriber: ReturnType<RedisConnections["blocking"]> | undefined;

  const connected = () => {
    if (subscriber !== undefined) return subscriber;
    subscriber = redis.blocking();
    subscriber.on("message", (channel: string, word: string) => {
      if (word === "source" || word === "status") for (const heard of channels.get(channel)?.ears ?? []) heard(word);
    });
    return subscriber;
  };
  const quietly = (promise: Promise<unknown>) =>
    promise.then(
      () => {},
      () => log.debug("a subscription failed; listeners look for themselves"),
    );

  return {
    async tell(lookup, news) {
      await redis.commands.publish(channelOf(lookup), news).catch(() => 0);
    },
    async listen(lookup, heard) {
      const channel = channelOf(lookup);
      const one = channels.get(channel) ?? {
        ears: new Set(),
        begun: Promise.race([quietly(connected().subscribe(channel)), pause(subscribeMs)]),
      };
      channels.set(channel, one);
      one.ears.add(heard);
      await one.begun;
      return () => {
        one.ears.delete(heard);
        if (one.ears.size > 0 || channels.get(channel) !== one) return;
        channels.delete(channel);
        void quietly(connected().unsubscribe(channel));
      };
    },
  };
}
