/** Lets the exports of one feed take only some of the places of a process, so that a feed with much (or slow, or broken) work never holds up another. */
export interface FeedTurns {
  /** Resolves to what gives the place back, or to undefined when the feed has all its places and none came free in a moment. */
  take(feed: string): Promise<(() => void) | undefined>;
}

/** `places` for each feed; `holdMs` = how long somebody waits for one before the next export in the queue is looked at. */
export function createFeedTurns(places: number, holdMs: number): FeedTurns {
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const leave = (feed: string) => () => {
    const next = waiting.get(feed)?.shift();
    if (next !== undefined) return next();
    waiting.delete(feed);
    const left = (running.get(feed) ?? 1) - 1;
    if (left > 0) running.set(feed, left);
    else running.delete(feed);
  };
  return {
    async take(feed) {
      const taken = running.get(feed) ?? 0;
      if (taken < places) {
        running.set(feed, taken + 1);
        return leave(feed);
      }
      const line = waiting.get(feed) ?? [];
      waiting.set(feed, line);
      return new Promise((resolve) => {
        const called = () => {
          clearTimeout(timer);
          resolve(leave(feed));
        };
        const timer = setTimeout(() => {
          line.splice(line.indexOf(called), 1);
          resolve(undefined);
        }, holdMs);
        line.push(called);
      });
    },
  };
}
