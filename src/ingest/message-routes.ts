import type { Feed } from "../mapping/compile-feed.ts";
import type { MessageRoute } from "./accept-message.ts";

/** Which feed takes which HL7 v2 message: as the feeds' tables declare their message types. `clientOf` = who delivers a feed. */
export function messageRoutes(feeds: readonly Feed[], clientOf: (feed: string) => string | undefined): MessageRoute[] {
  return feeds.flatMap((feed) => {
    const client = clientOf(feed.name);
    if (feed.format !== "hl7v2" || client === undefined) return [];
    const types = new Set([...feed.tables.values()].flatMap((table) => table.messages));
    return [...types].map((type) => ({ type, client, feed: feed.name }));
  });
}
