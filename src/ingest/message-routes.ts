import type { Feed } from "../mapping/compile-feed.ts";
import type { MessageRoute } from "./accept-message.ts";

/** What a sender's messages say of themselves (MSH-3 to MSH-6); absent fields may say anything. */
export type MessageSender = Pick<MessageRoute, "application" | "facility" | "receivingApplication" | "receivingFacility">;

/** Who delivers a feed, and by what its messages are told from another supplier's of the same type; no senders = by type alone. */
export interface FeedSupplier {
  readonly client: string;
  readonly senders: readonly MessageSender[];
}

/** Which feed takes which HL7 v2 message: types as the feeds' tables declare them, senders as the registry does. */
export function messageRoutes(feeds: readonly Feed[], supplierOf: (feed: string) => FeedSupplier | undefined): MessageRoute[] {
  return feeds.flatMap((feed) => {
    const supplier = supplierOf(feed.name);
    if (feed.format !== "hl7v2" || supplier === undefined) return [];
    const types = new Set([...feed.tables.values()].flatMap((table) => table.messages));
    const senders = supplier.senders.length === 0 ? [{}] : supplier.senders;
    return [...types].flatMap((type) =>
      senders.map((sender) => ({ ...sender, type, client: supplier.client, feed: feed.name })),
    );
  });
}
